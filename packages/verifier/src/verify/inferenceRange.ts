import { PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceProof } from '../bundle/inference.js';
import type { Readable } from '../bundle/parse.js';
import { verifyTrainingProof } from './proof.js';
import { type ReferenceOptions, sameSrs } from './reference.js';
import type { Checklist } from './report.js';

/**
 * Verifies the genesis proof that is said to be of a model's weights: its first weights, and its frozen base where the model has one, have
 * the proof's digests, under one SRS. Gives false where that does not hold.
 */
export async function checkInferenceRange(
  list: Checklist,
  file: InferenceProof,
  genesis: Readable | undefined,
  reference: ReferenceOptions,
): Promise<boolean> {
  if (genesis === undefined) return true;
  return list.run('genesis', async () => {
    const { weights, frozen } = file.public;
    const { ok, failure, kind, referenceString } = await verifyTrainingProof(genesis, {
      ...reference,
      // Frozen weights that the proof says nothing of could have any size.
      expected: { weightsIn: weights, ...(frozen !== '' && { base: frozen }) },
    });
    if (!ok) {
      throw new PotError(
        'INFERENCE_GENESIS',
        `the genesis proof does not hold of these weights: ${failure?.message}`,
        {
          details: { ...(failure && { code: failure.code }) },
        },
      );
    }
    if (kind !== 'genesis' || !referenceString || !sameSrs(referenceString, file.srs)) {
      throw new PotError('INFERENCE_GENESIS', 'this is no genesis proof under the SRS of the inference');
    }
    return 'the weights are in the range that the proof assumes';
  });
}
