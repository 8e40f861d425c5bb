// Obtains a key five times, each time with a new prover: keyProcess.mjs FOLDER SPEC. Prints where it came from.
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { ProvingKeys } from '../../dist/prove/keys.js';

const [directory, json] = process.argv.slice(2);
const spec = JSON.parse(json);
const halo2 = await loadProver();
const { bytes } = await developmentSrs(halo2, spec.shape.k);
const origins = [];
for (let n = 0; n < 5; n++) {
  const prover = halo2.prover(bytes);
  origins.push((await new ProvingKeys(prover, { directory, diskCacheSizeMb: 64 }).ensure(spec)).key);
  prover.free();
}
console.log(JSON.stringify(origins));
