import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { State } from '../runner/state.mjs';

const version = { commit: 'abc', changed: null, engines: { wasm: '12' } };
const fresh = () => join(mkdtempSync(join(tmpdir(), 'pot-bench-')), 'state', 'state.json');
const open = (path: string, resume: boolean, of: object = version) => State.open(path, of, { resume });

it('keeps finished cases from run to run; failed ones and missing engines are tried again', async () => {
  const path = fresh();
  const first = await open(path, true);
  await first.add({ id: 'a', status: 'done', result: { provingMs: 1 } });
  await first.add({ id: 'b', status: 'failed', error: { code: 'CHILD_KILLED', message: '' } });
  await first.add({ id: 'c', status: 'unavailable', error: { code: 'ENGINE_UNAVAILABLE', message: '' } });
  const second = await open(path, true);
  expect(second.get('a')).toEqual({ id: 'a', status: 'done', result: { provingMs: 1 } });
  expect(second.get('b')).toBeUndefined();
  expect(second.get('c')).toBeUndefined();
  await second.add({ id: 'b', status: 'done', result: {} });
  expect((await open(path, true)).get('a')).toBeDefined();
  expect((await open(path, true)).get('b')?.status).toBe('done');
});

it('begins anew without --resume', async () => {
  const path = fresh();
  await (await open(path, false)).add({ id: 'a', status: 'done' });
  const anew = await open(path, false);
  expect(anew.get('a')).toBeUndefined();
  await anew.add({ id: 'b', status: 'done' });
  expect(JSON.parse(readFileSync(path, 'utf8')).done.map((r: { id: string }) => r.id)).toEqual(['b']);
});

it('refuses the state of another version, and a damaged one', async () => {
  const path = fresh();
  await (await open(path, true)).add({ id: 'a', status: 'done' });
  await expect(open(path, true, { ...version, commit: 'def' })).rejects.toMatchObject({
    code: 'BENCH_STATE',
  });
  await expect(open(path, true, { ...version, engines: { wasm: '13' } })).rejects.toMatchObject({
    code: 'BENCH_STATE',
  });
  for (const text of ['{"version":', '{}', 'null']) {
    writeFileSync(path, text);
    await expect(open(path, true)).rejects.toMatchObject({ code: 'BENCH_STATE' });
  }
});
