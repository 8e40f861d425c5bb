import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { shown } from '../shown.js';
import { elementCount, LENGTH_BYTES, MAX_HEADER_BYTES, METADATA } from './header.js';
import type { Tensor } from './parse.js';

const WHERE = 'serialiseSafetensors';
const tensorsSchema = z.array(
  z.tuple([
    z.string(),
    z.object({
      shape: z.array(z.number()).readonly(),
      values: z.custom((v) => v instanceof Float32Array, 'must be a Float32Array'),
    }),
  ]),
);
const iterableSchema = z.custom(
  (v) => typeof v === 'object' && v !== null && Symbol.iterator in v,
  'must be pairs of name and tensor (an array, a Map)',
);
const metadataSchema = z.record(z.string(), z.string());

/**
 * A safetensors file of float32 tensors, byte by byte the one that the reference implementation writes: tensors in
 * the order of their names (as UTF-8), the header filled with spaces to a multiple of 8 bytes.
 *
 * Errors: `SAFETENSORS_TENSOR` (shape against number of values, a name that the format keeps for itself or that is not
 * Unicode), `SAFETENSORS_HEADER_TOO_LARGE`, `OPTION_INVALID`.
 *
 * @example
 * const bytes = serialiseSafetensors([['w', { shape: [2], values: Float32Array.of(1, 2) }]]);
 */
export function serialiseSafetensors(
  tensors: Iterable<readonly [string, Pick<Tensor, 'shape' | 'values'>]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  checkArgument(iterableSchema, tensors, WHERE, 'tensors');
  const given = checkArgument(tensorsSchema, [...tensors], WHERE, 'tensors');
  checkArgument(metadataSchema, metadata, WHERE, 'metadata');
  const sorted = given.map(([name, tensor]) => ({ ...tensor, name, key: utf8(name) }));
  sorted.sort((a, b) => compareBytes(a.key, b.key));
  const fields: string[] = [];
  for (const [key, value] of Object.entries(metadata)) utf8(key + value);
  if (Object.keys(metadata).length > 0) fields.push(`"${METADATA}":${JSON.stringify(metadata)}`);
  let size = 0;
  sorted.forEach(({ name, shape, values }, i) => {
    const whole = shape.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!whole || elementCount(name, shape) !== values.length) {
      throw new PotError(
        'SAFETENSORS_TENSOR',
        `tensor ${shown(name)} has not the values that its shape says`,
      );
    }
    if (name === METADATA || name === sorted[i - 1]?.name) {
      throw new PotError('SAFETENSORS_TENSOR', `the name ${shown(name)} is taken`);
    }
    const end = size + values.byteLength;
    // Not through an object: it would sort names that are numbers, and lose the name __proto__.
    fields.push(
      `${JSON.stringify(name)}:{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":[${size},${end}]}`,
    );
    size = end;
  });
  const json = utf8(`{${fields.join(',')}}`);
  const header = Math.ceil(json.length / 8) * 8;
  if (header > MAX_HEADER_BYTES) {
    throw new PotError('SAFETENSORS_HEADER_TOO_LARGE', `the header would have ${header} bytes`);
  }
  const bytes = new Uint8Array(LENGTH_BYTES + header + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(header), true);
  bytes.set(json, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + json.length, LENGTH_BYTES + header);
  let at = LENGTH_BYTES + header;
  for (const { values } of sorted) {
    for (let i = 0; i < values.length; i++, at += 4) view.setFloat32(at, values[i]!, true);
  }
  return bytes;
}

/** UTF-8 of a text. Errors: `SAFETENSORS_TENSOR` for half a surrogate pair, which has no UTF-8. */
function utf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) {
    throw new PotError('SAFETENSORS_TENSOR', `${shown(text)} is not Unicode`);
  }
  return new TextEncoder().encode(text);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
