import { createHash } from 'node:crypto';
import type { RenewalInputs } from '@proof-of-training/sgd-circuit';
import { encodeProof } from '@proof-of-training/verifier/files';
import type { Run } from '@proof-of-training/verifier/run';
import type { ShardedData } from '../dataset/shards.js';
import { type CommittedBase, commitBase } from '../prove/base.js';
import type { ProofExecutor } from '../prove/executor.js';
import type { Journal } from './journal.js';
import type { Renewable } from './names.js';
import { copy, saltOf } from './ofShard.js';
import type { WindowRecord } from './records.js';

/** A commitment that was made anew, and the proof that its content is the same: it has just been stored. */
export interface RenewalEvent {
  /** Place of the shard; undefined for the base. */
  shard: number | undefined;
  /** Number of the new commitment: 1 is the first after the run's own. */
  number: number;
  /** Proving time, without waiting, in milliseconds. */
  ms: number;
  proofBytes: number;
}

/** A shard's commitment. */
export interface CommittedShard {
  digest: string;
  salt: Uint8Array;
}

export interface RenewalOptions {
  run: Run;
  pool: ProofExecutor;
  journal: Journal;
  data: ShardedData;
  /** The shards' first salts. */
  salts: Uint8Array;
  /** The frozen base under its first salt, where the run has one. */
  base?: CommittedBase;
  onRenewal?: (event: RenewalEvent) => void;
  signal?: AbortSignal;
}

/** What is proven of a content under two salts. */
type Witness = {
  x?: Int32Array;
  y?: Int32Array;
  base?: BigInt64Array;
  salt: Uint8Array;
  freshSalt: Uint8Array;
};

/**
 * The salt of commitment `number` to a content, from that of the first one: as secret as that, and there again after a crash.
 * docs/protocol/renewal.md, section 4.
 */
export function renewedSalt(first: Uint8Array, number: number): Uint8Array {
  if (number === 0) return first;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  const tag = 'proof-of-training/renewed-salt/v1';
  return new Uint8Array(createHash('sha256').update(tag).update(first).update(bytes).digest());
}

/** The commitments of a run's shards and private base, each made anew as often as windows need it; a renewal is proven once and stored. */
export class Renewals {
  private readonly shards = new Map<string, Promise<CommittedShard>>();
  private readonly bases = new Map<number, Promise<CommittedBase>>();

  constructor(private readonly options: RenewalOptions) {}

  /** Commitment `number` to a shard, once it and the renewal that leads to it are there. Errors: those of the pool and of the journal. */
  shard(index: number, number = 0): Promise<CommittedShard> {
    const { run, salts } = this.options;
    const first = saltOf(salts, index);
    if (number === 0) return Promise.resolve({ digest: run.shards[index]!, salt: first });
    return once(this.shards, `${index}.${number}`, async () => {
      const { pool, data } = this.options;
      const salt = renewedSalt(first, number);
      const stored = await this.stored({ shard: index, number });
      if (stored) return { digest: stored.after, salt };
      const { x, y } = copy(data.shard(index));
      const before = await this.shard(index, number - 1);
      const { digest } = await pool.run(
        { kind: 'commitData', spec: run.spec, x, y, salt },
        { priority: 1, ...this.signal() },
      );
      const said = { content: 'data', before: before.digest, after: digest! } as const;
      await this.prove({ shard: index, number }, said, { x, y, salt: before.salt, freshSalt: salt });
      return { digest: digest!, salt };
    });
  }

  /** The same of the base; undefined where the run has none. */
  async base(number = 0): Promise<CommittedBase | undefined> {
    const { base: first, pool, run } = this.options;
    if (number === 0 || !first) return first;
    return once(this.bases, number, async () => {
      const { weights } = first;
      const salt = renewedSalt(first.salt, number);
      const base = await commitBase(pool, run.spec, weights, salt, { priority: 1, ...this.signal() });
      if (await this.stored({ shard: undefined, number })) return base;
      const before = (await this.base(number - 1))!;
      const said = { content: 'base', before: before.digest, after: base.digest } as const;
      const witness = { base: weights, salt: before.salt, freshSalt: salt };
      await this.prove({ shard: undefined, number }, said, witness);
      return base;
    });
  }

  /** Makes the renewals that these windows need and that are not stored. */
  async complete(windows: readonly WindowRecord[]): Promise<void> {
    for (const { shard, number } of renewedBy(windows)) {
      if (this.options.journal.renewals.has({ shard, number })) continue;
      await (shard === undefined ? this.base(number) : this.shard(shard, number));
    }
  }

  private async stored(of: Renewable): Promise<RenewalInputs | undefined> {
    return (await this.options.journal.renewals.read(of))?.entry.public;
  }

  private async prove(of: Renewable, said: Omit<RenewalInputs, 'runId'>, witness: Witness): Promise<void> {
    const { run, pool, journal, onRenewal } = this.options;
    const statement: RenewalInputs = { runId: run.runId, ...said };
    const { spec, transcript } = run;
    const { proof, ms } = await pool.run(
      { kind: 'renewal', spec, public: statement, ...witness, ...(transcript && { transcript }) },
      // Windows wait for it.
      { priority: 1, ...this.signal() },
    );
    const entry = {
      ...(of.shard !== undefined && { shard: of.shard }),
      public: statement,
      proof: encodeProof(proof!),
    };
    await journal.renewals.write(of, { entry, ms });
    onRenewal?.({ ...of, ms, proofBytes: proof!.length });
  }

  private signal(): { signal?: AbortSignal } {
    const { signal } = this.options;
    return signal ? { signal } : {};
  }
}

/** The renewals that lead to what windows use: shard by shard in the order of their numbers, the base's last. */
export function renewedBy(
  windows: readonly Pick<WindowRecord, 'shard' | 'commitment' | 'baseCommitment'>[],
): Renewable[] {
  const latest = new Map<number, number>();
  let base = 0;
  for (const { shard, commitment = 0, baseCommitment = 0 } of windows) {
    if (commitment > (latest.get(shard) ?? 0)) latest.set(shard, commitment);
    base = Math.max(base, baseCommitment);
  }
  const upTo = (shard: number | undefined, last: number) =>
    Array.from({ length: last }, (_, i) => ({ shard, number: i + 1 }));
  const shards = [...latest].sort(([a], [b]) => a - b).flatMap(([shard, last]) => upTo(shard, last));
  return [...shards, ...upTo(undefined, base)];
}

/** Whoever asks first makes it; a failure is not kept. */
function once<K, T>(made: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  let value = made.get(key);
  if (!value) {
    value = make();
    value.catch(() => made.delete(key));
    made.set(key, value);
  }
  return value;
}
