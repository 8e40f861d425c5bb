import { PotError, requireBytes } from '@proof-of-training/halo2-wasm';
import { shown } from '../shown.js';
import { type Dtype, toFloat32 } from './dtype.js';
import { readHeader } from './header.js';

/** A tensor, row by row. */
export interface Tensor {
  /** The number format in the file; `values` are float32 always. */
  dtype: Dtype;
  shape: readonly number[];
  values: Float32Array;
}

/** A safetensors file: its tensors by name, in the order of their bytes, and the free text of its header. */
export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, Tensor>;
}

/**
 * Reads a safetensors file of unknown origin: 8 bytes of header length, a JSON header, then the tensors' bytes.
 *
 * Every bound is checked before a tensor is read. As the reference implementation does it, the tensors must cover
 * the data exactly, one after the other: each byte belongs to one tensor. NaN and infinities are read as they are.
 *
 * Errors: `SAFETENSORS_TRUNCATED`, `SAFETENSORS_TRAILING_BYTES`, `SAFETENSORS_HEADER_TOO_LARGE` (above
 * {@link MAX_HEADER_BYTES}), `SAFETENSORS_HEADER_NOT_UTF8`, `SAFETENSORS_HEADER_NOT_JSON`,
 * `SAFETENSORS_HEADER_DUPLICATE_KEY`, `SAFETENSORS_HEADER_NOT_INTEGER`, `SAFETENSORS_HEADER_INVALID`,
 * `SAFETENSORS_DTYPE` (not F32, F16 or BF16), `SAFETENSORS_OFFSETS` (end before begin), `SAFETENSORS_SIZE` (bytes
 * against shape), `SAFETENSORS_OVERLAP`, `SAFETENSORS_HOLE`; `OPTION_INVALID` for no bytes.
 *
 * @example
 * const { tensors } = parseSafetensors(bytes);
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  requireBytes(bytes, 'parseSafetensors', 'bytes');
  const { metadata, entries, dataStart } = readHeader(bytes);
  const size = bytes.byteLength - dataStart;
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin < covered) {
      throw new PotError('SAFETENSORS_OVERLAP', `tensor ${shown(name)} shares bytes with another tensor`);
    }
    if (begin > covered) {
      throw new PotError('SAFETENSORS_HOLE', `the bytes before tensor ${shown(name)} belong to no tensor`);
    }
    covered = end;
  }
  if (covered > size) {
    throw new PotError('SAFETENSORS_TRUNCATED', `the header describes ${covered} bytes, and ${size} follow`);
  }
  if (covered < size) {
    throw new PotError(
      'SAFETENSORS_TRAILING_BYTES',
      `${size - covered} bytes after the last tensor belong to no tensor`,
    );
  }
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const data = bytes.subarray(dataStart + begin, dataStart + end);
    tensors.set(name, { dtype, shape, values: toFloat32(dtype, data) });
  }
  return { metadata, tensors };
}
