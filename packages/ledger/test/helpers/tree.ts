import type { LogSource } from '../../src/index.js';
import { TreeBuilder } from '../../src/merkle/treeBuilder.js';

/** A tree of these entries, and its files as a source. */
export function treeOf(entries: readonly Uint8Array[]) {
  const files = new Map<string, Uint8Array>();
  const builder = new TreeBuilder(({ path, bytes }) => files.set(path, bytes));
  for (const entry of entries) builder.push(entry);
  for (const { path, bytes } of builder.partial()) files.set(path, bytes);
  return { builder, files, source: sourceOf(files) };
}

/** Files in memory. */
export function sourceOf(files: ReadonlyMap<string, Uint8Array>): LogSource {
  return { read: async (path) => files.get(path) };
}
