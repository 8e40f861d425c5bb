import { PotError } from '@proof-of-training/halo2-wasm';
import type { JobOf, Reply, Results, Setup, Take } from '../jobs/job.js';
import { Member } from './member.js';

/** How one job is done. */
export interface JobOptions {
  /** Ends the job, and its process; the reason is what is thrown. */
  signal?: AbortSignal;
  /** Seconds that the work itself may take, without waiting; then its process ends and `expired()` is thrown. */
  seconds: number;
  expired: () => PotError;
  take?: Take;
}

interface Waiting {
  start(): void;
  refuse(reason: unknown): void;
}

/**
 * Processes that do one job each at a time. A pool of threads would not do: a native call goes on in a thread that was ended, and takes
 * the processor until it returns (docs/operate/engines.md). A process is gone when it is killed, and so is its memory with what is secret.
 */
export class ProcessPool {
  private readonly members = new Set<Member>();
  private readonly idle: Member[] = [];
  private readonly waiting = new Set<Waiting>();
  private stopped = false;
  private active = 0;
  /** Processes that were ended because their job had to. */
  killed = 0;
  crashed = 0;

  constructor(
    private readonly setup: Setup,
    readonly size: number,
    private readonly mostWaiting: number,
  ) {}

  get queued(): number {
    return this.waiting.size;
  }
  get running(): number {
    return this.active;
  }
  /** Of the processes that are there. */
  get pids(): number[] {
    return [...this.members].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Errors: `ZKML_LIMIT` (too many wait), `ZKML_STOPPED`, `PROVER_CRASHED`, what ends it (signal, time-out), those of the job. */
  async run<K extends keyof Results>(job: JobOf<K>, options: JobOptions): Promise<Results[K]> {
    await this.turn(options.signal);
    let member: Member | undefined;
    try {
      if (this.stopped) throw stoppedError();
      options.signal?.throwIfAborted();
      member = this.member();
      const reply = await this.limited(member, member.run(job, options.take ?? refuseCount), options);
      if (reply.ok) return reply.result as Results[K];
      throw PotError.fromJSON(reply.error);
    } finally {
      this.release(member);
    }
  }

  /** Ends everything: jobs that wait or run throw `ZKML_STOPPED`. Returns when all processes are gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const waiting of [...this.waiting]) waiting.refuse(stoppedError());
    await Promise.all([...this.members].map((member) => member.kill()));
    this.idle.length = 0;
  }

  /** Waits until a job may begin: then one of the processes is its own, until {@link release}. */
  private async turn(signal?: AbortSignal): Promise<void> {
    if (this.stopped) throw stoppedError();
    signal?.throwIfAborted();
    if (this.active < this.size) {
      this.active++;
      return;
    }
    if (this.waiting.size >= this.mostWaiting) {
      throw new PotError('ZKML_LIMIT', `${this.mostWaiting} jobs wait already`, {
        details: { limit: 'waiting', most: this.mostWaiting },
      });
    }
    let give: (() => void) | undefined;
    let entry: Waiting | undefined;
    try {
      await new Promise<void>((start, refuse) => {
        give = () => refuse(signal!.reason);
        entry = { start, refuse };
        this.waiting.add(entry);
        signal?.addEventListener('abort', give);
      });
    } finally {
      this.waiting.delete(entry!);
      signal?.removeEventListener('abort', give!);
    }
  }

  private member(): Member {
    const idle = this.idle.pop();
    if (idle?.alive) return idle;
    if (idle) this.members.delete(idle);
    const member = new Member(this.setup);
    this.members.add(member);
    return member;
  }

  /** The next job has the place; without one it is free. */
  private release(member: Member | undefined): void {
    if (member?.alive && !this.stopped) this.idle.push(member);
    else if (member) this.members.delete(member);
    const [next] = this.waiting;
    if (!next) {
      this.active--;
      return;
    }
    this.waiting.delete(next);
    next.start();
  }

  /** The reply, unless the job has to end before: then its process is gone when this throws. */
  private async limited(member: Member, reply: Promise<Reply>, { signal, seconds, expired }: JobOptions) {
    let end: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(signal!.reason);
      signal?.addEventListener('abort', end);
      timer = setTimeout(() => reject(expired()), seconds * 1000);
    });
    let replied = false;
    const answer = reply.finally(() => {
      replied = true;
    });
    try {
      return await Promise.race([answer, ended]);
    } catch (e) {
      answer.catch(() => {});
      if (this.stopped) throw stoppedError();
      if (replied) this.crashed++;
      else this.killed++;
      await member.kill();
      throw e;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end!);
    }
  }
}

const refuseCount: Take = () => Promise.reject(new PotError('ZKML_SECURITY', 'this job opens no commitment'));

/** Errors: `ZKML_STOPPED`, always made. */
export function stoppedError(): PotError {
  return new PotError('ZKML_STOPPED', 'the engine is not running', { hint: 'Call start first.' });
}
