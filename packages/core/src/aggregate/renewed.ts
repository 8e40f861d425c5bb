import { PotError } from '@proof-of-training/halo2-wasm';
import { checkChain } from '@proof-of-training/verifier';
import type { Renewed, RunBundle } from '@proof-of-training/verifier/files';

/**
 * What an aggregate's file has of a bundle whose commitments were renewed: all shards, and each renewal with the first window that uses it;
 * undefined without renewals. The bundle's own rules hold first.
 *
 * Errors: those of `checkChain`; `RENEWAL_UNUSED`.
 */
export function renewedOf(bundle: RunBundle): Renewed | undefined {
  const { run, windows, renewals } = bundle;
  if (!renewals) return undefined;
  checkChain(bundle);
  const first = new Map<string, number>();
  windows.forEach(({ public: { data, base } }, n) => {
    for (const digest of [data, base]) if (digest !== undefined && !first.has(digest)) first.set(digest, n);
  });
  // One that serves no window itself begins with the next of its chain.
  const next = new Map<number | undefined, number>();
  const begun = [...renewals].reverse().map((entry) => {
    const window = first.get(entry.public.after) ?? next.get(entry.shard);
    if (window === undefined) throw new PotError('RENEWAL_UNUSED', 'a renewal serves no window');
    next.set(entry.shard, window);
    return { ...entry, window };
  });
  return { shards: run.shards, renewals: begun.reverse().sort((a, b) => a.window - b.window) };
}
