// What @proof-of-training/core looks for where its configuration names a queue; no promise of stability.

export { connectLinks } from './submit/connectLinks.js';
export { connectQueue } from './submit/connectQueue.js';
