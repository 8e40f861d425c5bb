import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import type { InferenceProof } from '../bundle/inference.js';
import { namedExpectations } from './options.js';

/** What a verifier of an inference knows already: everything given here must be so. */
export interface InferenceExpectations {
  /** Digest of the model's weights: a run's `weightsAfter`. */
  weights?: string;
  /** What the proof must be bound to: of a request that the verifier made. */
  context?: string;
  /** The graph's text: of a public model, which the verifier writes anew (`verifyForest`). */
  graph?: string;
}

const NAMES = ['weights', 'context', 'graph'];

/**
 * Expectations, checked, with digests in their canonical form. Errors: `EXPECTED_UNKNOWN` (with the nearest name), `PIN_INVALID`,
 * `OPTION_INVALID`.
 */
export function readInferenceExpectations(given: unknown): InferenceExpectations {
  return Object.fromEntries(
    namedExpectations(given, NAMES).map(([name, value]) => [
      name,
      name === 'graph' ? textOf(value) : parsePin(`expected.${name}`, value),
    ]),
  );
}

/** Errors: `OPTION_INVALID`. */
function textOf(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new PotError('OPTION_INVALID', "expected.graph: the graph's text", {
    details: { where: 'verifyInference', option: 'expected' },
  });
}

/** Compares the file with what is expected. Errors: `EXPECTED_MISMATCH`. */
export function expectInference(
  { public: statement, key, graph }: InferenceProof,
  expected: InferenceExpectations,
  expectedKey: string | undefined,
): string {
  const found = { weights: statement.weights, context: statement.context, graph };
  for (const [name, value] of Object.entries(expected)) {
    if (found[name as keyof InferenceExpectations] !== value) throw mismatch(name, value);
  }
  if (expectedKey !== undefined && parsePin('key', key) !== expectedKey) {
    throw mismatch('expectedKey', expectedKey);
  }
  const pinned = [...Object.keys(expected), ...(expectedKey === undefined ? [] : ['key'])];
  return pinned.length > 0 ? `as expected: ${pinned.join(', ')}` : 'nothing was expected';
}

function mismatch(name: string, expected: string): PotError {
  return new PotError('EXPECTED_MISMATCH', `${name} is not what the verifier expects`, {
    // A graph may have megabytes.
    details: { name, ...(name !== 'graph' && { expected }) },
  });
}
