import { PotError } from '@proof-of-training/halo2-wasm';

/**
 * Counts in how many proofs the commitment to a model's weights was opened: its salt hides them in so many only
 * (docs/protocol/graph-proof.md, section 4). Whoever keeps the opening keeps the count, over all processes and copies.
 */
export interface UseCounter {
  /**
   * Counts one more proof, and has stored that when it returns: before anything is proven. Gives how many there were before.
   *
   * @param most proofs that there may be; errors: `SALT_EXHAUSTED` where there were as many
   */
  take(most: number): Promise<number>;
}

/**
 * A run's last windows opened the commitment: the one that ended with it, or its genesis proof and the one after that. Of a folder that was
 * copied after that and trained on in both places, each opened it once more: give `used` then.
 */
export const USES_OF_A_RUN = 2;

/**
 * A count in this process' memory, for tests and for openings that no other process ever proves with: `fileUses` of Node's entry keeps it
 * on disk. `used`: proofs so far, those of the run included.
 *
 * @example
 * const uses = memoryUses();
 */
export function memoryUses(used = USES_OF_A_RUN): UseCounter {
  requireCount(used, 'memoryUses');
  let count = used;
  return {
    async take(most) {
      if (count >= most) throw exhausted(most);
      return count++;
    },
  };
}

/** Errors: `OPTION_INVALID` for what is no number of proofs. */
export function requireCount(used: number, where: string): void {
  if (Number.isSafeInteger(used) && used >= 0) return;
  throw new PotError('OPTION_INVALID', `${where}: used must be a whole number from 0`, {
    details: { where, option: 'used' },
  });
}

/**
 * Counts one more proof, and does not believe a counter that says nothing: without a number the engine would take none for none.
 *
 * Errors: those of the counter; `OPTION_INVALID`.
 */
export async function taken(uses: UseCounter, most: number): Promise<number> {
  const before: unknown = await uses.take(most);
  if (Number.isSafeInteger(before) && (before as number) >= 0 && (before as number) < most)
    return before as number;
  throw new PotError('OPTION_INVALID', `uses: take must give a whole number from 0 to ${most - 1}`, {
    details: { option: 'uses' },
  });
}

/** What a counter throws that has counted to the end. */
export function exhausted(most: number): PotError {
  return new PotError(
    'SALT_EXHAUSTED',
    `${most} proofs opened the commitment to these weights, which hides no more`,
    {
      details: { most },
      hint: 'Put more inputs into one proof.',
    },
  );
}
