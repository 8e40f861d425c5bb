import type { AnchorChain, RootAnchor } from '../checkpoint/anchors.js';
import { parseCheckpoint } from '../checkpoint/checkpoint.js';
import { digestFrom } from '../events/digest.js';
import type { EventLog } from '../log/eventLog.js';
import type { PublicLog } from '../public/publicLog.js';

/** What anchoring a log came to. */
export interface AnchoredLog {
  /** The state that was anchored: `disclose` and `prove` at it give proofs that chains date. */
  at: PublicLog;
  /** In the order of the chains. */
  anchors: RootAnchor[];
}

/**
 * Publishes a log's state, has its root on chains, and records each anchor in the log (`log.anchor`). Anchors that succeed are recorded also where
 * another chain fails.
 *
 * Errors: those of the chains, the first that fails; those of `EventLog.append`.
 *
 * @param chains `LogAnchors` of @proof-of-training/blockchain, or others
 *
 * @example
 * const { at, anchors } = await anchorLog(log, [chain]);
 * const proof = await log.disclose(7, ['type', 'output'], at);
 */
export async function anchorLog(log: EventLog, chains: readonly AnchorChain[]): Promise<AnchoredLog> {
  const at = await log.published();
  const { note } = at.checkpoint;
  const { size, root } = parseCheckpoint(note);
  const all = await Promise.allSettled(chains.map((chain) => chain.anchorCheckpoint(note)));
  const anchors = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const { chainId, registry, block, time } of anchors) {
    const fields = { size, root: digestFrom(root), chainId, registry, block, blockTime: time };
    await log.append({ type: 'log.anchor', fields });
  }
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return { at, anchors };
}
