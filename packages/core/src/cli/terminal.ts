import { printable } from '@proof-of-training/halo2-wasm';

/** Where progress goes: stderr, so that stdout has results only. */
const stream = process.stderr;
const BAR = 28;

/** A progress bar on a terminal; elsewhere a plain line now and then. */
export class Progress {
  private last = 0;
  private drawn = false;

  constructor(
    private readonly label: string,
    private readonly quiet = false,
  ) {}

  /** Shows `done` of `total`, with a note. */
  update(done: number, total: number, note = ''): void {
    if (this.quiet) return;
    const now = Date.now();
    const finished = done >= total;
    if (stream.isTTY) {
      if (now - this.last < 60 && !finished) return;
      this.last = now;
      const filled = Math.round((BAR * Math.min(done, total)) / Math.max(total, 1));
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
      const line = `${this.label.padEnd(10)} ${bar} ${done}/${total} ${note}`;
      stream.write(`\r\x1b[2K${line.slice(0, (stream.columns ?? 100) - 1)}`);
      this.drawn = true;
    } else if (now - this.last > 5000 || finished) {
      this.last = now;
      stream.write(`${this.label}: ${done}/${total} ${note}\n`);
    }
  }

  /** Leaves the bar as it is and goes to a new line. */
  end(): void {
    if (this.drawn) stream.write('\n');
    this.drawn = false;
  }
}

/** One line that is drawn anew on a terminal; elsewhere a line now and then. */
export class LiveLine {
  private readonly timer: NodeJS.Timeout | undefined;
  private drawn = false;

  /** `read` gives the text; it is asked twice a second on a terminal, elsewhere every 10 seconds. */
  constructor(
    private readonly read: () => Promise<string>,
    quiet = false,
  ) {
    if (!quiet) this.timer = setInterval(() => void this.draw(), stream.isTTY ? 500 : 10_000).unref();
  }

  /** Draws the last figures and leaves them there. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    if (!this.timer) return;
    await this.draw();
    if (this.drawn) stream.write('\n');
  }

  private async draw(): Promise<void> {
    const text = await this.read();
    if (!stream.isTTY) {
      stream.write(`${text}\n`);
      return;
    }
    stream.write(`\r\x1b[2K${text.slice(0, (stream.columns || 100) - 1)}`);
    this.drawn = true;
  }
}

/** Writes a line for people (stderr). */
export function say(line = ''): void {
  stream.write(`${line}\n`);
}

/** Writes a result (stdout): JSON or lines, each of which stays one line whatever a file put into it. */
export function result(value: unknown, lines: string[], json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.map(printable).join('\n')}\n`);
}

/** Writes a result whose members are said a line each, as JSON. */
export function summarise(summary: object, json: boolean): void {
  const lines = Object.entries(summary).map(([k, v]) => `${k.padEnd(10)} ${JSON.stringify(v)}`);
  result(summary, lines, json);
}
