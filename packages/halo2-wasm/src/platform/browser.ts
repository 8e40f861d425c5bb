/** What a browser gives: `#platform` in this package, outside Node (node.ts). No dynamic imports: a worker's bundle has one file. */
import { PotError } from '@proof-of-training/errors';
import { embedded, type Name } from '@proof-of-training/halo2-wasm/embedded';
import type { Native } from './native.js';

export { startDigestThread } from '../apart/startInBrowser.js';
export { spawnThread } from '../threads/spawnInBrowser.js';

/** A page's thread may not wait for others. */
export const inNode = false;

/** Whether files of this package may be missing though it is whole: where there are copies inside modules for that. */
export const mayLackFiles = embedded !== undefined;

/** The bytes of one of this package's files. `name`: of the copy inside a module, if there is one. */
export async function contentOf(url: URL, name: Name): Promise<Uint8Array> {
  try {
    return new Uint8Array(await (await fetched(url)).arrayBuffer());
  } catch (e) {
    return copyOf(name, e);
  }
}

/** One of this package's artifacts, compiled; while it is loaded, where the server says what it is. */
export async function compiledFrom(url: URL, name: Name): Promise<WebAssembly.Module> {
  try {
    const response = await fetched(url);
    if (typeOf(response).startsWith('application/wasm')) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (e) {
    return WebAssembly.compile((await copyOf(name, e)) as BufferSource);
  }
}

/** Errors: `ENGINE_UNAVAILABLE`, always. */
export async function loadNative(): Promise<Native> {
  throw new PotError('ENGINE_UNAVAILABLE', 'the native engine runs in Node only', {
    details: { engine: 'native', reason: 'browser' },
    hint: 'Choose wasm or auto.',
  });
}

/** Cores that this page may use; 1 where the browser does not say. */
export function cores(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

async function fetched(url: URL): Promise<Response> {
  const response = await fetch(url).catch((e) => {
    throw url.protocol === 'file:' ? forPages(url, e) : e;
  });
  // A development server answers with the page where there is no file.
  if (response.ok && !typeOf(response).startsWith('text/html')) return response;
  throw new Error(`${url.pathname}: ${response.status} ${response.statusText} ${typeOf(response)}`);
}

/** Node's fetch reads no files, and neither does that of most pages. */
function forPages(url: URL, cause: unknown): PotError {
  const name = url.pathname.split('/').slice(-2).join('/');
  return new PotError(
    'WASM_LOAD',
    `what runs here is this package's part for pages, which cannot read ${name}`,
    {
      cause,
      hint: "For Node, resolve packages under the condition node (a bundler's or test runner's exportConditions); give pages a server.",
    },
  );
}

function typeOf(response: Response): string {
  return response.headers.get('content-type') ?? '';
}

async function copyOf(name: Name, cause: unknown): Promise<Uint8Array> {
  const copy = embedded?.[name];
  if (!copy) throw cause;
  // A checkout has no copies: what is to be known is why they were needed.
  const { default: gzip } = await copy().catch(() => {
    throw cause;
  });
  const bytes = Uint8Array.from(atob(gzip), (c) => c.charCodeAt(0));
  const content = new Response(bytes).body!.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(content).arrayBuffer());
}
