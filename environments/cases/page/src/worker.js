import { verify } from './verify.js';

self.onmessage = async ({ data }) => self.postMessage(await verify(data));
