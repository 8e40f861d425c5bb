import { PotError } from '@proof-of-training/errors';
import { type Checkpoint, checkpointText } from './checkpoint.js';

/** Where and since when a chain has the root of a log. */
export interface RootAnchor {
  chainId: number;
  /** The contract that has it. */
  registry: string;
  block: number;
  /** Of that block, RFC 3339. */
  time: string;
  /** Blocks since, that one included. */
  confirmations: number;
}

/** A chain that has roots of logs: `LogAnchors` of @proof-of-training/blockchain is one. */
export interface AnchorChain {
  readonly chainId: number;
  /** Has a checkpoint's text on the chain; one that is there is found. */
  anchorCheckpoint(text: string): Promise<RootAnchor>;
  /** Its anchor; undefined where the chain has none. */
  findCheckpoint(text: string): Promise<RootAnchor | undefined>;
}

/** Blocks, the anchor's included, unless another number is asked for. */
const CONFIRMATIONS = 12;

/**
 * Looks whether chains have a checkpoint, each since when. With a disclosure's checkpoint it says by when its event was in the log: the chain is
 * believed for the time, the log's keys for nothing.
 *
 * Errors: `LEDGER_UNANCHORED` where one of the chains has it not, or not long enough; those of the chains.
 *
 * @param chains all of them must have it
 *
 * @example
 * const { checkpoint } = verifyDisclosure(proof, keyRing({ vkeys }));
 * const [anchor] = await requireAnchored(checkpoint, [chain]);
 */
export async function requireAnchored(
  checkpoint: Checkpoint,
  chains: readonly AnchorChain[],
  { confirmations = CONFIRMATIONS }: { confirmations?: number } = {},
): Promise<RootAnchor[]> {
  if (chains.length === 0) throw new PotError('OPTION_INVALID', 'requireAnchored needs a chain');
  const text = checkpointText(checkpoint);
  return Promise.all(
    chains.map(async (chain) => {
      const anchor = await chain.findCheckpoint(text);
      if (!anchor) throw unanchored(checkpoint, chain, 'does not have');
      if (anchor.confirmations < confirmations)
        throw unanchored(
          checkpoint,
          chain,
          `has for ${anchor.confirmations} of ${confirmations} blocks alone`,
        );
      return anchor;
    }),
  );
}

function unanchored({ origin, size }: Checkpoint, { chainId }: AnchorChain, has: string): PotError {
  return new PotError(
    'LEDGER_UNANCHORED',
    `chain ${chainId} ${has} this state of ${origin}: ${size} entries`,
    {
      details: { chainId, size },
      hint: 'Ask the owner for a proof under a checkpoint that was anchored, or wait for further blocks.',
    },
  );
}
