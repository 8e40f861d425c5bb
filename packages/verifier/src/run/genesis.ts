import { type PublicInputs, ZERO32 } from '@proof-of-training/sgd-circuit';
import type { Run } from './schema.js';

/** What a run's genesis proof is about: the first weights, and the frozen base where there is one, in no step. */
export function genesisStatement(run: Pick<Run, 'runId' | 'eta' | 'genesis' | 'base'>): PublicInputs {
  return {
    runId: run.runId,
    firstStep: 0,
    epoch: 0,
    eta: run.eta,
    weightsIn: run.genesis,
    weightsOut: ZERO32,
    data: ZERO32,
    ...(run.base !== undefined && { base: run.base }),
  };
}
