import { asPotError, isPotError, PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';

/** What an engine does: each part can fail in ways of its own. */
export type Stage = 'register' | 'compile' | 'prove' | 'verify' | 'inference';

/** How an engine fails: the code of its errors. */
export type ZkmlErrorCode = Extract<PotErrorCode, `ZKML_${string}`>;

/** A value inside the network, for this input. */
const WITNESS: ZkmlErrorCode = 'ZKML_WITNESS_FAILED';

/** By the code of what happened, or the part of it before the last `*`. The first that fits counts. */
const REASONS: Record<Stage, readonly (readonly [string, ZkmlErrorCode])[]> = {
  register: [
    ['ONNX_INVALID', 'ZKML_PARSING_FAILED'],
    ['OPENING_INVALID', 'ZKML_PARSING_FAILED'],
    ['FORMAT_*', 'ZKML_PARSING_FAILED'],
    ['OPENING_COMMITMENT', 'ZKML_SECURITY'],
    ['SRS_*', 'ZKML_SECURITY'],
    ['CIRCUIT_*', 'ZKML_CIRCUIT_INVALID'],
    ['GRAPH_*', 'ZKML_CIRCUIT_INVALID'],
    ['SPEC_*', 'ZKML_CIRCUIT_INVALID'],
    ['*', 'ZKML_MODEL_INVALID'],
  ],
  compile: [
    ['OPENING_COMMITMENT', 'ZKML_SECURITY'],
    ['SALT_EXHAUSTED', 'ZKML_LIMIT'],
    ['CIRCUIT_*', 'ZKML_CIRCUIT_INVALID'],
    ['GRAPH_*', 'ZKML_CIRCUIT_INVALID'],
    ['SPEC_*', 'ZKML_CIRCUIT_INVALID'],
    ['SRS_NEEDED', 'ZKML_CIRCUIT_INVALID'],
    ['*', 'ZKML_COMPILATION_FAILED'],
  ],
  prove: [
    ['DATA_SHAPE', 'ZKML_INPUT_INVALID'],
    ['VALUE_NOT_FINITE', 'ZKML_INPUT_INVALID'],
    ['VALUE_OUT_OF_RANGE', 'ZKML_INPUT_INVALID'],
    ['VALUE_RANGE', WITNESS],
    ['CIRCUIT_TOO_LARGE', 'ZKML_LIMIT'],
    ['SALT_EXHAUSTED', 'ZKML_LIMIT'],
    ['OPENING_COMMITMENT', 'ZKML_SECURITY'],
    ['SRS_*', 'ZKML_SECURITY'],
    ['*', 'ZKML_PROVING_FAILED'],
  ],
  verify: [
    ['FORMAT_*', 'ZKML_PROOF_INVALID'],
    ['PROOF_*', 'ZKML_PROOF_INVALID'],
    ['EXPECTED_MISMATCH', 'ZKML_SECURITY'],
    ['INFERENCE_GENESIS', 'ZKML_SECURITY'],
    ['INFERENCE_WEIGHTS', 'ZKML_SECURITY'],
    ['SRS_*', 'ZKML_SECURITY'],
    ['*', 'ZKML_VERIFICATION_FAILED'],
  ],
  inference: [
    ['DATA_SHAPE', 'ZKML_INPUT_INVALID'],
    ['VALUE_NOT_FINITE', 'ZKML_INPUT_INVALID'],
    ['VALUE_OUT_OF_RANGE', 'ZKML_INPUT_INVALID'],
    ['VALUE_RANGE', WITNESS],
    ['*', 'ZKML_INFERENCE_FAILED'],
  ],
};

/** Of whoever called: said as it is. */
const OWN = ['OPTION_', 'PIN_', 'ZKML_', 'EXPECTED_UNKNOWN'];

/**
 * A failure as the engine's own error, with what is behind it as `cause` and its code in the details. What is wrong with options stays
 * what it is.
 */
export function failureOf(stage: Stage, e: unknown): PotError {
  const error = asPotError(e);
  if (OWN.some((start) => error.code.startsWith(start))) return error;
  const [, code] = REASONS[stage].find(([pattern]) => fits(pattern, error.code))!;
  return new PotError(code, error.shortMessage, {
    details: { ...error.details, stage, code: error.code },
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}

function fits(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern;
}

/** Whether a commitment was opened as often as it may be. */
export function isExhausted(e: unknown): boolean {
  return isPotError(e) && (e.code === 'SALT_EXHAUSTED' || e.details.code === 'SALT_EXHAUSTED');
}

/** That a stage took too long. */
export function timeoutOf(stage: Exclude<Stage, 'register'>, seconds: number): PotError {
  return new PotError('ZKML_TIMEOUT', `${stage}: it took longer than ${seconds} s, and was ended`, {
    details: { stage, limit: `timeouts.${stage}`, seconds },
  });
}

/** Why a signal ended work. */
export function abortOf(reason: unknown): PotError {
  if (isPotError(reason)) return reason;
  return new PotError('ZKML_ABORTED', 'the work was cancelled', { cause: reason });
}

/** That a limit is reached. */
export function limitOf(limit: string, most: number, what: string): PotError {
  return new PotError('ZKML_LIMIT', `${what}: there are at most ${most}`, { details: { limit, most } });
}
