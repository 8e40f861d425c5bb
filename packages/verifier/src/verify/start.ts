import { PotError, type Prover } from '@proof-of-training/halo2-wasm';
import type { HashPair } from '../hash/pair.js';
import { ColumnDigests } from '../run/columnDigests.js';
import type { Run } from '../run/schema.js';
import { seedOf, settingsDigest, settingsOf } from '../run/seeds.js';
import { seededWeights, startText } from '../start/start.js';

/**
 * First weights that are said to come from the public seed do: they are made again and committed to under the public
 * salt, and the digest is the run's.
 *
 * Errors: `START_SEED`; those of the commitment.
 *
 * @example
 * import { poseidonPair } from '@proof-of-training/verifier/run';
 *
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, {});
 * console.log(checkStart(run, run.shards.length, halo2.prover(srs.bytes), poseidonPair));
 */
export function checkStart(
  run: Omit<Run, 'shards'>,
  shardCount: number,
  prover: Pick<Prover, 'commitWeights'>,
  pair: HashPair,
): string {
  const { start, spec } = run;
  if (start.kind === 'given') return 'given by the one who trained: nothing says where they come from';
  const settings = settingsDigest(settingsOf(run, shardCount));
  const weights = seededWeights(spec, start, seedOf(run, settings, 'weights'));
  const points = prover.commitWeights(JSON.stringify(spec), weights, seedOf(run, settings, 'weights salt'));
  if (new ColumnDigests(pair).weights(spec, points) !== run.genesis) {
    throw new PotError('START_SEED', 'the first weights are not those that the public seed gives', {
      hint: 'Whoever trained chose them. Ask for a run that says so (start given), or for one that begins with its seed.',
    });
  }
  return `those that the public seed gives (${startText(start)})`;
}

/**
 * What is known of the order in which the data were used, in one line.
 *
 * @example
 * const { run } = parseBundle(await readFile('run.json'));
 * console.log(orderText(run, run.shards.length));
 */
export function orderText(run: Omit<Run, 'runId' | 'shards'>, shardCount: number): string {
  const { beacon, start } = run;
  if (!beacon) {
    return `no beacon: the order${start.kind === 'seed' ? ' and the first weights' : ''} could have been chosen, by trying`;
  }
  const settings = settingsDigest(settingsOf(run, shardCount));
  const fixed = `nobody could choose the order if dataset root and settings ${settings} were public before`;
  return beacon.kind === 'value'
    ? `from the value ${beacon.value}: ${fixed}, and if it is what its source gave then (the file says ${JSON.stringify(beacon.source)})`
    : `from block ${beacon.block} of chain ${beacon.chainId} (registry ${beacon.registry}): ${fixed}; ask that chain`;
}
