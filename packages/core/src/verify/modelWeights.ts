import { dequantiseWeights } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { PotError } from 'halo2-wasm';
import { decodeOpening, openingSchema } from '../bundle/opening.js';
import { circomlibPair } from '../commit/index.js';
import { recordModel } from '../record/index.js';
import { ColumnDigests } from '../run/columnDigests.js';
import { type ReferenceOptions, referenceFor } from './reference.js';
import { Checklist, type VerificationReport } from './report.js';

/**
 * Checks that a model's weights are the ones behind a commitment (the `weightsAfter` of a verified run), with the
 * opening that the owner gives. The model must hold the exact float32 view of the committed integers.
 */
export async function verifyModelWeights(
  model: LayersModel,
  commitment: string,
  opening: unknown,
  options: ReferenceOptions = {},
): Promise<VerificationReport> {
  const list = new Checklist();
  let development = false;
  const ok =
    (await list.run('opening', async () => {
      const parsed = openingSchema.safeParse(opening);
      if (!parsed.success) throw new PotError('OPENING_INVALID', 'this is no opening of a checkpoint');
      development = parsed.data.srs.development;
      const { spec } = parsed.data;
      const { weights, salt } = decodeOpening(parsed.data);
      const { halo2, srs } = await referenceFor(parsed.data.srs, spec.shape.k, options);
      const prover = halo2.prover(srs.bytes);
      try {
        const points = prover.commitWeights(JSON.stringify(spec), weights, salt);
        if (new ColumnDigests(await circomlibPair()).weights(spec, points) !== commitment) {
          throw new PotError('OPENING_COMMITMENT', 'the opening does not belong to this commitment');
        }
      } finally {
        prover.free();
      }
      return 'the opened integers are the committed ones';
    })) &&
    (await list.run('model', async () => {
      const parsed = openingSchema.parse(opening);
      await compare(model, dequantiseWeights(parsed.spec, decodeOpening(parsed).weights));
      return 'the model holds exactly these weights';
    }));
  return {
    ok,
    checks: list.checks,
    ...(list.failure && { failure: list.failure }),
    developmentSrs: development,
  };
}

async function compare(
  model: LayersModel,
  floats: { kernel: Float32Array; bias?: Float32Array }[],
): Promise<void> {
  const { layers } = await recordModel(model);
  if (layers.length !== floats.length) throw different('the number of layers');
  layers.forEach(({ name, kernel, biases }, l) => {
    if (!equal(kernel, floats[l]!.kernel)) throw different(`${name}/kernel`);
    if (!equal(biases ?? [], floats[l]!.bias ?? [])) throw different(`${name}/bias`);
  });
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function different(what: string): PotError {
  return new PotError('MODEL_DIFFERENT', `${what} of the model is not what was committed to`, {
    details: { tensor: what },
  });
}
