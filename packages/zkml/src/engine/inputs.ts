import { PotError } from '@proof-of-training/halo2-wasm';
import type { Held } from './models.js';
import type { ProveOptions } from './options.js';

/** Inputs as one array of samples, as the circuit takes them: divided by the model's scale. Errors: `ZKML_INPUT_INVALID`. */
export function inputsFor({ id, info, source }: Held, inputs: ProveOptions['inputs']): Float64Array {
  const { features } = info;
  const rows = Array.isArray(inputs) && Array.isArray(inputs[0]) ? (inputs as unknown[][]) : undefined;
  const short = rows?.findIndex((row) => !Array.isArray(row) || row.length !== features) ?? -1;
  if (short >= 0) throw wrong(id, `sample ${short} has not ${features} numbers`, { sample: short });
  const values: unknown[] = rows ? rows.flat() : Array.from(inputs as ArrayLike<number>);
  if (values.length === 0 || values.length % features !== 0)
    throw wrong(id, `${values.length} numbers are no samples of ${features}`, { features });
  const odd = values.findIndex((v) => typeof v !== 'number' || !Number.isFinite(v));
  if (odd >= 0)
    throw wrong(id, `number ${odd % features} of sample ${Math.floor(odd / features)} is not finite`, {});
  const scale = 'onnx' in source ? (source.inputScale ?? 1) : 1;
  return Float64Array.from(values as number[], (v) => v / scale);
}

function wrong(model: string, what: string, details: object): PotError {
  return new PotError('ZKML_INPUT_INVALID', `input of ${model}: ${what}`, { details: { model, ...details } });
}
