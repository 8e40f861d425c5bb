import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./holdLease.mjs', import.meta.url));

/** Why name spaces cannot be made here; undefined where they can. CI runs as root on Linux, and must. */
export const noNamespaces: string | undefined =
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
    ? undefined
    : 'unshare is missing or not allowed (needs root on Linux)';
if (noNamespaces && process.env.CI) throw new Error(noNamespaces);

export type Answer = { pid?: number; generation?: number; ok?: true; code?: string; message?: string };

/** A process that takes a run's folder, in front of it a program that gives it another world (`unshare ...`). */
export class Holder {
  private readonly lines: AsyncIterator<string>;
  /** Its process number, as it sees it. */
  pid = 0;

  private constructor(readonly child: ChildProcess) {
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(dir: string, { beatMs = 100, world = [] as string[] } = {}): Promise<Holder> {
    const [command, ...args] = [...world, process.execPath, CHILD, dir, String(beatMs)];
    const holder = new Holder(spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true }));
    holder.pid = (await holder.answer()).pid!;
    return holder;
  }

  async ask(command: string): Promise<Answer> {
    this.child.stdin!.write(`${command}\n`);
    return this.answer();
  }

  /** To its whole group: the program in front, too. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.child.pid!, name);
    } catch {
      // It has ended.
    }
  }

  /** Without warning; waits until all of its processes are gone, which the end of their output shows. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('close', resolve));
    this.signal('SIGKILL');
    await gone;
  }

  private async answer(): Promise<Answer> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the process ended without an answer');
    return JSON.parse(value);
  }
}
