import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PotError } from '@proof-of-training/halo2-wasm';

const FAILURE = new URL('./failure.mjs', import.meta.url).href;

/**
 * Runs a script of benchmarks/ in a process of its own and gives the JSON of its last line. Its standard error is kept for
 * the message, and shown with `verbose`. `signal` ends it.
 *
 * Errors: the child's own code (`ENGINE_UNAVAILABLE`, ...); `CASE_TIMEOUT`; `CHILD_KILLED` (often memory);
 * `CHILD_FAILED`; `BENCH_INTERRUPTED`.
 *
 * @param {string} script
 * @param {unknown[]} args
 * @param {{ limitMs: number, signal?: AbortSignal, verbose?: boolean }} options
 */
export function runChild(script, args, { limitMs, signal, verbose = false }) {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const values = args.map((a) => (typeof a === 'string' ? a : JSON.stringify(a)));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', FAILURE, path, ...values], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what it starts (Python, snarkjs) ends with it.
      detached: process.platform !== 'win32',
    });
    const text = { stdout: '', stderr: '' };
    let timedOut = false;
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (chunk) => {
        text[stream] = (text[stream] + chunk).slice(-1_000_000);
        if (verbose && stream === 'stderr') process.stderr.write(chunk);
      });
    }
    const end = () => stop(child);
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, limitMs);
    signal?.addEventListener('abort', end, { once: true });
    child.on('error', (cause) => reject(new PotError('CHILD_FAILED', `${script} did not start`, { cause })));
    child.on('close', (status, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      const fail = (code, message, details) => reject(new PotError(code, message, { details }));
      if (signal?.aborted) return fail('BENCH_INTERRUPTED', 'the benchmark was interrupted');
      if (timedOut) return fail('CASE_TIMEOUT', `took more than ${Math.round(limitMs / 1000)} s`);
      if (killedBy) return fail('CHILD_KILLED', `was ended by ${killedBy}, often for memory`);
      const last = parseLast(text.stdout);
      if (last?.error) return fail(last.error.code, last.error.message, { reason: last.error.reason });
      if (status !== 0 || last === undefined) {
        return fail(
          'CHILD_FAILED',
          `exit ${status}: ${text.stderr.trim().split('\n').at(-1) ?? ''}`.slice(0, 400),
        );
      }
      resolve(last);
    });
  });
}

function stop(child) {
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function parseLast(stdout) {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1));
  } catch {
    return undefined;
  }
}
