import { execFile } from 'node:child_process';
import { freemem } from 'node:os';
import { promisify } from 'node:util';
import { PotError } from '@proof-of-training/halo2-wasm';

const exec = promisify(execFile);

/** Runs a peer's program and gives `{ stdout, stderr }`. Errors: `PEER_FAILED` with the last lines it wrote. */
export async function runPeer(file, args, options = {}) {
  try {
    return await exec(file, args, { encoding: 'utf8', maxBuffer: 2 ** 26, ...options });
  } catch (cause) {
    const wrote = String(cause.stderr || cause.stdout || cause.message)
      .trim()
      .split('\n')
      .slice(-3)
      .join(' ');
    throw new PotError(
      'PEER_FAILED',
      `${args.find((a) => !a.startsWith('-')) ?? file}: ${wrote.slice(0, 400)}`,
      { cause },
    );
  }
}

/** Refuses a case that would not fit, before hours are spent on it. Errors: `PEER_MEMORY`. */
export function requireMemory(bytes) {
  if (freemem() >= bytes) return;
  const [needed, free] = [bytes, freemem()].map((v) => `${(v / 1e9).toFixed(1)} GB`);
  throw new PotError('PEER_MEMORY', `needs about ${needed} of memory, ${free} are free`);
}

/** What is said where a peer is not installed. */
export function missing(peer, cause) {
  return new PotError('PEER_MISSING', `${peer} is not installed`, {
    hint: 'benchmarks/README.md says how.',
    details: { reason: 'not installed' },
    cause,
  });
}
