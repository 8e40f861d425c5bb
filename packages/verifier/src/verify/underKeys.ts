import { PotError, type Prover } from '@proof-of-training/halo2-wasm';
import { decodeProof } from '../bundle/parse.js';
import type { ProofEntry } from '../bundle/schema.js';
import type { Run } from '../run/schema.js';

/**
 * The keys that the run names are derived here from its circuits. Errors: `KEY_DIGEST`.
 *
 * @example
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, {});
 * checkKeys(run, halo2.prover(srs.bytes));
 */
export function checkKeys({ spec, genesisSpec, keys }: Omit<Run, 'shards'>, prover: Prover): string {
  const [window, genesis] = [spec, genesisSpec].map((circuit) => prover.vkDigest(JSON.stringify(circuit)));
  if (window !== keys.window || genesis !== keys.genesis) {
    throw new PotError('KEY_DIGEST', 'the keys are not the ones of the public architecture');
  }
  return 'verifying keys derived from the public architecture';
}

/**
 * A proof of one of the run's circuits holds. Errors: `VERIFY_*`.
 *
 * @example
 * const { run, windows } = parseBundle(await readFile('run.json'));
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, {});
 * checkProof(run, run.spec, windows[0]!, halo2.prover(srs.bytes));
 */
export function checkProof(
  { transcript }: Omit<Run, 'shards'>,
  spec: Run['spec'],
  entry: ProofEntry,
  prover: Prover,
): string {
  prover.verify(JSON.stringify(spec), JSON.stringify(entry.public), decodeProof(entry.proof), transcript);
  return 'holds';
}
