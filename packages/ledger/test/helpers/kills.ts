import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { EventIndex } from '../../src/log/eventIndex.js';
import { EventLog, generateLogKeys } from '../../src/node.js';
import { emptyFolder } from './folder.js';

export const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

/** A writer of its own process, and the whole lines that it has said. */
export function startWriter(dir: string, signers: readonly string[], atOnce: number, publishEveryMs = 20) {
  const child = spawn(process.execPath, [
    WRITER,
    dir,
    JSON.stringify(signers),
    String(atOnce),
    String(publishEveryMs),
  ]);
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  return { child, said: () => text.split('\n').slice(0, -1) };
}

export const ended = (child: ChildProcess) => new Promise((resolve) => child.once('close', resolve));

export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !holds(); i++) await new Promise((r) => setTimeout(r, 5));
}

/** Kills writers of one log, each after a random time, and looks whether all that they acknowledged is there. */
export async function loseNothing(kills: number): Promise<void> {
  const { signers } = generateLogKeys('example.com/log');
  const dir = join(emptyFolder(), 'log');
  await (await EventLog.create({ dir, signers })).close();
  const acknowledged = new Map<number, string>();
  for (let kill = 0; kill < kills; kill++) {
    const { child, said } = startWriter(dir, signers, 1 + (kill % 3) * 20, 5 + 10 * (kill % 4));
    await until(() => said().length > 1);
    // Not of a seed: what a process has done by then differs anyway.
    await new Promise((r) => setTimeout(r, Math.random() * 150));
    child.kill('SIGKILL');
    await ended(child);
    for (const line of said().slice(1)) {
      const [index, id] = line.split(' ');
      acknowledged.set(Number(index), id!);
    }
  }
  const log = await EventLog.open({ dir, signers });
  await log.verify();
  expect(acknowledged.size).toBeGreaterThan(kills);
  // verify() has compared the index with the private store.
  const { index: found } = log as unknown as { index: EventIndex };
  const there = new Map(found.rows(0, log.size).map(({ index, id }) => [index, id]));
  expect([...acknowledged].filter(([index, id]) => there.get(index) !== id)).toEqual([]);
  await log.close();
}
