import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { absent, beatPath, claimPath } from './claim.js';

/** Heartbeats of one owner, as this process sees them. */
export interface Watched {
  dir: string;
  generation: number;
  /** Between two looks: the owner's time between two beats. */
  beatMs: number;
  /** Looks. */
  looks: number;
  signal?: AbortSignal;
}

/**
 * Whether an owner that cannot be asked shows no life: looks `looks` times, a beat apart, and gives false as soon as claim or
 * heartbeat have changed.
 *
 * No clock is read, here or there: only whether the content changes counts, and how often it was looked at. A clock that jumps
 * decides nothing, nor does a pause of this process or of the whole machine: a pause is no look. Nor is a look that fails: silence is what
 * was read, and what cannot be read says nothing of the owner. Errors: `AbortError`; Node's, of the file system.
 */
export async function isSilent({ dir, generation, beatMs, looks, signal }: Watched): Promise<boolean> {
  const first = await content(dir, generation);
  for (let n = 0; n < looks; n++) {
    await sleep(beatMs, undefined, { ...(signal && { signal }) });
    if ((await content(dir, generation)) !== first) return false;
  }
  return true;
}

async function content(dir: string, generation: number): Promise<string> {
  const paths = [claimPath(dir, generation), beatPath(dir, generation)];
  return (await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(absent)))).join('\n');
}
