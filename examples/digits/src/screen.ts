const out = process.stdout;

/** Two lines that are rewritten in place on a terminal; elsewhere a line now and then. */
export class Screen {
  private last = 0;
  private lines = 0;

  show(lines: string[], force = false): void {
    const now = Date.now();
    if (out.isTTY) {
      if (!force && now - this.last < 80) return;
      if (this.lines > 0) out.write(`\x1b[${this.lines}A`);
      for (const line of lines) out.write(`\x1b[2K${line.slice(0, (out.columns ?? 100) - 1)}\n`);
      this.lines = lines.length;
      this.last = now;
    } else if (force || now - this.last > 5000) {
      out.write(`${lines.join('   ')}\n`);
      this.last = now;
    }
  }

  /** Keeps what is shown and begins anew below. */
  done(): void {
    this.lines = 0;
  }
}

/** A bar of 24 characters. */
export function bar(done: number, total: number): string {
  const filled = Math.round((24 * Math.min(done, total)) / Math.max(total, 1));
  return `${'█'.repeat(filled)}${'░'.repeat(24 - filled)}`;
}

/** A headline. */
export function title(text: string): void {
  out.write(`\n${out.isTTY ? `\x1b[1m${text}\x1b[0m` : text}\n`);
}

/** A line. */
export function line(text = ''): void {
  out.write(`${text}\n`);
}
