import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { createFileAtomic, makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import {
  absent,
  beatPath,
  type Claim,
  claimPath,
  encodeClaim,
  generations,
  LOCK,
  newClaim,
  type ReadClaim,
  readClaim,
} from './claim.js';
import { startHeartbeat } from './heartbeat.js';
import { judge, ownPlace, type Place } from './place.js';
import { isSilent } from './watch.js';

/** Between two heartbeats. */
const BEAT_MS = 3000;
/** Looks without a sign of life after which an owner's claim has expired: 30 s. */
const EXPIRY = 10;
/** Looks at an owner whose machine has started anew: 9 s, for a machine that was copied with its name and id. */
const GONE = 3;

export interface LeaseOptions {
  /** The claim's generation is higher than this, whatever claims there are. */
  above?: number;
  /** Ends the waiting for a sign of life. */
  signal?: AbortSignal;
  /** Told before it waits. */
  onWarning?: (message: string) => void;
  /** Between this owner's heartbeats; default 3,000 ms. */
  beatMs?: number;
  /** The beat that is waited for where a claim does not tell its own; default 3,000 ms. */
  unreadableBeatMs?: number;
}

/**
 * The right to write a run's folder, of which there is one at a time: across processes, containers and hosts that share
 * the folder (docs/operate/sessions.md). An owner that is provably dead is followed at once; of one that cannot be asked, thirty seconds without a
 * heartbeat are waited for. Whoever has lost it (stopped, paused, cut off) is told at the next {@link Lease.check}.
 */
export class Lease {
  private stopped = false;

  private constructor(
    private readonly dir: string,
    private readonly claim: Claim,
    private readonly stopHeartbeat: () => Promise<void>,
  ) {}

  /** Which owner of the run this one is: each has a higher number than the ones before. */
  get generation(): number {
    return this.claim.generation;
  }

  /** Takes the folder, which must be there. Errors: `SESSION_LOCKED`; `AbortError`; Node's, of the file system. */
  static async take(dir: string, options: LeaseOptions = {}): Promise<Lease> {
    makeLockFolder(dir);
    const place = ownPlace();
    const { beatMs = BEAT_MS } = options;
    // Each further turn means that another one took the run in between, and gave it back.
    for (let turn = 0; turn < 10; turn++) {
      const last = (await generations(dir)).at(-1) ?? 0;
      if (last > 0) await requireFree(dir, last, place, options);
      const generation = Math.max(last, options.above ?? 0) + 1;
      const owner = randomBytes(16).toString('hex');
      const claim = newClaim({ generation, owner, beatMs, place });
      try {
        if (await create(dir, claim)) {
          return new Lease(dir, claim, await startHeartbeat(dir, generation, beatMs));
        }
      } catch (e) {
        await withdraw(dir, claim);
        throw e;
      }
    }
    throw locked(dir, 'others took this run first');
  }

  /** Errors: `SESSION_LEASE_LOST`, Node's. Called before each write. */
  async check(): Promise<void> {
    const [text, all] = await Promise.all([
      readFile(claimPath(this.dir, this.generation), 'utf8').catch(absent),
      generations(this.dir).catch(absent),
    ]);
    if (!this.stopped && text === encodeClaim(this.claim) && all?.at(-1) === this.generation) return;
    const next = all?.at(-1) ?? 0;
    const other = next > this.generation ? await readClaim(this.dir, next) : undefined;
    throw new PotError('SESSION_LEASE_LOST', `this session no longer has the run: ${lostTo(other)}`, {
      details: { dir: this.dir, generation: this.generation },
      hint: 'It writes nothing more. Close it; TrainingSession.resume continues the run when the other has ended.',
    });
  }

  /** Gives the run back, if it is still this one's. Never throws: a claim that stays expires. */
  async release(): Promise<void> {
    if (this.stopped) return;
    await this.stopHeartbeat();
    const path = claimPath(this.dir, this.generation);
    try {
      const text = encodeClaim({ ...this.claim, released: true });
      await writeFileAtomic(path, text, undefined, () => this.check());
      await rm(beatPath(this.dir, this.generation), { force: true });
    } catch {
      // Lost, or the folder is not there any more.
    }
    this.stopped = true;
  }
}

/** Makes the claim, if no other one of its generation or a later one is there; then the earlier ones are of no use. */
async function create(dir: string, claim: Claim): Promise<boolean> {
  const { generation } = claim;
  try {
    await createFileAtomic(claimPath(dir, generation), encodeClaim(claim));
  } catch (e) {
    // Not there: an owner that came meanwhile has cleared away what was half written.
    if (['EEXIST', 'ENOENT'].includes((e as NodeJS.ErrnoException).code ?? '')) return false;
    throw e;
  }
  // Where this process slept since it looked, later owners may have come, and have taken the earlier claims away.
  const all = await generations(dir);
  if (all.at(-1) !== generation) return false;
  for (const earlier of all.slice(0, -1)) {
    await rm(claimPath(dir, earlier), { force: true });
    await rm(beatPath(dir, earlier), { force: true });
  }
  return true;
}

/** Takes the claim of an owner away that did not come to be one: its process lives, and would have the run for as long as it does. */
async function withdraw(dir: string, claim: Claim): Promise<void> {
  const path = claimPath(dir, claim.generation);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== encodeClaim(claim)) return;
  for (const file of [beatPath(dir, claim.generation), path]) await rm(file, { force: true }).catch(() => {});
}

/** Errors: `SESSION_LOCKED`, Node's. */
async function requireFree(
  dir: string,
  generation: number,
  here: Place,
  { signal, onWarning, unreadableBeatMs = BEAT_MS }: LeaseOptions,
): Promise<void> {
  const read = await readClaim(dir, generation);
  if (read.kind === 'other') {
    throw locked(
      dir,
      `a version of this library that is not known here took it (lease version ${read.version})`,
    );
  }
  if (read.kind === 'claim' && read.claim.released) return;
  // A later owner has taken this claim away: the next turn looks at its own.
  if (read.kind === 'unreadable' && (await generations(dir)).at(-1) !== generation) return;
  const verdict = read.kind === 'claim' ? judge(read.claim.place, here) : 'unknown';
  if (verdict === 'dead') return;
  const owner = nameOf(read);
  if (verdict === 'alive') throw locked(dir, `${owner} is working on this run`);
  const beatMs = read.kind === 'claim' ? read.claim.beatMs : unreadableBeatMs;
  const looks = verdict === 'gone' ? GONE : EXPIRY;
  onWarning?.(
    `The run in ${dir} was left by ${owner}: looking for a sign of life for ${(looks * beatMs) / 1000} s.`,
  );
  if (await isSilent({ dir, generation, beatMs, looks, ...(signal && { signal }) })) return;
  const then = await readClaim(dir, generation);
  if (then.kind === 'claim' && then.claim.released) return;
  throw locked(dir, `${owner} is working on this run`);
}

function makeLockFolder(dir: string): void {
  try {
    makeFolder(join(dir, LOCK));
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e;
    throw locked(
      dir,
      'there is a file named lock, of an earlier version of this library or of another program',
    );
  }
}

function locked(dir: string, why: string): PotError {
  return new PotError('SESSION_LOCKED', why, {
    details: { dir },
    hint: 'Wait until it ends, or use another folder. Where nobody works on it: remove what is named lock in the folder.',
  });
}

function nameOf(read: ReadClaim): string {
  if (read.kind !== 'claim') return 'an owner whose claim cannot be read';
  const { pid, host } = read.claim.place;
  return `process ${pid} on ${host}`;
}

function lostTo(other: ReadClaim | undefined): string {
  return other ? `${nameOf(other)} took it` : 'its claim in the folder lock is gone';
}
