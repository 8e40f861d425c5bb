/** One thread of a prover, in a browser: started by spawnInBrowser.ts. */
import type { Joining } from './artifact.js';
import { work } from './work.js';

addEventListener('message', ({ data }: MessageEvent<Joining>) => work(data, () => postMessage('ready')), {
  once: true,
});
