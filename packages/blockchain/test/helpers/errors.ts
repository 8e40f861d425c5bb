import { isPotError, type PotError } from '@proof-of-training/halo2-wasm';

/** The error of a promise that must reject. */
export async function refusal(promise: Promise<unknown>): Promise<PotError> {
  try {
    await promise;
  } catch (e) {
    if (isPotError(e)) return e;
    throw e;
  }
  throw new Error('this should have been refused');
}

/** Its code. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await refusal(promise)).code;
}
