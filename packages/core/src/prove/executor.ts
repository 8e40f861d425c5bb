import type { TaskOptions } from './checks.js';
import type { ProverResult, ProverTask } from './tasks.js';

/**
 * What runs a prover's tasks: threads of this process ({@link ProverPool}), or workers on other machines, which
 * @proof-of-training/cluster reaches by a queue. Whoever proves takes either.
 *
 * @example
 * async function prove(executor: ProofExecutor, task: ProverTask): Promise<Uint8Array> {
 *   const { proof } = await executor.run(task);
 *   return proof!; // it has been verified
 * }
 */
export interface ProofExecutor extends AsyncDisposable {
  /** Tasks that may run at once: whoever hands over more waits. */
  readonly workers: number;
  /**
   * Runs one task. A proof has been verified before it is given. Errors: those of the prover; `PROVER_ABORTED`, `PROVER_CLOSED`,
   * `TASK_TOO_LARGE`; of threads `PROVER_CRASHED`; of a queue `CLUSTER_*`.
   */
  run(task: ProverTask, options?: TaskOptions): Promise<ProverResult>;
  /** No new tasks; waiting ones end with `PROVER_CLOSED`, running ones are waited for, or with `force` ended. */
  close(options?: { force?: boolean }): Promise<void>;
  /** Ends everything at once: `close({ force: true })`. */
  destroy(): Promise<void>;
}
