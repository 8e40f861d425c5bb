import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Those that run: they end with this process. */
const running = new Set<ChildProcess>();
let hooked = false;

/** How long a process may take to end by itself. */
const GRACE_MS = 5000;

/** A child that ends with this process, however that ends, unless it is killed. */
export function childOf(child: ChildProcess): ChildProcess {
  if (!hooked) {
    process.once('exit', () => {
      for (const each of running) each.kill('SIGKILL');
    });
    hooked = true;
  }
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Asks a child to end, and waits until it is gone; one that goes on is killed after a while. */
export async function end(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = GRACE_MS,
): Promise<void> {
  if (!running.has(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  // One that was stopped hears nothing.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}
