// A process that reads and makes entries of a shared cache for a while, in the order of its own seed, and says how
// many were wrong: node cacheWriter.mjs FOLDER SEED
import { createHash } from 'node:crypto';
import { ContentCache } from '../../dist/node.js';

const [directory, seed] = process.argv.slice(2);
const content = (n) => createHash('sha512').update(`entry ${n}`).digest();
let state = Number(seed);
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return state;
};
// Room for about 8 of the 16 entries: both processes evict what the other has just written.
const cache = new ContentCache({ directory, memoryCacheSizeMb: 0, diskCacheSizeMb: (8 * 64) / 2 ** 20 });
let wrong = 0;
for (let round = 0; round < 150; round++) {
  const n = random() % 16;
  const bytes = await cache.getOrMake(`entry/${n}`, () => new Uint8Array(content(n)));
  if (Buffer.compare(bytes, content(n)) !== 0) wrong++;
}
console.log(JSON.stringify({ wrong, hits: cache.hits, misses: cache.misses }));
