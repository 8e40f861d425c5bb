/** `pot cluster up`, `status` and `page` as people start them: real processes, and a proof that they make. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { windowTask } from '../../core/test/helpers/proverTask.js';
import { LocalCluster } from '../src/local/localCluster.js';
import { code, connect, proves, until } from './helpers/cluster.js';

const POT = fileURLToPath(new URL('../../core/dist/cli/main.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'pot-up-'));

/** A program, with what it says so far. */
function started(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [POT, ...args], { cwd: dir, env: { ...process.env, ...env } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  return { child, said, exited: once(child, 'exit') };
}

it('starts a queue and workers that prove, shows them, and ends with all of them', async () => {
  const up = started(['cluster', 'up', '--dir', 'up', '--workers', '1', '--page', '0']);
  await until(() => up.child.exitCode !== null || up.said.err.includes('Its page: '));
  const env = join(dir, 'up', 'env');
  expect(up.said.err).toContain('source up/env');
  expect(statSync(env).mode & 0o077).toBe(0);
  const lines = readFileSync(env, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  const said = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
  const [ZK_QUEUE, workerList] = [said.ZK_QUEUE!, said.ZK_WORKER_LIST!];
  const { password } = new URL(ZK_QUEUE);
  expect(password.length).toBeGreaterThan(20);

  const trainer = await connect(ZK_QUEUE, { artefacts: said.ZK_ARTEFACTS!, workerList });
  const task = await windowTask(trainer.local);
  const { proof } = await trainer.executor.run(task);
  expect(await proves(task, proof!)).toBe(true);
  await trainer.executor.close();

  const page = /Its page: (\S+)/.exec(up.said.err)![1]!;
  const shown = await (await fetch(page)).text();
  expect(shown).toContain('<td>local-1</td>');
  expect(shown).toMatch(/<td>completed<\/td><td>1<\/td>/);
  const status = started(['cluster', 'status'], said as Record<string, string>);
  await status.exited;
  expect(status.said.out).toMatch(/^completed +1$/m);
  expect(status.said.out).toMatch(/^worker +local-1: 1 at once/m);
  const served = started(['cluster', 'page', '--port', '0'], said as Record<string, string>);
  await until(() => served.said.out.includes('\n'));
  expect((await (await fetch(`${served.said.out.trim()}state.json`)).json()).jobs.completed).toBe(1);
  served.child.kill('SIGTERM');
  await served.exited;

  up.child.kill('SIGTERM');
  await up.exited;
  expect(up.child.exitCode, up.said.err).toBe(0);
  // The address is in the file alone.
  expect(JSON.stringify([up.said, status.said, served.said, shown])).not.toContain(password);
  await expect(connect(ZK_QUEUE, { artefacts: said.ZK_ARTEFACTS!, workerList })).rejects.toEqual(
    code('CLUSTER_QUEUE'),
  );
});

it('says what is missing, and refuses options that are none', async () => {
  const { PATH } = process.env;
  process.env.PATH = '';
  try {
    await expect(LocalCluster.start({ dir: join(dir, 'none') })).rejects.toEqual(code('REDIS_MISSING'));
  } finally {
    process.env.PATH = PATH;
  }
  await expect(LocalCluster.start({ dir, workers: 0 })).rejects.toEqual(code('OPTION_INVALID'));
});
