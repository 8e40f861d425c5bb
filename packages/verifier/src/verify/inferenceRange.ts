import { PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceProof } from '../bundle/inference.js';
import type { Readable } from '../bundle/parse.js';
import { verifyTrainingProof } from './proof.js';
import type { ReferenceOptions } from './reference.js';
import type { Checklist } from './report.js';

/**
 * Verifies the genesis proof that is said to be of a model's weights: its first weights have the proof's digest, under one SRS. Gives false
 * where that does not hold.
 */
export async function checkInferenceRange(
  list: Checklist,
  file: InferenceProof,
  genesis: Readable | undefined,
  reference: ReferenceOptions,
): Promise<boolean> {
  if (genesis === undefined) return true;
  return list.run('genesis', async () => {
    const { ok, failure, kind, referenceString } = await verifyTrainingProof(genesis, {
      ...reference,
      expected: { weightsIn: file.public.weights },
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
    if (kind !== 'genesis' || referenceString?.hash.replace(/^0x/, '') !== file.srs.hash.replace(/^0x/, '')) {
      throw new PotError('INFERENCE_GENESIS', 'this is no genesis proof under the SRS of the inference');
    }
    return 'the weights are in the range that the proof assumes';
  });
}
