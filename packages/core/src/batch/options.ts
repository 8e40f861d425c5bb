import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { workerCount } from '../prove/threads.js';
import type { StepProverOptions } from '../step/stepOptions.js';

export interface ProverOptions extends Omit<StepProverOptions, 'workers'> {
  /** Tasks that are prepared, wait for a thread or run at once; default: the configuration's, or twice the workers. */
  batchSize?: number;
}

/** Settings with their defaults. Errors: `OPTION_INVALID`. */
export function resolveProver(numWorkers: number | undefined, options: ProverOptions) {
  const { prover } = options.config ?? {};
  const workers = workerCount(numWorkers ?? prover?.numWorkers);
  const lanes = options.batchSize ?? prover?.batchSize ?? 2 * workers;
  if (Number.isInteger(lanes) && lanes >= 1) return { workers, lanes };
  throw new PotError('OPTION_INVALID', `batchSize must be a whole number from 1, not ${shown(lanes)}`);
}
