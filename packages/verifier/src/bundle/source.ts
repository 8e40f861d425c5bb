import { PotError } from '@proof-of-training/halo2-wasm';

/** A file as people have it: text, bytes, or the value that is in it. */
export type Readable = string | Uint8Array | ArrayBuffer | object;

/** What is fetched or dropped on a page: read once. */
interface Body {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A file that may still have to be read: a `Response` of fetch, a `Blob` or `File` is read to its bytes; everything else is given
 * back as it is.
 *
 * Errors: `SOURCE_INVALID` for a response with a status of failure or one that was read already, and for a promise.
 */
export async function sourceOf(source: unknown): Promise<Readable> {
  // Before this function's own promise would wait for it.
  if (isPromise(source)) invalid('a promise', 'Await it first.');
  if (!isBody(source)) return source as Readable;
  const { ok, status } = source as Partial<Response>;
  if (ok === false) {
    throw new PotError('SOURCE_INVALID', `the response is no file: its status is ${status}`, {
      details: { status },
    });
  }
  try {
    return new Uint8Array(await source.arrayBuffer());
  } catch (cause) {
    throw new PotError('SOURCE_INVALID', 'the response or blob cannot be read (was it read before?)', {
      cause,
    });
  }
}

/**
 * Text or bytes of a file, or the value that was read from it already.
 *
 * Errors: `SOURCE_INVALID` for what is neither: nothing, numbers, promises, responses.
 */
export function contentOf(source: unknown): { raw: string | Uint8Array } | { value: object } {
  if (typeof source === 'string') return { raw: source };
  if (ArrayBuffer.isView(source)) {
    return { raw: new Uint8Array(source.buffer, source.byteOffset, source.byteLength) };
  }
  if (isArrayBuffer(source)) return { raw: new Uint8Array(source) };
  if (typeof source !== 'object' || source === null) invalid(source === null ? 'null' : typeof source, FILE);
  if (isPromise(source)) invalid('a promise', 'Await it first.');
  if (isBody(source)) invalid('a response or blob', 'Give what its arrayBuffer() gives.');
  return { value: source };
}

const FILE = "Give the file's text, its bytes, or the value that was read from it.";

function invalid(what: string, hint: string): never {
  throw new PotError('SOURCE_INVALID', `this is no file, but ${what}`, { hint });
}

function isPromise(source: unknown): boolean {
  return (
    typeof source === 'object' && source !== null && typeof (source as { then?: unknown }).then === 'function'
  );
}

/** Also of another realm (a frame, a test's sandbox). */
function isArrayBuffer(source: unknown): source is ArrayBuffer {
  const tag = Object.prototype.toString.call(source);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

function isBody(source: unknown): source is Body {
  return (
    typeof source === 'object' &&
    source !== null &&
    !ArrayBuffer.isView(source) &&
    typeof (source as Partial<Body>).arrayBuffer === 'function'
  );
}
