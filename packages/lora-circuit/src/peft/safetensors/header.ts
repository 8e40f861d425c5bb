import { PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue, parseStrictJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { shown } from '../shown.js';
import { DTYPE_BYTES, type Dtype, isDtype } from './dtype.js';

/** Bytes before the header: its length, 64 bits, little-endian. */
export const LENGTH_BYTES = 8;
/** Largest header that is read, in bytes. An adapter of a thousand modules has about 300,000. */
export const MAX_HEADER_BYTES = 16 << 20;
/** The name under which the header has its free text. */
export const METADATA = '__metadata__';

/** One tensor as the header describes it, its bytes counted from the end of the header. */
export interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

export interface Header {
  metadata: Record<string, string>;
  /** In the order of their bytes. */
  entries: Entry[];
  /** Where the tensors' bytes begin in the file. */
  dataStart: number;
}

/** Largest number of sizes in a shape. */
const MAX_DIMENSIONS = 64;
/** An entry's fields: dtype, shape, data_offsets. */
const FIELDS = 3;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** Reads the header and checks each entry by itself; how the entries lie in the file is not checked here. */
export function readHeader(bytes: Uint8Array): Header {
  const { text, dataStart } = headerText(bytes);
  const value = headerValue(text);
  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, raw] of Object.entries(value)) {
    if (name === METADATA) metadata = readMetadata(raw);
    else entries.push(readEntry(name, raw));
  }
  // Empty tensors first where two begin together: they take no bytes.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  return { metadata, entries, dataStart };
}

function headerText(bytes: Uint8Array): { text: string; dataStart: number } {
  if (bytes.byteLength < LENGTH_BYTES) {
    throw new PotError('SAFETENSORS_TRUNCATED', `${bytes.byteLength} bytes are no safetensors file`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new PotError(
      'SAFETENSORS_HEADER_TOO_LARGE',
      `the header claims ${length} bytes: up to ${MAX_HEADER_BYTES} are read`,
      { hint: 'The file is damaged, or no safetensors file.' },
    );
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.byteLength) {
    throw new PotError(
      'SAFETENSORS_TRUNCATED',
      `the header claims ${length} bytes, and ${bytes.byteLength - LENGTH_BYTES} follow`,
    );
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes.subarray(LENGTH_BYTES, dataStart)), dataStart };
  } catch (cause) {
    throw new PotError('SAFETENSORS_HEADER_NOT_UTF8', 'the header is not UTF-8', { cause });
  }
}

function headerValue(text: string): object {
  const json = parseStrictJson(text, { integersOnly: true, allowProto: true });
  if ('problem' in json) {
    if (json.problem === 'duplicate') {
      throw new PotError(
        'SAFETENSORS_HEADER_DUPLICATE_KEY',
        `the header has the name ${shown(json.key)} twice`,
      );
    }
    if (json.problem === 'number') {
      throw new PotError(
        'SAFETENSORS_HEADER_NOT_INTEGER',
        `a number in the header is no integer below ${Number.MAX_SAFE_INTEGER}`,
      );
    }
    throw notJson();
  }
  // The format asks for `{` as the first byte, so white space before it is refused as well.
  if (!text.startsWith('{')) throw notJson();
  return json.value as object;
}

function notJson(): PotError {
  return new PotError('SAFETENSORS_HEADER_NOT_JSON', 'the header is not a JSON object');
}

function readMetadata(raw: unknown): Record<string, string> {
  const fine =
    typeof raw === 'object' &&
    raw !== null &&
    !Array.isArray(raw) &&
    Object.values(raw).every((v) => typeof v === 'string');
  if (!fine) {
    throw new PotError('SAFETENSORS_HEADER_INVALID', `${METADATA} is not an object of strings`);
  }
  return raw as Record<string, string>;
}

function readEntry(name: string, raw: unknown): Entry {
  if (/\p{Surrogate}/u.test(name)) {
    throw new PotError('SAFETENSORS_HEADER_INVALID', `the name ${shown(name)} is not Unicode`);
  }
  // First, since the schema looks at every element of a shape and every name of an entry.
  if (isTooLong(raw))
    throw new PotError('SAFETENSORS_HEADER_INVALID', `tensor ${shown(name)} has a long entry`);
  const result = entrySchema.safeParse(raw);
  if (!result.success) {
    throw new PotError(
      'SAFETENSORS_HEADER_INVALID',
      `tensor ${shown(name)}, ${firstIssue(result.error).text}`,
    );
  }
  const { dtype, shape, data_offsets: offsets } = result.data;
  const [begin, end] = offsets;
  if (!isDtype(dtype)) {
    throw new PotError('SAFETENSORS_DTYPE', `tensor ${shown(name)} has numbers of type ${shown(dtype)}`, {
      hint: `Types that are read: ${Object.keys(DTYPE_BYTES).join(', ')}.`,
    });
  }
  if (begin > end) {
    throw new PotError(
      'SAFETENSORS_OFFSETS',
      `tensor ${shown(name)} ends (${end}) before it begins (${begin})`,
    );
  }
  if (end - begin !== elementCount(name, shape) * DTYPE_BYTES[dtype]) {
    throw new PotError(
      'SAFETENSORS_SIZE',
      `tensor ${shown(name)} has ${end - begin} bytes, which ${dtype} numbers of its shape do not take`,
      { details: { shape: shape.slice(0, 8), bytes: end - begin } },
    );
  }
  return { name, dtype, shape, begin, end };
}

function isTooLong(raw: unknown): boolean {
  if (typeof raw !== 'object' || raw === null) return false;
  const { shape } = raw as { shape?: unknown };
  return Object.keys(raw).length > FIELDS || (Array.isArray(shape) && shape.length > MAX_DIMENSIONS);
}

/** The product of a shape's sizes. Errors: `SAFETENSORS_SIZE` where a double does not hold it. */
export function elementCount(name: string, shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) {
      throw new PotError('SAFETENSORS_SIZE', `tensor ${shown(name)} is larger than any file`);
    }
  }
  return count;
}
