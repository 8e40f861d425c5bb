import { type ChildProcess, spawn } from 'node:child_process';
import { PotError } from '@proof-of-training/halo2-wasm';

/** What Anvil says once a port is its own. */
const LISTENING = /^Listening on \S+:(\d+)\s*$/m;
const IN_USE = /address already in use|os error (?:48|98|10048)\b/i;

/** Those that run: they end with this process. */
const running = new Set<ChildProcess>();
let hooked = false;

/** Anvil's process, from its start to its end. */
export class AnvilProcess {
  private readonly child: ChildProcess;
  private readonly gone: Promise<void>;
  private said = '';
  private complaint = '';

  constructor(
    binary: string,
    args: readonly string[],
    /** The port that was asked for; undefined: any. */
    private readonly asked: number | undefined,
  ) {
    this.child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    hook();
    running.add(this.child);
    this.child.stderr!.on('data', (data: Buffer) => {
      this.complaint = (this.complaint + data.toString()).slice(-2000);
    });
    this.gone = new Promise<void>((resolve) => {
      // `close`, not `exit`: what it said last has been read by then.
      this.child.once('close', () => resolve());
      this.child.once('error', (e) => {
        this.complaint = e.message;
        resolve();
      });
    });
    void this.gone.then(() => running.delete(this.child));
  }

  get alive(): boolean {
    return running.has(this.child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /**
   * The port that it listens on, once it says so. Only one process can listen on a port, so that whatever answers there is this one.
   *
   * Errors: `ANVIL_PORT_TAKEN`, `ANVIL_START`.
   */
  async listening(deadline: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const port = await new Promise<number | undefined>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - Date.now()), undefined);
      void this.gone.then(() => resolve(undefined));
      let found = false;
      this.child.stdout!.on('data', (data: Buffer) => {
        // Read to the end, so that it never waits for a reader.
        if (found) return;
        this.said = (this.said + data.toString()).slice(-20_000);
        const line = LISTENING.exec(this.said);
        if (!line) return;
        found = true;
        resolve(Number(line[1]));
      });
    });
    clearTimeout(timer);
    if (port !== undefined) return port;
    throw await this.failed(`Anvil did not start${this.asked === undefined ? '' : ` on port ${this.asked}`}`);
  }

  /** Ends it, and gives the error that says why it is of no use. */
  async failed(what: string): Promise<PotError> {
    await this.stop();
    const complaint = this.complaint.trim();
    const { asked: port } = this;
    if (port !== undefined && IN_USE.test(complaint)) {
      return new PotError(
        'ANVIL_PORT_TAKEN',
        `port ${port} is taken: something else listens on 127.0.0.1:${port}`,
        {
          details: { port, complaint },
          hint: 'Give another port (pot chain up --port N), or end what listens there: another local chain, perhaps.',
        },
      );
    }
    return new PotError('ANVIL_START', what, {
      details: { ...(port !== undefined && { port }), complaint },
      ...(complaint && { hint: `It said: ${complaint.slice(0, 400)}` }),
    });
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    if (!this.alive) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000);
    await this.gone;
    clearTimeout(timer);
  }
}

/** Ends all chains with this process. */
function hook(): void {
  if (hooked) return;
  hooked = true;
  const killAll = () => {
    for (const child of running) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      // Whoever else listens decides how the process ends; alone, we do.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}
