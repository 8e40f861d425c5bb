import { verify } from './verify.js';

self.onmessage = async ({ data: { bundles, aggregate } }) =>
  self.postMessage(await verify(bundles, aggregate));
