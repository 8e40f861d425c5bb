/** Questions to a log: what its owner answers, and what an auditor with the public keys alone finds out. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSql } from '../src/audit/sql.js';
import { sha256 } from '../src/bytes.js';
import { verifyAnswer as verifyInBrowser } from '../src/index.js';
import {
  type Answer,
  disclose,
  type EventLog,
  generateLogKeys,
  quarantine,
  query,
  record,
  recordCommand,
  recordFile,
  recordTaint,
  replay,
  report,
  timeline,
  trace,
  verifyAnswer,
} from '../src/node.js';
import { hex } from './helpers/bytes.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const digest = (text: string) => `sha256:${hex(sha256(text))}`;
const SECRET = 'a-secret-name';

let made: Awaited<ReturnType<typeof newLog>>;
let log: EventLog;
let folder: string;
let vkeys: readonly string[];
const times: string[] = [];
/** 0 file, 1 raw -> clean, 2 clean -> model, 3 rotation, 4 other, 5 model -> decision, 6 taint. */
beforeAll(async () => {
  made = await newLog();
  log = made.log;
  vkeys = made.vkeys;
  folder = join(made.dir, '..', 'work');
  mkdirSync(folder);
  writeFileSync(join(folder, 'raw.txt'), 'b\na\n');
  const stage = async (name: string, from: string, to: string) => {
    await record(log, { name, inputs: { in: { text: from } } }, (s) => s.output('out', { text: to }));
    await new Promise((r) => setTimeout(r, 3));
    times.push((await log.get(log.size - 1)).time);
  };
  await recordFile(log, { path: join(folder, 'raw.txt') });
  await stage(SECRET, 'raw', 'clean');
  await stage('train', 'clean', 'model');
  await log.rotate(generateLogKeys('example.com/log').signers);
  await stage('other', 'x', 'y');
  await stage('decide', 'model', 'decision');
  await recordTaint(log, { artefact: { text: 'raw' }, source: 'S', origin: 'o' });
});
afterAll(() => log.close());

/** What an auditor finds who has the keys of the log's first day. */
const audit = (answer: Answer) => verifyAnswer(JSON.stringify(answer), { vkeys });
/** An answer, changed. */
function changed(answer: Answer, change: (a: Answer) => void): Answer {
  const copy = structuredClone(answer);
  change(copy);
  return copy;
}
const indices = (answer: unknown, member: string) =>
  (answer as Record<string, { index: number }[]>)[member]!.map(({ index }) => index);

describe('a trace', () => {
  const question = { from: digest('raw'), to: digest('decision') };
  let answer: Answer;
  beforeAll(async () => {
    answer = await trace(log, question);
  });

  it('leads from the data to the decision, with a proof of every step and no names', async () => {
    const found = await audit(answer);
    expect(indices(found.answer, 'path')).toEqual([1, 2, 5]);
    expect(found.complete).toBe(false);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(Buffer.from(JSON.stringify(answer)).toString()).not.toContain(
      Buffer.from(SECRET).toString('base64').slice(0, 12),
    );
    expect(found.events[0]!.withheld).toContain('name');
    // In browsers too.
    expect((await verifyInBrowser(JSON.stringify(answer), { vkeys })).answer).toEqual(found.answer);
    const named = await audit(await trace(log, { ...question, fields: ['name'] }));
    expect(named.events.map(({ fields }) => fields.name)).toEqual([SECRET, 'train', 'decide']);
  });

  it('that there is none follows from all entries alone', async () => {
    const none = await trace(log, { from: digest('decision'), to: digest('raw') });
    const found = await audit(none);
    expect([found.answer, found.complete]).toEqual([{ path: null }, true]);
    const hidden = changed(none, (a) => a.evidence.entries.splice(2, 1));
    await expect(audit(hidden)).rejects.toThrow(code('LEDGER_ANSWER'));
    // An event that hides what it was made from may be the missing step.
    const { entries } = (await disclose(log, [1, 2], ['type', 'time'])).evidence;
    const hiding = changed(none, (a) => a.evidence.entries.splice(1, 2, ...entries));
    await expect(audit(hiding)).rejects.toThrow(code('LEDGER_ANSWER'));
  });

  it.each<[string, (a: Answer) => void, string]>([
    ['a step left out', (a) => a.evidence.entries.splice(1, 1), 'LEDGER_ANSWER'],
    ['a step twice', (a) => a.evidence.entries.push(a.evidence.entries[0]!), 'LEDGER_ANSWER'],
    ['another end asked for', (a) => Object.assign(a.question, { to: digest('other') }), 'LEDGER_ANSWER'],
    ['another path said', (a) => (a.answer as { path: unknown[] }).path.pop(), 'LEDGER_ANSWER'],
    ['none said', (a) => Object.assign(a, { answer: { path: null } }), 'LEDGER_ANSWER'],
    [
      'a step at another place',
      (a) =>
        Object.assign(a.evidence.entries[1]!, {
          proof: a.evidence.entries[1]!.proof.replace('index 2', 'index 4'),
        }),
      'LEDGER_NOT_INCLUDED',
    ],
    [
      "one step's fields in another's place",
      (a) => {
        const [one, two] = a.evidence.entries.map(({ proof }) => proof.split('\n'));
        Object.assign(a.evidence.entries[0]!, { proof: [one![0], two![1], ...one!.slice(2)].join('\n') });
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a checkpoint hidden in a proof',
      (a) =>
        Object.assign(a.evidence.entries[0]!, {
          proof: `${a.evidence.entries[0]!.proof}\n\n${a.evidence.checkpoint}`,
        }),
      'LEDGER_ANSWER',
    ],
    [
      'a size that was not signed',
      (a) => Object.assign(a.evidence, { checkpoint: a.evidence.checkpoint.replace('\n7\n', '\n8\n') }),
      'LEDGER_SIGNATURE',
    ],
    ['no notes about keys', (a) => Object.assign(a.evidence, { keys: [] }), 'LEDGER_SIGNATURE'],
    ['a member too many', (a) => Object.assign(a, { valid: true }), 'LEDGER_ANSWER'],
  ])('with %s is refused', async (_, change, expected) => {
    await expect(audit(changed(answer, change))).rejects.toThrow(code(expected));
  });

  it('of another log is refused, and so are questions that are none', async () => {
    const { vkeys: others } = generateLogKeys('example.com/log');
    await expect(verifyAnswer(JSON.stringify(answer), { vkeys: others })).rejects.toThrow(
      code('LEDGER_KEYS'),
    );
    await expect(trace(log, { from: digest('x'), to: digest('x') })).rejects.toThrow(code('OPTION_INVALID'));
    await expect(trace(log, { from: 'raw', to: digest('x') })).rejects.toThrow(code('OPTION_INVALID'));
    await expect(verifyAnswer('{"format":"x","format":"x"}', { vkeys })).rejects.toThrow(
      code('FORMAT_DUPLICATE_KEY'),
    );
  });
});

describe('a timeline', () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await timeline(log, { from: times[1]!, to: times[3]! });
  });

  it('has all events of a span, and shows that none was left out', async () => {
    const found = await audit(answer);
    // Two events, the rotation between them, one before and one after.
    expect(indices(found.answer, 'events')).toEqual([2, 4]);
    expect(found.events.map(({ index }) => index)).toEqual([1, 2, 4, 5]);
    expect(found.events[0]!.fields).not.toHaveProperty('type');
    const whole = await audit(
      await timeline(log, { from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }),
    );
    expect([indices(whole.answer, 'events'), whole.complete]).toEqual([[0, 1, 2, 4, 5, 6], true]);
    const before = await audit(
      await timeline(log, { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }),
    );
    expect(indices(before.answer, 'events')).toEqual([]);
  });

  it.each<[string, (a: Answer) => void]>([
    ['an event in the middle', (a) => void a.evidence.entries.splice(0, 1)],
    ['the rotation', (a) => void a.evidence.entries.pop()],
    ['what lies before', (a) => void a.evidence.entries.splice(2, 1)],
    ['what lies after', (a) => void a.evidence.entries.splice(3, 1)],
    ['all', (a) => void Object.assign(a.evidence, { entries: [] })],
  ])('without %s is refused', async (_, change) => {
    await expect(audit(changed(answer, change))).rejects.toThrow(code('LEDGER_ANSWER'));
  });

  it('of events that do not show their times is refused, and so is a longer span', async () => {
    const { entries } = (await disclose(log, [2], ['type'])).evidence;
    const timeless = changed(answer, (a) => a.evidence.entries.splice(0, 1, entries[0]!));
    await expect(audit(timeless)).rejects.toThrow(code('LEDGER_ANSWER'));
    const longer = changed(answer, (a) => Object.assign(a.question, { from: times[0] }));
    await expect(audit(longer)).rejects.toThrow(code('LEDGER_ANSWER'));
  });
});

describe('a query', () => {
  it('gives rows that an auditor finds too', async () => {
    const sql =
      "SELECT s.entry, s.name, o.digest FROM stages s JOIN outputs o USING (entry) WHERE s.outcome = 'done' ORDER BY s.entry";
    const found = await audit(await query(log, { sql }));
    expect(found.complete).toBe(true);
    expect(found.answer).toMatchObject({ columns: ['entry', 'name', 'digest'] });
    expect((found.answer as { rows: unknown[][] }).rows.map(([entry]) => entry)).toEqual([1, 2, 4, 5]);
    const recursive = `WITH RECURSIVE made(digest) AS (VALUES ('${digest('raw')}') UNION
      SELECT o.digest FROM made JOIN inputs i USING (digest) JOIN outputs o USING (entry)) SELECT count(*) AS n FROM made`;
    expect((await query(log, { sql: recursive })).answer).toEqual({ columns: ['n'], rows: [[4]] });
  });

  it('shows the chosen fields alone, and of the chosen events where that is asked for', async () => {
    const sql = "SELECT entry, type FROM events WHERE type = 'taint'";
    const answer = await query(log, { sql, fields: ['type'], rowsOnly: true });
    const found = await audit(answer);
    expect([found.complete, found.events.map(({ index }) => index)]).toEqual([false, [6]]);
    expect(found.events[0]!.withheld).toEqual(['id', 'tags', 'time']);
    await expect(
      audit(changed(answer, (a) => Object.assign(a.answer as object, { rows: [] }))),
    ).rejects.toThrow(code('LEDGER_ANSWER'));
    const withheld = await query(log, {
      sql: 'SELECT DISTINCT name FROM withheld',
      fields: ['id', 'time', 'type'],
    });
    expect((withheld.answer as { rows: string[][] }).rows.flat()).toContain('tags');
    await expect(verifyInBrowser(JSON.stringify(answer), { vkeys })).rejects.toThrow(code('LEDGER_ANSWER'));
  });

  it.each([
    'DELETE FROM events',
    'SELECT 1; DROP TABLE events',
    '/* SELECT */ UPDATE events SET id = 1',
    'WITH t AS (SELECT 1) INSERT INTO events (entry) SELECT 99',
    "ATTACH '/tmp/pot-attached.db' AS other",
    'PRAGMA query_only = OFF',
    '-- SELECT\nVACUUM',
    'CREATE TABLE t (a)',
    "SELECT load_extension('x')",
    'SELECT * FROM gone',
    '',
    ';',
  ])('that is %s is refused', async (sql) => {
    const events = [{ index: 0, fields: { type: 'x' }, withheld: [] }];
    await expect(runSql(sql, events)).rejects.toThrow(code('LEDGER_SQL'));
  });

  it('that never ends is ended', async () => {
    const sql = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
    await expect(runSql(sql, [], 300)).rejects.toThrow(code('LEDGER_SQL'));
    const many = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c';
    await expect(runSql(many, [])).rejects.toThrow('more than 100000 rows');
    expect(await runSql('SELECT \';\' AS "a;b" -- ; c\n;', [])).toEqual({ columns: ['a;b'], rows: [[';']] });
  });
});

describe('a report and disclosed events', () => {
  it('count what is there, over all entries', async () => {
    const answer = await report(log);
    const found = await audit(answer);
    expect(found.answer).toMatchObject({
      entries: 7,
      types: { file: 1, stage: 4, taint: 1 },
      stages: { done: 4 },
      malformed: [],
      quarantined: [],
    });
    for (const change of [
      (a: Answer) => a.evidence.entries.splice(0, 1),
      (a: Answer) => Object.assign((a.answer as { types: object }).types, { stage: 3 }),
    ])
      await expect(audit(changed(answer, change))).rejects.toThrow(code('LEDGER_ANSWER'));
    const { entries } = (await disclose(log, [1], ['type', 'time', 'id'])).evidence;
    const hiding = changed(answer, (a) => a.evidence.entries.splice(1, 1, entries[0]!));
    await expect(audit(hiding)).rejects.toThrow(code('LEDGER_ANSWER'));
  });

  it('of some events show what was chosen', async () => {
    const found = await audit(await disclose(log, [5, 2], ['type', 'outcome']));
    expect((found.answer as { events: object[] }).events).toEqual(
      [2, 5].map((index) => ({ index, fields: { type: 'stage', outcome: 'done' } })),
    );
    await expect(disclose(log, [0], ['outcome'])).rejects.toThrow(code('LEDGER_FIELD'));
    await expect(disclose(log, [3], ['type'])).rejects.toThrow(code('LEDGER_INDEX'));
  });
});

describe('replaying', () => {
  const node = (script: string) => [process.execPath, '-e', `const fs = require('fs'); ${script}`];
  const sort =
    "fs.writeFileSync('sorted.txt', fs.readFileSync('raw.txt', 'utf8').split('\\n').sort().join('\\n'))";
  const ran = (script: string, inputs: string[], outputs: string[]) =>
    recordCommand(log, {
      command: node(script),
      name: outputs[0] ?? 'none',
      folder,
      inputs,
      outputs,
      stdio: 'ignore',
    });

  it('runs stages again in order, and says where they differ', async () => {
    const from = log.size;
    await ran(sort, ['raw.txt'], ['sorted.txt']);
    await ran("fs.copyFileSync('sorted.txt', 'copy.txt')", ['sorted.txt'], ['copy.txt']);
    await ran("fs.writeFileSync('now.txt', String(process.hrtime.bigint()))", [], ['now.txt']);
    await ran('process.exit(3)', [], []);
    const stages = (await log.find({ type: 'stage', after: from })).filter(({ index }) => index >= from);
    // What the first stage made goes into the second, though it is not among the artefacts.
    for (const name of ['sorted.txt', 'copy.txt', 'now.txt']) rmSync(join(folder, name));
    const results = await replay(stages, { artefacts: folder });
    expect(results.map(({ name, result }) => [name, result])).toEqual([
      ['sorted.txt', 'same'],
      ['copy.txt', 'same'],
      ['now.txt', 'different'],
      ['none', 'not replayed'],
    ]);
    expect(results[2]!.differs).toEqual([
      {
        name: 'now.txt',
        recorded: expect.stringMatching(/^sha256:/),
        found: expect.stringMatching(/^sha256:/),
      },
    ]);
    writeFileSync(join(folder, 'raw.txt'), 'altered');
    const [altered] = await replay(stages, { artefacts: folder });
    expect(altered).toMatchObject({
      result: 'not replayed',
      why: 'its input raw.txt is another content than recorded',
    });
    // A stage that hides its command, or names what lies elsewhere.
    const [{ index, fields }] = stages as unknown as [{ index: number; fields: Record<string, never> }];
    const { command, ...hidden } = fields;
    const outside = { ...fields, outputNames: ['../../outside'] };
    const bad = await replay(
      [
        { index, fields: hidden },
        { index: index + 1, fields: outside as never },
      ],
      { artefacts: folder },
    );
    expect(bad.map(({ why }) => why)).toEqual([
      'it was no command, or does not show it',
      'a name leads out of its folder',
    ]);
  });

  it('ends what takes too long', async () => {
    const { index } = await ran("setTimeout(() => {}, fs.existsSync('stay') ? 60_000 : 0)", [], []);
    const { fields } = await log.get(index);
    const slow = { ...fields, command: node('setTimeout(() => {}, 60_000)') };
    const [one] = await replay([{ index, fields: slow }], { artefacts: folder, maxMs: 300 });
    expect(one).toMatchObject({ result: 'different', why: 'exit code 143, not 0' });
  });
});

it('what is in quarantine is in the report until it is released', async () => {
  const path = join(folder, 'bad.txt');
  writeFileSync(path, 'bad');
  const { artefact } = await quarantine(log, { path, reason: 'r', releaseKeys: [vkeys[0]!] });
  // A release that nobody signed.
  await log.append({ type: 'quarantine.release', fields: { artefact, quarantine: 'x', note: 'no note' } });
  expect((await audit(await report(log))).answer).toMatchObject({ quarantined: [artefact] });
});
