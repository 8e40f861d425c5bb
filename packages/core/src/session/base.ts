import { PotError } from '@proof-of-training/halo2-wasm';
import { quantiseBase } from '@proof-of-training/lora-circuit';
import { baseCount, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { Run } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import { type CommittedBase, commitBase } from '../prove/base.js';
import type { ProofExecutor } from '../prove/executor.js';
import { recordModel } from '../record/index.js';
import { integerNetwork } from '../record/integers.js';
import type { Journal } from './journal.js';
import { specLoss } from './model.js';

/**
 * The frozen base of a run that is continued, from its folder; undefined for a run without one. It is committed to
 * anew: its digest must be the run's.
 *
 * Errors: `BASE_MISMATCH`, `STATE_DAMAGED`.
 */
export async function reopenBase(
  journal: Journal,
  { spec, base: digest }: Run,
  pool: ProofExecutor,
): Promise<CommittedBase | undefined> {
  const count = baseCount(spec);
  if (count === 0) return undefined;
  const { weights, salt } = await journal.readBase(count);
  const base = await commitBase(pool, spec, weights, salt);
  if (base.digest === digest) return base;
  throw new PotError(
    'BASE_MISMATCH',
    "the base in the run's folder is not the one that the run was begun on",
    {
      details: { run: digest, found: base.digest },
      hint: 'Restore the run folder from a copy, or start a new run.',
    },
  );
}

/**
 * Refuses a model that does not belong to a run with adapters: its base must be the run's, integer for integer.
 *
 * Errors: `MODEL_MISMATCH` (other layers or adapters), `code` with the first layer that differs; those of `recordModel`.
 */
export async function requireBase(
  model: LayersModel,
  spec: SgdSpec,
  base: BigInt64Array,
  code: 'BASE_MISMATCH' | 'BASE_CHANGED',
): Promise<void> {
  const { layers, loss } = await recordModel(model, { loss: specLoss(spec) });
  const { layers: shapes } = integerNetwork(layers, loss, spec.scales);
  const own = shapes.map((l, i) => [l.inputs, l.outputs, l.activation, l.bias, ranks(layers[i]!.adapter)]);
  const wanted = spec.layers.map((l, i) => [
    l.inputs,
    l.outputs,
    l.activation,
    l.bias,
    ranks(spec.lora?.adapters[i]),
  ]);
  if (JSON.stringify(own) !== JSON.stringify(wanted)) {
    throw new PotError('MODEL_MISMATCH', 'the model has other layers or adapters than the run', {
      details: { model: own, run: wanted },
    });
  }
  const weights = quantiseBase(
    spec,
    layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
  );
  let at = 0;
  for (const { name, inputs, outputs, bias } of layers) {
    for (const end = at + outputs * (inputs + (bias ? 1 : 0)); at < end; at++) {
      if (weights[at] === base[at]) continue;
      throw new PotError(code, `the model's base is not the run's: layer ${name} differs`, {
        details: { layer: name },
        hint: 'The run folder has the base: TrainingSession.resume(dir), without a model, makes one that has it.',
      });
    }
  }
}

function ranks(adapter: { rank: number; alpha: number } | null | undefined): number[] {
  return adapter ? [adapter.rank, adapter.alpha] : [];
}
