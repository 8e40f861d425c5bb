import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { type PublicInputs, publicInputsSchema } from '@proof-of-training/sgd-circuit';
import { namedExpectations } from './options.js';

const HEX = ['runId', 'weightsIn', 'weightsOut', 'data', 'base'];

/**
 * Public inputs that a verifier of a single proof insists on, checked, digests in their canonical form.
 *
 * Errors: `EXPECTED_UNKNOWN` (with the nearest name), `PIN_INVALID`, `OPTION_INVALID`.
 */
export function readPublicExpectations(given: unknown): Partial<PublicInputs> {
  const { shape } = publicInputsSchema;
  const entries = namedExpectations(given, Object.keys(shape)).map(([name, value]) => {
    if (HEX.includes(name)) return [name, parsePin(`expected.${name}`, value)];
    if (value !== undefined && shape[name as keyof typeof shape].safeParse(value).success)
      return [name, value];
    throw new PotError('OPTION_INVALID', `expected.${name} is no value that this public input can have`, {
      details: { option: `expected.${name}` },
      hint: 'firstStep and epoch are whole numbers, eta is decimal text. Leave it out where nothing is expected.',
    });
  });
  return Object.fromEntries(entries);
}
