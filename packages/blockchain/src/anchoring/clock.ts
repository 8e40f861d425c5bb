/** Milliseconds of silence after which a step that goes on is told of again. */
const SILENCE = 30_000;

/**
 * Says what begins, with the time since it was made; where a step takes long, that it goes on.
 *
 * @example
 * const clock = new Clock((line) => console.error(line));
 * clock.step('wrapping');
 * clock.end();
 */
export class Clock {
  private readonly begun = Date.now();
  private current: { text: string; since: number } | undefined;
  private readonly timer: NodeJS.Timeout;

  /** `write` takes the lines; default: stderr. */
  constructor(private readonly write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.timer = setInterval(() => {
      const { current } = this;
      if (current) this.write(`${this.time()}   ... ${current.text}: ${seconds(Date.now() - current.since)}`);
    }, SILENCE).unref();
  }

  /** Seconds since it was made. */
  get seconds(): number {
    return Math.round((Date.now() - this.begun) / 1000);
  }

  /** A step begins, and the one before it has ended. */
  readonly step = (text: string): void => {
    this.current = { text: text.replace(/ \(.*\)$/, ''), since: Date.now() };
    this.write(`${this.time()} ${text}`);
    this.timer.refresh();
  };

  /** The last step has ended. */
  end(): void {
    this.current = undefined;
    clearInterval(this.timer);
  }

  private time(): string {
    return `[${String(this.seconds).padStart(4)} s]`;
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
