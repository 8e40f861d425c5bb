/** Where things come from, what may be used, and what is in quarantine. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EventLog,
  generateLogKeys,
  Lineage,
  EventLog as Log,
  type Policy,
  quarantine,
  readArtefact,
  record,
  recordTaint,
  release,
  requirePolicy,
  signRelease,
  Taints,
  type TaintTag,
} from '../src/node.js';
import { leaks, newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const digest = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;
const tag = (source: string, hash: string, more: object = {}): TaintTag => ({
  source,
  origin: `https://${source}/x`,
  timestamp: '2026-11-30T12:00:00.000Z',
  hash,
  ...more,
});
const verification = { result: 'verified', pinned: [], developmentSrs: false };
const stage = (inputs: number[], outputs: number[], outcome = 'done') => ({
  type: 'stage',
  name: 's',
  inputs: inputs.map(digest),
  inputNames: inputs.map(String),
  outputs: outputs.map(digest),
  outputNames: outputs.map(String),
  environment: [],
  system: { runtime: 'r', platform: 'p', arch: 'a' },
  outcome,
  started: '2026-11-30T12:00:00.000Z',
  ended: '2026-11-30T12:00:00.000Z',
});
const lineage = (...all: object[]) =>
  new Lineage(all.map((fields, index) => ({ index, fields: fields as never })));

describe('tags', () => {
  it('are kept once, and combine to the same set in whatever order', () => {
    const taints = new Taints();
    const sets = [1, 2, 3].map((n) => taints.of([tag(`s${n}`, digest(n))]));
    const [a, b, c] = sets as [number, number, number];
    expect(taints.of([{ ...tag('s1', digest(1)) }])).toBe(a);
    const all = taints.combine(taints.combine(a, b), c);
    expect(taints.combine(c, taints.combine(b, a))).toBe(all);
    expect(taints.combine(all, a)).toBe(all);
    expect([taints.combine(0, a), taints.combine(a, 0)]).toEqual([a, a]);
    expect(taints.tags(all).map(({ source }) => source)).toEqual(['s1', 's2', 's3']);
    // What is given is no way to change what is kept.
    expect(() => Object.assign(taints.tags(a)[0]!, { source: 'other' })).toThrow();
  });

  it('lead to what is made, through every step, whenever they were recorded', () => {
    const run = {
      type: 'training.run',
      file: digest(30),
      format: 'bundle',
      runId: digest(31),
      dataset: digest(2),
      settings: digest(32),
      start: 'seed',
      weightsBefore: digest(33),
      weightsAfter: digest(4),
      base: digest(3),
      steps: 1,
      windows: 1,
      shards: 1,
      srs: 'x',
      verification,
    };
    const tags = { type: 'taint', tags: [tag('A', digest(1)), tag('B', digest(3), { shard: 2 })] };
    const made = lineage(stage([1], [2]), run, stage([4], [5]), tags);
    expect(made.origins(digest(5)).tags.map(({ source }) => source)).toEqual(['A', 'B']);
    expect(new Set(made.origins(digest(5)).roots)).toEqual(new Set([digest(1), digest(3)]));
    expect(made.origins(digest(2)).tags.map(({ source }) => source)).toEqual(['A']);
    // First weights that were not made again may come from anywhere.
    const given = lineage({ ...run, start: 'given' }).origins(digest(4));
    expect(given.roots).toContain(digest(33));
  });

  it('are not washed off by a stage that failed, a proof that was refused, or a circle', () => {
    const tags = { type: 'taint', tags: [tag('A', digest(1))] };
    for (const outcome of ['failed', 'changed'])
      expect(lineage(tags, stage([1], [2], outcome)).origins(digest(2)).tags).toHaveLength(1);
    expect(lineage(tags, stage([1], [2]), stage([2], [1])).origins(digest(2)).tags).toHaveLength(1);
    // An event that only says to be of a kind says nothing.
    expect(lineage({ ...tags, more: 1 }).origins(digest(1)).tags).toEqual([]);
  });
});

describe('a path', () => {
  it('leads forwards in the log, by what was made and not by what failed', () => {
    const steps = lineage(stage([1], [2]), stage([9], [10]), stage([2, 7], [3]), stage([3], [4])).path(
      digest(1),
      digest(4),
    );
    expect(steps?.map(({ index }) => index)).toEqual([0, 2, 3]);
    // Used before it was made.
    expect(lineage(stage([2], [3]), stage([1], [2])).path(digest(1), digest(3))).toBeUndefined();
    expect(lineage(stage([1], [2], 'failed')).path(digest(1), digest(2))).toBeUndefined();
    expect(lineage(stage([1], [2], 'changed')).path(digest(1), digest(2))).toBeUndefined();
    expect(lineage(stage([1], [1])).path(digest(1), digest(1))).toBeUndefined();
  });
});

let made: Awaited<ReturnType<typeof newLog>>;
let log: EventLog;
let folder: string;
const keys = generateLogKeys('example.com/security');
const others = generateLogKeys('example.com/security');
beforeAll(async () => {
  made = await newLog();
  log = made.log;
  // On the file system of the log.
  folder = join(made.dir, '..', 'work');
  mkdirSync(folder);
});
afterAll(() => log.close());
const last = async () => (await log.get(log.size - 1)).fields;

describe('a policy', () => {
  const policy = (...rules: Policy['rules']): Policy => ({ name: 'p', rules });

  it('is applied before use, and stated in the log with what it said', async () => {
    const [raw, clean] = [join(folder, 'raw'), join(folder, 'clean')];
    writeFileSync(raw, 'raw');
    await recordTaint(log, { artefact: { path: raw }, source: 'S', origin: 'https://s.example/raw' });
    await record(log, { name: 'clean', inputs: { raw: { path: raw } } }, (s) => {
      writeFileSync(clean, 'clean');
      s.output('clean', { path: clean });
    });
    await requirePolicy(log, policy({ rule: 'tagged' }, { rule: 'no-source', sources: ['T'] }), [
      { path: clean },
    ]);
    expect(await last()).toMatchObject({ type: 'policy.check', allowed: true, violations: [], events: 2 });
    const refusals: Policy['rules'] = [
      { rule: 'no-source', sources: ['S'] },
      { rule: 'no-origin', origins: ['https://s.example/raw'] },
      { rule: 'only-sources', sources: ['T'] },
    ];
    for (const rule of refusals) {
      await expect(requirePolicy(log, policy(rule), [{ path: clean }])).rejects.toThrow(
        code('LEDGER_POLICY'),
      );
      expect(await last()).toMatchObject({ allowed: false, violations: [{ rule: rule.rule }] });
    }
    const unknown = requirePolicy(log, policy({ rule: 'tagged' }), [{ text: 'from nowhere' }]);
    await expect(unknown).rejects.toThrow(code('LEDGER_POLICY'));
    const { size } = log;
    for (const none of [{ name: 'p', rules: [] }, { name: 'p', rules: [{ rule: 'anything' }] }, null])
      await expect(requirePolicy(log, none as never, [{ text: 'x' }])).rejects.toThrow(
        code('OPTION_INVALID'),
      );
    const { id, time, type, ...check } = await last();
    await expect(log.append({ type: 'policy.check', fields: { ...check, allowed: true } })).rejects.toThrow(
      code('LEDGER_EVENT'),
    );
    expect(log.size).toBe(size);
  });
});

describe('quarantine', () => {
  it('takes a file away, and its content is not read wherever it lies, until a key that it names releases it', async () => {
    const [path, copy] = [join(folder, 'bad'), join(folder, 'copy')];
    for (const one of [path, copy]) writeFileSync(one, 'bad content');
    expect(Buffer.from(await readArtefact(log, copy)).toString()).toBe('bad content');
    const held = await quarantine(log, { path, reason: 'not licensed', releaseKeys: [keys.vkeys[0]] });
    expect(existsSync(path)).toBe(false);
    const kept = join(made.dir, 'private/quarantine');
    expect(statSync(kept).mode & 0o777).toBe(0);
    expect(await last()).toMatchObject({
      type: 'quarantine',
      artefact: held.artefact,
      name: 'bad',
      reason: 'not licensed',
    });
    await expect(readArtefact(log, copy)).rejects.toThrow(code('LEDGER_QUARANTINED'));
    const using = record(log, { name: 'use', inputs: { copy: { path: copy } } }, () => 1);
    await expect(using).rejects.toThrow(code('LEDGER_QUARANTINED'));
    // What was made of it is refused by every policy.
    await log.append({ type: 'stage', fields: withoutType(stage([1], [77]), held.artefact) });
    const derived = requirePolicy(log, { name: 'p', rules: [{ rule: 'no-source', sources: ['T'] }] }, [
      { digest: digest(77) },
    ]);
    await expect(derived).rejects.toThrow(code('LEDGER_POLICY'));
    const to = join(folder, 'back');
    const { id, artefact } = held;
    const wrong = [
      signRelease(log.origin, held, others.signers[0]),
      signRelease('example.com/other', held, keys.signers[0]),
      signRelease(log.origin, { id: 'another-event', artefact }, keys.signers[0]),
      signRelease(log.origin, { id, artefact: digest(1) }, keys.signers[0]),
      'no note',
    ];
    for (const note of wrong)
      await expect(release(log, { quarantine: id, note, to })).rejects.toThrow(code('LEDGER_QUARANTINE'));
    // Nor where such an event stands in the log.
    await log.append({ type: 'quarantine.release', fields: { artefact, quarantine: id, note: wrong[0]! } });
    await expect(readArtefact(log, copy)).rejects.toThrow(code('LEDGER_QUARANTINED'));
    const note = signRelease(log.origin, held, keys.signers[0]);
    await expect(release(log, { quarantine: id, note, to: copy })).rejects.toThrow(code('LEDGER_QUARANTINE'));
    await release(log, { quarantine: id, note, to });
    expect(readFileSync(to, 'utf8')).toBe('bad content');
    expect(await readArtefact(log, copy)).toHaveLength(11);
    // The same content again: the old note is of the old quarantine.
    const again = await quarantine(log, { path: to, reason: 'again', releaseKeys: [keys.vkeys[0]] });
    await expect(release(log, { quarantine: again.id, note, to })).rejects.toThrow(code('LEDGER_QUARANTINE'));
    await expect(release(log, { quarantine: id, note, to })).rejects.toThrow(code('LEDGER_QUARANTINE'));
  });

  it('holds after the log was opened again, also of folders', async () => {
    const path = join(folder, 'data');
    mkdirSync(path);
    writeFileSync(join(path, 'a'), '1');
    const held = await quarantine(log, { path, reason: 'x', releaseKeys: [keys.vkeys[0], others.vkeys[0]] });
    await log.close();
    log = await Log.open({ dir: made.dir, signers: made.signers });
    await expect(readArtefact(log, join(folder, 'copy'))).rejects.toThrow(code('LEDGER_QUARANTINED'));
    await release(log, {
      quarantine: held.id,
      note: signRelease(log.origin, held, others.signers[0]),
      to: path,
    });
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('1');
  });

  it('of what cannot be moved at once is refused before it is recorded', async () => {
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'copy'), link);
    const { size } = log;
    const refusals: [string, object, string][] = [
      [link, {}, 'LEDGER_QUARANTINE'],
      [join(folder, 'gone'), {}, 'LEDGER_ARTEFACT'],
      [join(folder, 'copy'), { releaseKeys: ['x'] }, 'LEDGER_KEY_INVALID'],
      [join(folder, 'copy'), { releaseKeys: [] }, 'OPTION_INVALID'],
      ['/proc/self/cmdline', {}, 'LEDGER_QUARANTINE'],
    ];
    for (const [path, more, expected] of refusals) {
      const options = { path, reason: 'x', releaseKeys: [keys.vkeys[0]], ...more };
      await expect(quarantine(log, options)).rejects.toThrow(code(expected));
    }
    expect(log.size).toBe(size);
  });
});

it('reasons, origins and sources lie in the journal alone', async () => {
  await log.checkpoint();
  // Read, and taken away after the tests, by others than root too.
  chmodSync(join(made.dir, 'private/quarantine'), 0o700);
  expect(
    leaks(made.dir, ['not licensed', 's.example']).filter((path) => !path.includes('quarantine/')),
  ).toEqual([]);
});

/** A stage that reads an artefact. */
function withoutType({ type, ...fields }: ReturnType<typeof stage>, artefact: string) {
  return { ...fields, inputs: [artefact] };
}
