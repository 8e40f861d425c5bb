/**
 * What Node gives: `#platform` in this package (`imports` in package.json). A bundler of pages takes browser.ts in its
 * place, so that modules of Node are imported here and not by what a page loads.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { loadAddon } from '../addon.js';
import type { Name } from '../embedded/types.js';
import type { Native } from './native.js';

export { startDigestThread } from '../apart/startInNode.js';
export { spawnThread } from '../threads/spawnInNode.js';

/** Threads may wait for others here, all of them. */
export const inNode = true;

/** Whether files of this package may be missing though it is whole. */
export const mayLackFiles = false;

/** The bytes of one of this package's files. */
export async function contentOf(url: URL, _name: Name): Promise<Uint8Array> {
  return new Uint8Array(await readFile(url));
}

/** One of this package's artifacts, compiled. */
export async function compiledFrom(url: URL, _name: Name): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(url));
}

/** The native engine, with a thread a core. Errors: those of `loadAddon`. */
export async function loadNative(): Promise<Native> {
  return { addon: await loadAddon(), threads: cores() };
}

/** Cores that this process may use. */
export function cores(): number {
  // Node 20 has no navigator.
  return availableParallelism();
}
