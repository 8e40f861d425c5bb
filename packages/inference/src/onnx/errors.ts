import { PotError } from '@proof-of-training/halo2-wasm';

/** A file that is no ONNX model, or a damaged or hostile one. */
export function invalid(what: string): PotError {
  return new PotError('ONNX_INVALID', `the ONNX model: ${what}`);
}

/** What is sound and not proven. `at`: the node, by name or by its first output. */
export function unsupported(at: string, what: string, hint?: string): PotError {
  return new PotError('ONNX_UNSUPPORTED', `${at}: ${what}`, { details: { node: at }, ...(hint && { hint }) });
}
