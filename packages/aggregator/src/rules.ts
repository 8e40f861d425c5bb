import { PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import type { WindowProof } from './aggregate.js';
import type { AggregatedRun, OpenRun } from './run.js';
import { type Beginning, beginningOf } from './statement.js';

/**
 * Proofs that a circuit can verify. Errors: `AGGREGATE_TRANSCRIPT`.
 *
 * @example
 * checkTranscript(bundle.run);
 */
export function checkTranscript({ transcript }: Pick<AggregatedRun, 'transcript'>): void {
  if (transcript === 'poseidon') return;
  throw new PotError(
    'AGGREGATE_TRANSCRIPT',
    "the run's proofs have the Blake2b transcript, which a circuit cannot verify",
    {
      hint: "Train with transcript 'poseidon', the default of new runs. The proofs of this one cannot be converted: they would have to be made again, with new salts.",
    },
  );
}

/**
 * The rules that make window `n` the next of its run, before any work is done on it: the circuit enforces them again.
 *
 * `weights`: digest that the windows before it ended with.
 *
 * Errors: `AGGREGATE_RUN`, `AGGREGATE_STEPS`, `AGGREGATE_RATE`, `AGGREGATE_BASE`, `AGGREGATE_SCHEDULE`,
 * `AGGREGATE_WEIGHTS`; details have the window's number.
 *
 * @example
 * checkNext(run, 3, weightsAfterWindow2, bundle.windows[3]);
 */
export function checkNext(run: OpenRun, n: number, weights: string, { public: p }: WindowProof): void {
  const refuse = (code: PotErrorCode, what: string, details: Record<string, unknown> = {}) => {
    throw new PotError(code, `window ${n}: ${what}`, { details: { window: n, ...details } });
  };
  if (p.runId !== run.runId) refuse('AGGREGATE_RUN', 'is of another run');
  const step = n * run.spec.steps;
  if (p.firstStep !== step) {
    refuse('AGGREGATE_STEPS', `begins at step ${p.firstStep}, not ${step}: missing, doubled or moved`);
  }
  if (p.eta !== (run.etaOf?.(n) ?? run.eta)) {
    refuse('AGGREGATE_RATE', "was made with another learning rate than the run's, or its schedule's");
  }
  const own = run.contentsOf?.(n);
  if (p.base !== (own ? own.base : run.base)) refuse('AGGREGATE_BASE', "is not about the run's frozen base");
  const { epoch, shard } = run.at(n);
  if (p.epoch !== epoch) refuse('AGGREGATE_SCHEDULE', `is of epoch ${p.epoch}, not ${epoch}`);
  if (p.data !== (own?.data ?? run.shard(shard).digest)) {
    refuse('AGGREGATE_SCHEDULE', `did not use shard ${shard}, which the schedule names`, { shard });
  }
  if (p.weightsIn !== weights) {
    refuse('AGGREGATE_WEIGHTS', 'does not continue the weights of the window before it');
  }
}

/**
 * All the rules about a run's windows from its first one on, or from `from` on: {@link checkTranscript}, {@link checkNext}.
 *
 * Errors: theirs; `AGGREGATE_EMPTY`.
 *
 * @example
 * checkWindows(await openRun(bundle.run), bundle.windows);
 */
export function checkWindows(
  run: OpenRun,
  proofs: readonly WindowProof[],
  from: Beginning = beginningOf(run),
): void {
  checkTranscript(run);
  if (proofs.length === 0) throw new PotError('AGGREGATE_EMPTY', 'there is no window to aggregate');
  let { weights } = from;
  proofs.forEach((proof, n) => {
    checkNext(run, from.window + n, weights, proof);
    weights = proof.public.weightsOut;
  });
}
