import type { StepProverOptions } from '../auto/stepProver.js';
import { workerCount } from '../prove/threads.js';

export interface ProverOptions extends Omit<StepProverOptions, 'workers'> {
  /** Tasks that are prepared, wait for a thread or run at once; default: twice the workers. */
  batchSize?: number;
}

/** Settings with their defaults. Errors: `OPTION_INVALID`. */
export function resolveProver(numWorkers: number | undefined, options: ProverOptions) {
  const workers = workerCount(numWorkers);
  const lanes = options.batchSize === undefined ? 2 * workers : workerCount(options.batchSize);
  return { workers, lanes };
}
