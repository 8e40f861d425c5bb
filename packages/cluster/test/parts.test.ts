/** What needs no queue: tasks as bytes, keys, lists, the folder, the gate. */
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tinySpecs } from '../../core/test/helpers/proverTask.js';
import { FolderStore } from '../src/artefacts/folderStore.js';
import { readAll } from '../src/artefacts/store.js';
import { isSignedBy, makeIdentity, parseLine, readIdentity } from '../src/identity/identity.js';
import { WorkerList } from '../src/identity/workerList.js';
import { parseJob, parseResult } from '../src/message/messages.js';
import { openTask, sealTask } from '../src/message/seal.js';
import { type RemoteTask, statementOf, type WitnessTask } from '../src/message/statement.js';
import { taskBytes, taskOf } from '../src/message/taskBytes.js';
import { Gate } from '../src/submit/gate.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-parts-'));
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const hex = (digit: string) => `0x${'0'.repeat(63)}${digit}`;

async function task(): Promise<WitnessTask> {
  const { window: spec } = await tinySpecs();
  const salt = (n: number) => new Uint8Array(32).fill(n);
  const base = new BigInt64Array(new SharedArrayBuffer(8 * 20_000)).fill(-3n);
  const place = { runId: hex('1'), firstStep: 0, epoch: 0, eta: '1000' };
  return {
    kind: 'window',
    spec,
    public: { ...place, weightsIn: hex('2'), weightsOut: hex('3'), data: hex('4') },
    before: BigInt64Array.of(1n, -2n, 2n ** 62n),
    saltBefore: salt(1),
    after: new BigInt64Array(0),
    saltAfter: salt(2),
    x: Int32Array.of(1, -2),
    y: Int32Array.of(3),
    dataSalt: salt(3),
    points: { before: salt(4), data: salt(5) },
    transcript: 'poseidon',
    base,
  };
}
const bytesOf = (of: RemoteTask) => new Uint8Array(Buffer.concat([...taskBytes(of)]));

describe('a task as bytes', () => {
  it('comes back as it was', async () => {
    const one = await task();
    const back = taskOf(bytesOf(one));
    expect(back).toEqual({ ...one, base: new BigInt64Array(20_000).fill(-3n) });
    expect(statementOf(back, 'a')).toBe(statementOf(one, 'a'));
    expect(statementOf(back, 'b')).not.toBe(statementOf(one, 'a'));
    expect(statementOf({ ...one, transcript: 'blake2b' }, 'a')).not.toBe(statementOf(one, 'a'));
  });

  it('comes back as it was, of an aggregate', async () => {
    const { window: spec } = await tinySpecs();
    const { public: inputs } = await task();
    const proof = { public: inputs, proof: 'AAAA', shard: 1, siblings: [hex('5')] };
    const link: RemoteTask = { kind: 'aggregation', spec, places: 2, members: [proof, proof] };
    expect(taskOf(bytesOf(link))).toEqual(link);
    const other: RemoteTask = { ...link, members: [proof, { ...proof, proof: 'AAAB' }] };
    expect(statementOf(other, 'a')).not.toBe(statementOf(link, 'a'));
    expect(statementOf({ ...link, places: 3 }, 'a')).not.toBe(statementOf(link, 'a'));
    // Of a run whose windows differ: another circuit, which is told what the run has in their place.
    const named = { eta: '51' };
    const differing: RemoteTask = { ...link, form: { rates: true }, members: [{ ...proof, named }] };
    expect(taskOf(bytesOf(differing))).toEqual(differing);
    expect(statementOf({ ...link, form: { rates: true } }, 'a')).not.toBe(statementOf(link, 'a'));
    const wrong = [
      { members: [] },
      { places: 33 },
      { members: Array(33).fill(proof) },
      { form: { rate: true } },
      { members: [{ ...proof, named: { eta: '-1' } }] },
    ];
    for (const more of wrong) {
      const bytes = bytesOf({ ...link, ...more } as RemoteTask);
      expect(() => taskOf(bytes)).toThrow(code('CLUSTER_MESSAGE'));
    }
  });

  it('is refused where it is cut, longer, or says something else than it has', async () => {
    const bytes = bytesOf(await task());
    const header = new DataView(bytes.buffer).getUint32(8, true);
    const said = new TextDecoder().decode(bytes.subarray(12, 12 + header));
    const withHeader = (text: string) => {
      const other = new TextEncoder().encode(text);
      const length = new Uint8Array(Uint32Array.of(other.length).buffer);
      return Buffer.concat([bytes.subarray(0, 8), length, other, bytes.subarray(12 + header)]);
    };
    expect(() => taskOf(withHeader(said))).not.toThrow();
    const wrong = [
      new Uint8Array(0),
      bytes.subarray(0, 11),
      bytes.subarray(0, bytes.length - 1),
      Buffer.concat([bytes, new Uint8Array(8)]),
      withHeader('{'),
      withHeader(said.replace('"window"', '"other"')),
      withHeader(said.replace('"before":24', '"before":23')),
      withHeader(said.replace('"saltAfter":32,', '')),
      withHeader(said.replace('"arrays":{', '"arrays":{"more":0,')),
      withHeader(said.replace('"before":24', '"before":1e300')),
      Buffer.concat([bytes.subarray(0, 8), Uint8Array.of(255, 255, 255, 255), bytes.subarray(12)]),
    ];
    for (const some of wrong) expect(() => taskOf(some)).toThrow(code('CLUSTER_MESSAGE'));
  });

  it('is opened by the workers that it is encrypted to, and by no other', async () => {
    const store = await FolderStore.open(join(dir, 'sealed'));
    const [one, two, three] = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await makeIdentity(name, join(dir, name));
        return readIdentity(join(dir, name));
      }),
    );
    const sealed = await sealTask(store, await task(), [one!, two!]);
    expect(await openTask(store, sealed, two!)).toEqual(await openTask(store, sealed, one!));
    await expect(openTask(store, sealed, three!)).rejects.toEqual(code('CLUSTER_REVOKED'));
  });
});

describe('messages', () => {
  it('are refused where they do not fit, are too large or of another version', () => {
    const hash = 'a'.repeat(64);
    const artefact = { hash, bytes: 1 };
    const job = {
      version: 1,
      kind: 'window',
      statement: hash,
      memoryBytes: 1,
      srs: artefact,
      witness: artefact,
    };
    const workers = ['b'.repeat(16)];
    expect(parseJob({ ...job, workers })).toEqual({ ...job, workers });
    const wrong = [
      { workers: [] },
      { workers: ['x'] },
      { more: 1 },
      { statement: '../etc' },
      { memoryBytes: -1 },
    ];
    for (const more of wrong)
      expect(() => parseJob({ ...job, workers, ...more })).toThrow(code('CLUSTER_MESSAGE'));
    expect(() => parseJob({ ...job, workers, srs: { hash, bytes: 2 ** 31 } })).toThrow(
      code('CLUSTER_MESSAGE'),
    );
    expect(() => parseJob({ ...job, workers, version: 2 })).toThrow(/version 2/);
    const result = { version: 1, worker: workers[0], proof: 'AAAA', ms: 1, signature: 'x' };
    expect(parseResult(result)).toEqual(result);
    for (const more of [{ proof: 'A'.repeat(2 ** 23) }, { proof: '?' }, { ms: Number.NaN }, { worker: 1 }])
      expect(() => parseResult({ ...result, ...more })).toThrow(code('CLUSTER_MESSAGE'));
    expect(() => parseResult(null)).toThrow(code('CLUSTER_MESSAGE'));
  });
});

describe("a worker's keys", () => {
  it('sign what others can check by its line, and are for its owner alone', async () => {
    const path = join(dir, 'keys');
    const line = await makeIdentity('machine-2', path);
    const identity = await readIdentity(path);
    const seen = parseLine(line, 'a line');
    expect(seen).toMatchObject({ id: identity.id, name: 'machine-2', recipient: identity.recipient });
    expect(isSignedBy(seen, 'yes', identity.sign('yes'))).toBe(true);
    expect(isSignedBy(seen, 'no', identity.sign('yes'))).toBe(false);
    expect(isSignedBy(seen, 'yes', 'nonsense')).toBe(false);
    await expect(makeIdentity('machine-2', path)).rejects.toEqual(code('CLUSTER_IDENTITY'));
    await expect(makeIdentity('two words', join(dir, 'other'))).rejects.toEqual(code('CLUSTER_IDENTITY'));
    const { age, ed25519 } = JSON.parse(readFileSync(path, 'utf8'));
    expect(line).not.toContain(age);
    chmodSync(path, 0o644);
    await expect(readIdentity(path)).rejects.toThrow(/others may read/);
    // A damaged file is refused, and its keys are not in the message.
    writeFileSync(join(dir, 'damaged'), readFileSync(path, 'utf8').replace('"version"', '"versio"'), {
      mode: 0o600,
    });
    const error = await readIdentity(join(dir, 'damaged')).catch((e) => e);
    expect(error).toEqual(code('CLUSTER_IDENTITY'));
    for (const key of [age, ed25519])
      expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain(key);
  });

  it('stand in lists, which are read again', async () => {
    const path = join(dir, 'workers.txt');
    const lines = await Promise.all(['x', 'y'].map((name) => makeIdentity(name, join(dir, `list-${name}`))));
    writeFileSync(path, `# two\n\n${lines.join(' # a remark\n')}\n`);
    const list = await WorkerList.open(path);
    expect([...(await list.read()).values()].map(({ name }) => name)).toEqual(['x', 'y']);
    writeFileSync(path, `${lines[1]}\n`);
    expect([...(await list.read()).values()].map(({ name }) => name)).toEqual(['y']);
    for (const text of [
      '',
      '# none\n',
      'x y z\n',
      `${lines[0]} more\n`,
      lines[0]!.replace('ed25519:', ''),
      lines[0]!.slice(0, -3),
    ]) {
      writeFileSync(path, text);
      await expect(list.read()).rejects.toEqual(code('CLUSTER_IDENTITY'));
    }
    await expect(WorkerList.open(join(dir, 'gone'))).rejects.toEqual(code('CLUSTER_IDENTITY'));
  });
});

it('keeps artefacts by their content, and gives no others', async () => {
  const at = join(dir, 'store');
  const store = await FolderStore.open(at);
  expect((await FolderStore.open(at)).id).toBe(store.id);
  expect((await FolderStore.open(join(dir, 'other-store'))).id).not.toBe(store.id);
  async function* chunks() {
    for (let n = 0; n < 40; n++) yield new Uint8Array(100_000).fill(n);
  }
  const artefact = await store.put(chunks());
  expect(artefact.bytes).toBe(4_000_000);
  expect((await readAll(store, artefact))[3_999_999]).toBe(39);
  const damaged = (of: { hash: string; bytes: number }) =>
    expect(readAll(store, of)).rejects.toEqual(code('CLUSTER_ARTEFACT'));
  await damaged({ ...artefact, bytes: 3_999_999 });
  await damaged({ ...artefact, bytes: 4_000_001 });
  await damaged({ ...artefact, hash: '../store' });
  const path = join(at, 'objects', artefact.hash);
  writeFileSync(path, readFileSync(path).fill(1, 5, 6));
  await damaged(artefact);
  await store.remove(artefact.hash);
  await store.remove(artefact.hash);
  await damaged(artefact);
  await expect(FolderStore.open('/proc/none')).rejects.toEqual(code('CLUSTER_ARTEFACT'));
});

it('lets in so many at once, higher priorities first, and forgets who gave up', async () => {
  const gate = new Gate(() => 1);
  const never = new AbortController().signal;
  const stop = new AbortController();
  await gate.enter(0, never);
  const order: number[] = [];
  const entered = [0, 5, 1, 5].map((priority, n) =>
    gate.enter(priority, n === 2 ? stop.signal : never).then(() => order.push(n)),
  );
  expect([gate.running, gate.queued]).toEqual([1, 4]);
  stop.abort();
  await expect(entered[2]).rejects.toEqual(code('PROVER_ABORTED'));
  for (let n = 0; n < 3; n++) {
    gate.leave();
    await new Promise(setImmediate);
  }
  expect(order).toEqual([1, 3, 0]);
  gate.leave();
  expect([gate.running, gate.queued]).toEqual([0, 0]);
  await expect(gate.enter(0, stop.signal)).rejects.toEqual(code('PROVER_ABORTED'));
});
