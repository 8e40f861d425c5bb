import { isTransient } from '../contracts/errors.js';
import type { Connection } from './connect.js';
import type { WatchOptions } from './options.js';
import type { Registry } from './registry.js';
import type { Anchor } from './types.js';

/** What happened to a run's anchors. */
export type WatchEvent =
  /** It has its confirmations. */
  | { type: 'anchored'; anchor: Anchor }
  /** It was told of, and a reorganisation deeper than the confirmations took it away. */
  | { type: 'removed'; anchor: Anchor };

/**
 * Watches by reading the registry's state, not its log, so that a reorganisation shows as a difference. A server that
 * does not answer is asked again. Resolves when the signal is aborted; rejects with an error that asking again does not
 * help.
 */
export async function watchRun(
  connection: Connection,
  registry: Registry,
  runId: string,
  onEvent: (event: WatchEvent) => void,
  { confirmations = 1, pollMs = 1000, signal }: WatchOptions,
): Promise<void> {
  const told: Anchor[] = [];
  while (!signal.aborted) {
    try {
      const height = await connection.read(() => connection.provider.getBlockNumber());
      const count = (await registry.run(runId))?.anchors ?? 0;
      const same = await commonPrefix(registry, runId, told, count);
      for (const anchor of told.splice(same).reverse()) onEvent({ type: 'removed', anchor });
      for (let i = told.length; i < count; i++) {
        const anchor = await registry.anchor(runId, i);
        if (height - anchor.blockNumber + 1 < confirmations) break;
        told.push(anchor);
        onEvent({ type: 'anchored', anchor });
      }
    } catch (e) {
      // An anchor may go while it is read; a revert then means: look again.
      if (!isTransient(e) && (e as { code?: string }).code !== 'REGISTRY_ANCHOR_UNKNOWN') throw e;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, pollMs);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** How many of the anchors that were told of are still there. */
async function commonPrefix(
  registry: Registry,
  runId: string,
  told: Anchor[],
  count: number,
): Promise<number> {
  let same = Math.min(told.length, count);
  // Anchors follow each other: where the last of them is the same, so are those before.
  while (same > 0) {
    const now = await registry.anchor(runId, same - 1);
    if (now.weights === told[same - 1]!.weights && now.endStep === told[same - 1]!.endStep) break;
    same--;
  }
  return same;
}
