import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { asPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Job, Reply, Setup, Take } from '../jobs/job.js';
import type { FromProcess, ToProcess } from './messages.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const FILE = fileURLToPath(new URL('../../dist/process/child.js', import.meta.url));

/** One process of a pool. */
export class Member {
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown>;
  private ended = false;

  constructor(setup: Setup) {
    this.child = fork(FILE, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.exit = once(this.child, 'exit')
      .catch(() => {})
      .then(() => {
        this.ended = true;
      });
    // Whoever has a job here sees the exit.
    this.child.on('error', () => {});
    this.send({ setup });
  }

  get alive(): boolean {
    return !this.ended && this.child.exitCode === null && this.child.signalCode === null;
  }
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Does one job; another may begin when it has ended. Throws `PROVER_CRASHED` where the process dies. */
  async run(job: Job, take: Take): Promise<Reply> {
    let listen: ((message: FromProcess) => void) | undefined;
    const replied = new Promise<Reply>((resolve) => {
      listen = (message) => {
        if ('reply' in message) resolve(message.reply);
        else void this.count(message.take, take);
      };
      this.child.on('message', listen);
    });
    const died = this.exit.then((): never => {
      throw new PotError('PROVER_CRASHED', 'the process ended during its job', {
        details: { exitCode: this.child.exitCode, signal: this.child.signalCode },
      });
    });
    try {
      this.send({ job });
      return await Promise.race([replied, died]);
    } finally {
      this.child.off('message', listen!);
    }
  }

  /** Ends the process at once, whatever it does, native calls included; returns when it is gone. */
  async kill(): Promise<void> {
    if (this.alive) this.child.kill('SIGKILL');
    await this.exit;
  }

  private async count(most: number, take: Take): Promise<void> {
    const counted = await take(most).then(
      (used) => ({ ok: true as const, used }),
      (e: unknown) => ({ ok: false as const, error: asPotError(e).toJSON() }),
    );
    this.send({ counted });
  }

  private send(message: ToProcess): void {
    // A process that is gone says so by its exit.
    this.child.send(message, () => {});
  }
}
