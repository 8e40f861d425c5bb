/** Salt of one shard. */
export function saltOf(salts: Uint8Array, shard: number): Uint8Array {
  return salts.slice(32 * shard, 32 * (shard + 1));
}

/** A window's data as arrays of their own, so that only they cross to a thread. */
export function copy(shard: { x: Int32Array; y: Int32Array }): { x: Int32Array; y: Int32Array } {
  return { x: shard.x.slice(), y: shard.y.slice() };
}
