import { noAnswer } from './errors.js';

/** Largest document and file that are read of a registry. */
const MAX_JSON = 64 << 20;
export const MAX_FILE = 512 << 20;
const TIMEOUT_MS = 120_000;

/** `fetch`, or what stands for it. */
export type Fetch = typeof fetch;

/** The bytes at an address; undefined where there are none. Errors: `LEDGER_SOURCE`. */
export async function bytesAt(
  send: Fetch,
  url: URL,
  most = MAX_FILE,
  accept = '*/*',
): Promise<Buffer | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await send(url, { headers: { accept }, signal });
    if (response.status === 404) return undefined;
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > most) throw new Error(`more than ${most} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (cause) {
    throw noAnswer(url.host, url.pathname, cause);
  }
}

/** The JSON at an address; undefined where there is none. Errors: `LEDGER_SOURCE`. */
export async function jsonAt(send: Fetch, url: URL, accept = 'application/json'): Promise<unknown> {
  const bytes = await bytesAt(send, url, MAX_JSON, accept);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw noAnswer(url.host, `JSON at ${url.pathname}`, cause);
  }
}
