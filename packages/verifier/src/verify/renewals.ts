import { PotError, type PotErrorCode, type Prover } from '@proof-of-training/halo2-wasm';
import { decodeProof } from '../bundle/parse.js';
import type { RenewalEntry, RunBundle } from '../bundle/schema.js';
import type { Run } from '../run/schema.js';

/** The digests that one shard's contents, or the base's, have in a run: the first one, and those of its renewals in their order. */
type Chain = string[];

/**
 * Which digests windows may have for each shard and for the base: the listed ones, and those that renewals lead to from there. Whether the
 * renewals' proofs hold is {@link checkRenewal}'s.
 *
 * @example
 * const renewals = new Renewals(bundle.run, bundle.renewals);
 * renewals.hasShard(3, bundle.windows[7]!.public.data);
 */
export class Renewals {
  private readonly shards = new Map<number, Chain>();
  private readonly base: Chain;
  /** Digests that windows were found to use. */
  private readonly used = new Set<string>();

  /**
   * Errors: `RUN_FOREIGN_PROOF`, `RENEWAL_CHAIN`; details have the renewal's number.
   */
  constructor(
    private readonly run: Run,
    private readonly list: readonly RenewalEntry[] = [],
  ) {
    this.base = run.base === undefined ? [] : [run.base];
    const known = new Set([...run.shards, ...this.base]);
    list.forEach(({ shard, public: p }, n) => {
      const fail = (code: PotErrorCode, what: string) => {
        throw new PotError(code, `renewal ${n}: ${what}`, { details: { renewal: n } });
      };
      if (p.runId !== run.runId) fail('RUN_FOREIGN_PROOF', 'belongs to another run');
      if ((p.content === 'data') !== (shard !== undefined)) {
        fail('RENEWAL_CHAIN', "names a shard where it is the base's, or none where it is a shard's");
      }
      const chain = this.chainOf(shard) ?? [];
      if (p.before !== chain[chain.length - 1])
        fail('RENEWAL_CHAIN', 'does not go on from the latest digest');
      if (known.has(p.after)) fail('RENEWAL_CHAIN', 'leads to a digest that is in use already');
      known.add(p.after);
      chain.push(p.after);
    });
  }

  /** How many there are. */
  get count(): number {
    return this.list.length;
  }

  /** Whether a digest is that of a shard, as it is listed or renewed. */
  hasShard(shard: number, digest: string): boolean {
    this.used.add(digest);
    return digest === this.run.shards[shard] || (this.shards.get(shard)?.includes(digest) ?? false);
  }

  /** Whether a digest is that of the base; that there is none, where the run has none. */
  hasBase(digest: string | undefined): boolean {
    if (digest === undefined || this.run.base === undefined) return digest === this.run.base;
    this.used.add(digest);
    return this.base.includes(digest);
  }

  /** Every chain's last renewal serves a window, after all windows were looked at. Errors: `RENEWAL_UNUSED`. */
  requireUsed(): void {
    for (const [shard, chain] of [...this.shards, [undefined, this.base] as const]) {
      const last = chain[chain.length - 1];
      if (chain.length < 2 || this.used.has(last!)) continue;
      throw new PotError(
        'RENEWAL_UNUSED',
        `the last renewal of ${shard === undefined ? 'the base' : `shard ${shard}`} serves no window`,
        { details: shard === undefined ? {} : { shard } },
      );
    }
  }

  private chainOf(shard: number | undefined): Chain | undefined {
    if (shard === undefined) return this.base.length > 0 ? this.base : undefined;
    const leaf = this.run.shards[shard];
    if (leaf === undefined) return undefined;
    let chain = this.shards.get(shard);
    if (!chain) {
      chain = [leaf];
      this.shards.set(shard, chain);
    }
    return chain;
  }
}

/**
 * A renewal's proof holds under the circuit of the run's windows. Errors: `VERIFY_*`.
 *
 * @example
 * const { halo2, srs } = await referenceFor(run.srs, run.spec.shape.k, {});
 * checkRenewal(run, bundle.renewals![0]!, halo2.prover(srs.bytes));
 */
export function checkRenewal(
  { spec, transcript }: Pick<Run, 'spec' | 'transcript'>,
  { public: statement, proof }: RenewalEntry,
  prover: Prover,
): string {
  prover.verifyRenewal(JSON.stringify(spec), JSON.stringify(statement), decodeProof(proof), transcript);
  return 'the new commitment is to what the old one is to';
}

/** In words. */
export function renewalsText({ renewals = [] }: Pick<RunBundle, 'renewals'>): string {
  const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const shards = new Set(renewals.flatMap(({ shard }) => (shard === undefined ? [] : [shard])));
  const ofBase = renewals.filter(({ shard }) => shard === undefined).length;
  const parts = [
    ...(shards.size > 0 ? [`${renewals.length - ofBase} of ${counted(shards.size, 'shard')}`] : []),
    ...(ofBase > 0 ? [`${ofBase} of the base`] : []),
  ];
  return `${counted(renewals.length, 'renewal')} of commitments (${parts.join(', ')}), each from the latest and each of use`;
}
