import { type CheckpointOpening, encodeWeights, FORMAT_VERSION } from '@proof-of-training/verifier/files';
import type { Run } from '@proof-of-training/verifier/run';
import type { ProofExecutor } from '../prove/executor.js';
import type { Checkpoint } from './checkpoint.js';

/** What opens the commitment to a checkpoint, which is made once more for its digest. Errors: those of the pool. */
export async function openingOf(
  { spec, srs }: Pick<Run, 'spec' | 'srs'>,
  { weights, salt }: Checkpoint,
  pool: ProofExecutor,
): Promise<CheckpointOpening> {
  const { digest } = await pool.run({ kind: 'commitWeights', spec, weights, salt });
  return {
    format: 'proof-of-training/opening',
    version: FORMAT_VERSION,
    spec,
    srs,
    commitment: digest!,
    weights: encodeWeights(weights),
    salt: Buffer.from(salt).toString('base64url'),
  };
}
