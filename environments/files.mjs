/** Real files for programs that verify: made by the first lesson, or kept as fixtures. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { dequantiseWeights } from '../packages/sgd-circuit/dist/index.js';
import { decodeOpening } from '../packages/verifier/dist/files.js';

const FIXTURES = fileURLToPath(new URL('../packages/blockchain/test/fixtures/', import.meta.url));

/** The run that was proven in `trainer`, as it is and altered. */
export function giveRuns(trainer, dir) {
  const bundle = readFileSync(join(trainer, 'runs/first.json'), 'utf8');
  writeFileSync(join(dir, 'bundle.json'), bundle);
  writeFileSync(join(dir, 'forged.json'), forged(bundle));
}

/** The run with one character of a proof changed. */
function forged(bundle) {
  const other = JSON.parse(bundle);
  const { proof } = other.windows[0];
  const at = proof.length >> 1;
  other.windows[0].proof = proof.slice(0, at) + (proof[at] === 'A' ? 'B' : 'A') + proof.slice(at + 1);
  return JSON.stringify(other);
}

/** A run's aggregate, and its form for a chain: `verify:onchain --out` made them. */
export function giveAnchored(dir) {
  for (const name of ['aggregate.json', 'evm-proof.json'])
    copyFileSync(join(FIXTURES, 'onchain', name), join(dir, name));
}

/** An opened commitment, and the network that it opens to, as plain numbers. */
export function giveOpening(dir) {
  const { opening } = JSON.parse(readFileSync(join(FIXTURES, 'run.json'), 'utf8'));
  const { spec } = opening;
  const weights = dequantiseWeights(spec, decodeOpening(opening).weights);
  const layers = weights.map(({ kernel, bias }, i) => ({
    ...spec.layers[i],
    name: `dense${i}`,
    kernel: [...kernel],
    biases: [...bias],
  }));
  writeFileSync(join(dir, 'opening.json'), JSON.stringify(opening));
  writeFileSync(join(dir, 'network.json'), JSON.stringify({ layers, loss: spec.loss }));
}

/** The copies inside modules of an installed halo2-wasm, each with the file that it is to be. */
export function copiesOf(installed) {
  const files = { 'plain.js': 'wasm/pot_wasm_bg.wasm', 'ignition.js': 'ceremony/ignition14.bin' };
  return Object.entries(files).map(([name, path]) => {
    const text = readFileSync(join(installed, 'embedded', name), 'utf8');
    const [, gzip] = /^export default '([\w+/=]+)';\n$/.exec(text) ?? [];
    if (!gzip) throw new Error(`embedded/${name} is no copy`);
    return { name, copy: gunzipSync(Buffer.from(gzip, 'base64')), file: readFileSync(join(installed, path)) };
  });
}
