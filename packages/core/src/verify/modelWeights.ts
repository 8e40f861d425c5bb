import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import { dequantiseWeights } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { PotError } from 'halo2-wasm';
import type { CheckpointOpening } from '../bundle/opening.js';
import { recordModel } from '../record/index.js';
import { openCommitment, readOpening } from './opening.js';
import type { ReferenceOptions } from './reference.js';
import { Checklist, type VerificationReport } from './report.js';

/**
 * Checks that a model's weights are the ones behind a commitment (the `weightsAfter` of a verified run), with the
 * opening that the owner gives. The model must hold the exact float32 view of the committed integers.
 *
 * Of a run with adapters the opening has these, and they are what is compared: that the model's base is the run's, its
 * digest says (`baseDigest`).
 */
export async function verifyModelWeights(
  model: LayersModel,
  commitment: string,
  opening: unknown,
  options: ReferenceOptions = {},
): Promise<VerificationReport> {
  const list = new Checklist();
  let opened: CheckpointOpening | undefined;
  let weights: BigInt64Array | undefined;
  const ok =
    (await list.run('opening', async () => {
      opened = readOpening(opening);
      weights = await openCommitment(opened, commitment, options);
      return 'the opened integers are the committed ones';
    })) &&
    (await list.run('model', async () => {
      const { spec } = opened!;
      if (spec.lora) {
        await compareAdapters(model, dequantiseAdapters(spec, weights!));
        return 'the model holds exactly these adapters';
      }
      await compare(model, dequantiseWeights(spec, weights!));
      return 'the model holds exactly these weights';
    }));
  return {
    ok,
    checks: list.checks,
    ...(list.failure && { failure: list.failure }),
    developmentSrs: opened?.srs.development ?? false,
    ...(list.ceremony && { ceremony: list.ceremony }),
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

async function compareAdapters(
  model: LayersModel,
  floats: ({ A: Float32Array; B: Float32Array } | null)[],
): Promise<void> {
  const { layers } = await recordModel(model);
  if (layers.length !== floats.length) throw different('the number of layers');
  layers.forEach(({ name, adapter }, l) => {
    if (!equal(adapter?.A ?? [], floats[l]?.A ?? [])) throw different(`${name}/lora_a`);
    if (!equal(adapter?.B ?? [], floats[l]?.B ?? [])) throw different(`${name}/lora_b`);
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
