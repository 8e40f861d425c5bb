/** Questions in Prolog: what auditors ask, and programs that want more than an answer. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  askProlog,
  disclose,
  type PrologOptions,
  recordCommand,
  replay,
  type ShownEvent,
  verifyAnswer,
} from '../src/node.js';
import { emptyFolder } from './helpers/folder.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
/** What would end an atom, a clause or a comment, or be read as an escape. */
const HOSTILE = "x'). :- halt. event(9, a, b, '\\\n%*/ grüße 😀";
const HOSTILES = [
  '\\',
  "'",
  "\\'",
  "'\\",
  "''",
  '\\x41\\',
  '(12(',
  '\\12\\',
  '\\n',
  '\\u0041',
  "a\\', 'b",
  '\t',
  '~',
  '%',
  '/*',
];
let events: readonly ShownEvent[];
let digests: string[];
let folder: string;
beforeAll(async () => {
  const { log, vkeys } = await newLog();
  folder = emptyFolder();
  writeFileSync(join(folder, 'a'), 'one');
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'c'],
  ] as const) {
    const script = `require('fs').writeFileSync('${to}', require('fs').readFileSync('${from}') + '${to}')`;
    await recordCommand(log, {
      command: [process.execPath, '-e', script],
      name: `make ${to}`,
      folder,
      inputs: [from],
      outputs: [to],
    });
  }
  await log.append({
    type: 'decision',
    fields: { reason: HOSTILE, reasons: HOSTILES, secret: 'kept back', odds: -0.25 },
  });
  const stages = [
    'type',
    'time',
    'id',
    'name',
    'inputs',
    'outputs',
    'outcome',
    'system',
    'command',
    'inputNames',
    'outputNames',
  ];
  const [shown, told] = [
    await disclose(log, [0, 1], stages),
    await disclose(log, [2], ['type', 'reason', 'reasons', 'odds']),
  ];
  const found = [
    await verifyAnswer(JSON.stringify(shown), { vkeys }),
    await verifyAnswer(JSON.stringify(told), { vkeys }),
  ];
  events = found.flatMap((one) => one.events);
  digests = ['inputs', 'outputs'].flatMap((name) =>
    events.slice(0, 2).map(({ fields }) => (fields[name] as string[])[0]!),
  );
  await log.close();
});
const ask = (goal: string, more: Partial<PrologOptions> = {}) => askProlog(events, { goal, ...more });

describe('what auditors ask', () => {
  it('zkaudit/2: what is known of an entry', async () => {
    expect(await ask('zkaudit(E, type(stage)), zkaudit(E, field(name, N)).')).toEqual([
      { E: 0, N: 'make b' },
      { E: 1, N: 'make c' },
    ]);
    expect(await ask('zkaudit(2, withheld(secret))')).toEqual([{}]);
    expect(await ask("zkaudit(E, field('gone', V))")).toEqual([]);
  });

  it('a text cannot end its atom, and means itself', async () => {
    expect(await ask('zkaudit(2, field(reason, R)), zkaudit(2, field(odds, O))')).toEqual([
      { R: HOSTILE, O: -0.25 },
    ]);
    expect(await ask('field(2, reasons, R)')).toEqual([{ R: HOSTILES }]);
    expect(await ask('event(9, _, _, _)')).toEqual([]);
  });

  it('zkaudit_trace/3, zkaudit_integrity/2, zkaudit_infrastructure/2', async () => {
    const [a, , , c] = digests;
    expect(await ask(`zkaudit_trace('${a}', '${c}', Path)`)).toEqual([{ Path: [0, 1] }]);
    expect(await ask(`zkaudit_trace('${c}', '${a}', Path)`)).toEqual([]);
    expect(await ask('zkaudit_integrity(E, included)')).toHaveLength(3);
    expect(await ask('zkaudit_infrastructure(E, system(Runtime, _, _))')).toMatchObject([
      { E: 0, Runtime: `node ${process.version}` },
      { E: 1 },
    ]);
  });

  it('zkaudit_replay/2: what replaying gave, where it was done', async () => {
    const replayed = await replay(events, { artefacts: folder });
    expect(await ask('zkaudit_replay(E, R)', { replayed })).toEqual([
      { E: 0, R: 'same' },
      { E: 1, R: 'same' },
    ]);
    expect(await ask('zkaudit_replay(0, R)')).toEqual([{ R: 'not replayed' }]);
  });

  it('rules of their own', async () => {
    const program = 'first(E) :- zkaudit(E, type(_)), \\+ (zkaudit(F, type(_)), F < E).';
    expect(await ask('first(E)', { program })).toEqual([{ E: 0 }]);
  });
});

describe('what gives a typed error', () => {
  it.each<[string, string, string | undefined, Partial<PrologOptions>]>([
    ['no Prolog', 'zkaudit(', undefined, {}],
    ['a program that is none', 'true', 'a :- .', {}],
    ['a predicate that is not there', 'gone(X)', undefined, {}],
    ['a goal that never ends', 'loop', 'loop :- loop.', { maxInferences: 10_000 }],
    ['left recursion', 'p(X)', 'p(X) :- p(X).', { maxInferences: 10_000 }],
    ['solutions without end', 'n(X)', 'n(0). n(X) :- n(Y), X is Y + 1.', { maxInferences: 500 }],
    ['what takes too long', 'loop', 'loop :- loop.', { maxInferences: 1_000_000_000, maxMs: 300 }],
    ['a directive that never ends', 'true', 'loop :- loop. :- initialization(loop).', { maxMs: 800 }],
    ['the end of the interpreter', 'halt', undefined, {}],
    ['a module with files and processes', 'shell(ls)', ':- use_module(library(os)).', {}],
    ['a module of JavaScript', 'prop(process, P)', ':- use_module(library(js)).', {}],
    ['a question to the keyboard', 'read(X)', undefined, { maxMs: 800 }],
  ])('%s', async (_, goal, program, more) => {
    await expect(ask(goal, { ...more, ...(program !== undefined && { program }) })).rejects.toThrow(
      code('LEDGER_PROLOG'),
    );
  });

  it('files, which no program reads or writes', async () => {
    const [file, rules] = [join(folder, 'written'), join(folder, 'rules.pl')];
    writeFileSync(rules, 'stolen(secret).');
    await expect(ask(`open('${file}', write, S), write(S, x), close(S)`)).rejects.toThrow(
      code('LEDGER_PROLOG'),
    );
    await expect(ask(`open('${rules}', read, S)`)).rejects.toThrow(code('LEDGER_PROLOG'));
    for (const goal of [`consult('${rules}'), stolen(X)`, 'stolen(X)']) {
      const found = await ask(goal, {
        program: `:- ensure_loaded('${rules}'). :- include('${rules}').`,
      }).catch(() => []);
      expect(found).toEqual([]);
    }
    expect(existsSync(file)).toBe(false);
    await expect(ask('true', { limit: 1 } as never)).rejects.toThrow(code('OPTION_UNKNOWN'));
  });
});
