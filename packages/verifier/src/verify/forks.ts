import { PotError, type Prover } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { parseBundle, type Readable } from '../bundle/parse.js';
import type { RunBundle } from '../bundle/schema.js';
import { sourceOf } from '../bundle/source.js';
import { merkleHashes, merkleRootInParts } from '../dataset/merkle.js';
import type { HashPair } from '../hash/pair.js';
import type { Pace } from './pace.js';
import { checkRenewal } from './renewals.js';
import type { Checklist } from './report.js';
import { checkChain, checkGenesisStatement, checkIdentity } from './structure.js';
import { checkProof } from './underKeys.js';

/** What a comparison with other bundles needs. */
export interface Comparison {
  against?: Readable | readonly Readable[];
  maxBytes?: number;
}

/**
 * Reads the bundles that a run is compared with, before any proof is looked at; undefined where one is refused. `bundle`'s own identity
 * must have been checked.
 *
 * Failures: those of `parseBundle`, of the identity and the chain of windows; `RUN_NOT_COMPARABLE` for a bundle of another run.
 */
export async function readOthers(
  list: Checklist,
  { run }: RunBundle,
  { against = [], maxBytes }: Comparison,
  pair: HashPair,
  pace: Pace,
): Promise<RunBundle[] | undefined> {
  const others: RunBundle[] = [];
  for (const [n, source] of (Array.isArray(against) ? against : [against]).entries()) {
    const readable = await list.run(`other ${n}`, async () => {
      const other = parseBundle(await sourceOf(source), maxBytes);
      if (other.run.runId !== run.runId) {
        throw new PotError('RUN_NOT_COMPARABLE', 'the other bundle is of another run', {
          details: { other: n, runId: run.runId, otherRunId: other.run.runId },
          hint: 'Only bundles with one run id can be forks of each other: compare a file of the same run.',
        });
      }
      const { shards } = other.run;
      const root = await pace.finish(
        `other ${n}`,
        merkleRootInParts(shards, pair),
        merkleHashes(shards.length),
      );
      checkIdentity(other.run, pair, root);
      checkChain(other);
      checkGenesisStatement(other);
      others.push(other);
      return `a bundle of the same run, ${windows(other.windows.length)}`;
    });
    if (!readable) return undefined;
  }
  return others;
}

/**
 * Compares a run whose proofs hold with others of its run id: one must be the beginning of the other. Proofs of one window may differ, since
 * each is blinded anew; what they say may not. Of the other, the proof at the parting and all renewals are verified:
 * without them anybody could invent a fork.
 *
 * Failures: `RUN_FORKED` with the first window where they part; `VERIFY_*` where the other's proof there does not hold.
 */
export async function checkForks(
  list: Checklist,
  bundle: RunBundle,
  others: readonly RunBundle[],
  prover: Prover,
): Promise<boolean> {
  for (const [n, other] of others.entries()) {
    if (!(await list.run(`fork ${n}`, () => compare(bundle, other, n, prover)))) return false;
  }
  return true;
}

function compare(bundle: RunBundle, other: RunBundle, n: number, prover: Prover): string {
  const [ours, theirs] = [bundle.windows.length, other.windows.length];
  const shared = Math.min(ours, theirs);
  for (let window = 0; window < shared; window++) {
    const [a, b] = [bundle.windows[window]!, other.windows[window]!];
    if (canonicalJson(a.public) === canonicalJson(b.public)) continue;
    for (const entry of other.renewals ?? []) checkRenewal(bundle.run, entry, prover);
    checkProof(bundle.run, bundle.run.spec, b, prover);
    throw new PotError('RUN_FORKED', `the run was forked: window ${window} has two proven endings`, {
      details: { other: n, window, firstStep: a.public.firstStep },
      hint: 'Two trainers went on with one run, from a copy or a restored backup of its folder. Nothing says which of the two is the run: ask them.',
    });
  }
  if (ours === theirs) return 'the other bundle has the same windows';
  return theirs < ours
    ? `the other bundle is this run's beginning, ${windows(theirs)}`
    : `this bundle is the other's beginning; ${windows(theirs - ours)} after it were not verified`;
}

function windows(n: number): string {
  return n === 1 ? '1 window' : `${n} windows`;
}
