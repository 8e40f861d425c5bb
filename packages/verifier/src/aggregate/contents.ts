import type { WindowContents } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { renewalEntrySchema } from '../bundle/schema.js';
import type { Schedule } from '../dataset/schedule.js';
import { runSchema } from '../run/schema.js';

/** What an aggregate's file has of a run whose commitments were renewed: what its statement leaves to whoever verifies. */
export const renewedSchema = z.strictObject({
  /** Digest of each shard's first commitment: the leaves of the dataset's tree. */
  shards: runSchema.shape.shards,
  /** In the bundle's order; `window`: the first one that uses the new commitment, or a later one of its content. */
  renewals: z
    .array(renewalEntrySchema.extend({ window: z.int().min(0) }))
    .min(1)
    .max(1_000_000),
});

export type Renewed = z.infer<typeof renewedSchema>;

/** A commitment, and the first window under it. */
interface Since {
  window: number;
  digest: string;
}

/**
 * The digests that a window's contents must have: of each renewal those windows that come after it has begun, until the next one has.
 *
 * @example
 * const contents = new ContentsInUse(run.base, renewed, schedule);
 * contents.at(40); // { data, base? } of window 40
 */
export class ContentsInUse {
  private readonly shards = new Map<number, Since[]>();
  private readonly bases: Since[] = [];

  /** Errors: `RENEWAL_CHAIN` where a renewal begins before the one that it goes on from, or with a window that uses another shard. */
  constructor(
    base: string | undefined,
    private readonly renewed: Pick<Renewed, 'shards'> & {
      renewals: readonly Omit<Renewed['renewals'][number], 'proof'>[];
    },
    private readonly schedule: Pick<Schedule, 'at'>,
  ) {
    if (base !== undefined) this.bases.push({ window: 0, digest: base });
    renewed.renewals.forEach(({ shard, window, public: { after } }, n) => {
      const fail = (what: string) => {
        throw new PotError('RENEWAL_CHAIN', `renewal ${n}: ${what}`, { details: { renewal: n } });
      };
      const chain = this.chainOf(shard);
      const last = chain.at(-1);
      if (!last || last.window > window) fail('begins before the commitment that it goes on from');
      if (shard !== undefined && schedule.at(window).shard !== shard)
        fail('begins with a window of another shard');
      chain.push({ window, digest: after });
    });
  }

  /** Of window `n`. */
  at(n: number): WindowContents {
    const { shard } = this.schedule.at(n);
    const chain = this.shards.get(shard);
    const data = chain ? latest(chain, n) : this.renewed.shards[shard]!;
    return { data, ...(this.bases.length > 0 && { base: latest(this.bases, n) }) };
  }

  private chainOf(shard: number | undefined): Since[] {
    if (shard === undefined) return this.bases;
    let chain = this.shards.get(shard);
    if (!chain) {
      const leaf = this.renewed.shards[shard];
      chain = leaf === undefined ? [] : [{ window: 0, digest: leaf }];
      this.shards.set(shard, chain);
    }
    return chain;
  }
}

/** The last commitment that had begun by window `n`. */
function latest(chain: readonly Since[], n: number): string {
  let [low, high] = [0, chain.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (chain[middle]!.window <= n) low = middle;
    else high = middle;
  }
  return chain[low]!.digest;
}
