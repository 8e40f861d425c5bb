import { PotError } from '@proof-of-training/halo2-wasm';

/** TensorFlow.js. */
export type Tf = typeof import('@tensorflow/tfjs');

/** TensorFlow.js, loaded when it is needed: the user's own copy and backend. Errors: `TFJS_MISSING`. */
export async function loadTf(): Promise<Tf> {
  try {
    return await import('@tensorflow/tfjs');
  } catch (cause) {
    throw new PotError('TFJS_MISSING', 'TensorFlow.js is not installed', {
      cause,
      hint: 'Install @tensorflow/tfjs 4.22.0 beside this package.',
    });
  }
}
