import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { expect, it } from 'vitest';
import { recordModel } from '../src/record/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { TOY } from './helpers/toy.js';

const CHILD = fileURLToPath(new URL('./helpers/trainForever.mjs', import.meta.url));

/** Starts a training process and kills it, without warning, after `steps` steps. */
async function killedAfter(dir: string, steps: number): Promise<number> {
  const child: ChildProcess = fork(CHILD, [dir], { stdio: 'inherit' });
  let taken = 0;
  await new Promise<void>((resolve, reject) => {
    child.on('message', (m) => {
      taken = (m as { steps: number }).steps;
      if (taken >= steps) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the child ended by itself with ${code}`));
    });
  });
  return taken;
}

it('a killed process loses at most its open window, and the run goes on to a bundle that verifies', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pot-killed-'));
  for (const [kills, after] of [3, 7].entries()) {
    const taken = await killedAfter(dir, after);
    // As if it had been killed in the middle of a file.
    writeFileSync(join(dir, 'private/.0123456789ab.tmp'), 'half a checkpoint');
    const session = await TrainingSession.resume(dir, { onWarning: () => {} });
    const temporary = readdirSync(dir, { recursive: true }).filter((n) => String(n).endsWith('.tmp'));
    expect(temporary).toEqual([]);
    // Whole windows only, and no closed one is missing.
    expect(session.steps).toBe(Math.floor(taken / TOY.window) * TOY.window);
    if (kills === 0) {
      await session.close();
      continue;
    }
    await session.fit({ steps: 2 });
    const [layer] = (await recordModel(session.model)).layers;
    const bundle = await session.finish();
    // The lease is given back: nothing beats, and whoever comes next needs not wait.
    const claims = readdirSync(join(dir, 'lock'));
    expect(claims).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(dir, 'lock', claims[0]!), 'utf8')).released).toBe(true);
    const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
    expect(report.failure).toBeUndefined();
    expect(report.proven!.steps).toBe(Math.floor(taken / TOY.window) * TOY.window + 2);
    expect(layer!.kernel.every(Number.isFinite)).toBe(true);
  }
});
