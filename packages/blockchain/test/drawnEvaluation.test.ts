/** An evaluation of drawn samples, from the test set to the report: real proofs, a real chain, and what must be refused. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { secretsText } from '../../core/src/cli/inferenceSecrets.js';
import { type SharedRun, sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import { memoryUses, type ProvenEvaluationFile, proveEvaluation } from '../../inference/src/node.js';
import { EvaluationDraws, type FixedDraw } from '../src/draws/client.js';
import { evaluationDigest } from '../src/draws/evaluation.js';
import { drawnIndices } from '../src/draws/rule.js';
import {
  type DrawnSamples,
  discloseSamples,
  makeTestSet,
  readTestSet,
  requireDrawn,
  summaryOfTestSet,
} from '../src/draws/testSet.js';
import { type VerifyDrawnOptions, verifyDrawnEvaluation } from '../src/draws/verify.js';
import { testChain } from './helpers/chain.js';
import { codeOf } from './helpers/errors.js';
import { FaultyRpc } from './helpers/faultyRpc.js';
import { run as runPot } from './helpers/pot.js';

type Shown = DrawnSamples['samples'][number];
const chain = testChain();
const accept = { allowDevelopmentSrs: true } as const;
const ONE = { confirmations: 1 };
const { x } = toyData(7, 12);
const inputs = Array.from({ length: 12 }, (_, i) =>
  Array.from(x.slice(i * TOY.inputs, (i + 1) * TOY.inputs)),
);
const testSet = makeTestSet({ inputs, labels: inputs.map((_, i) => i % 3) });

let run: SharedRun;
let draws: EvaluationDraws;
let draw: FixedDraw;
let samples: DrawnSamples;
let parts: ProvenEvaluationFile[];

const prove = (of: DrawnSamples['samples'], context: string, opening = run.opening) =>
  proveEvaluation({
    ...accept,
    opening,
    inputs: of.flatMap((s) => s.inputs),
    labels: of.map((s) => s.label),
    uses: memoryUses(),
    context,
  });
const files = () => parts.map(({ proof }) => proof);
const saltsOf = (of: ProvenEvaluationFile[]) => of.map(({ secrets }) => secrets.inputs?.salt);
const verify = (given: Partial<VerifyDrawnOptions> = {}, of: object[] = files(), id = draw.id) =>
  verifyDrawnEvaluation(draws, id, of, {
    ...accept,
    ...ONE,
    run: run.bundle,
    samples,
    salts: saltsOf(parts),
    ...given,
  });
const refused = async (given: Partial<VerifyDrawnOptions> = {}, of = files(), id = draw.id) => {
  const { ok, failure, evaluation } = await verify(given, of, id);
  expect([ok, evaluation]).toEqual([false, undefined]);
  return failure?.code;
};
/** What the chain takes of files, since it verifies nothing. */
const answeredWith = async <T>(of: object[], work: () => Promise<T>) =>
  chain.isolated(async () => {
    await draws.answer(draw.id, of, ONE);
    return work();
  });

beforeAll(async () => {
  run = await sharedRun('dense');
  draws = await EvaluationDraws.deploy({ connection: chain.connection, signer: chain.wallet(0), pollMs: 10 });
  const { value: set } = await draws.registerTestSet(summaryOfTestSet(testSet));
  const terms = { testSet: set.id, model: run.opening.commitment, samples: 3, window: 50 };
  const { value } = await draws.request(terms);
  await chain.send('anvil_mine', '0x2');
  draw = await draws.fix(value.id, ONE);
  samples = discloseSamples(testSet, draw.fixed.indices);
  const { context } = draw.fixed;
  parts = [await prove(samples.samples.slice(0, 2), context), await prove(samples.samples.slice(2), context)];
}, 240_000);

it('holds where proofs are of the drawn samples, the model that was named, and not older than the block', async () => {
  expect(await refused()).toBe('DRAW_UNANSWERED');
  for (const options of [{ confirmations: 0 }, { salts: 3 }, { expected: { tset: '' } }]) {
    expect(await codeOf(verify(options as object))).toMatch(/^OPTION_/);
  }
  const report = await answeredWith(files(), async () => {
    expect(await codeOf(draws.answer(draw.id, files().slice(0, 1), ONE))).toBe('DRAW_ANSWERED');
    expect(await codeOf(verify({ maxk: 12 } as object))).toBe('OPTION_UNKNOWN');
    expect((await draws.answer(draw.id, files(), ONE)).already).toBe(true);
    return verify({ expected: { testSet: draw.testSet, model: draw.model, requester: draw.requester } });
  });
  expect(report.failure).toBeUndefined();
  const right = parts.reduce((n, p) => n + p.right, 0);
  expect(report.evaluation).toMatchObject({
    samples: 3,
    right,
    weights: draw.model,
    run: run.bundle.run.runId,
  });
  expect([report.others, report.testSet?.samples, report.conditional]).toEqual([[], 12, undefined]);
});

it('is refused where the reader expects another, or it is too young, or a file is another one', async () => {
  await answeredWith(files(), async () => {
    const word = `0x${'1'.repeat(64)}`;
    for (const expected of [{ testSet: word }, { model: word }, { requester: chain.wallet(3).address }]) {
      expect(await refused({ expected })).toBe('EXPECTED_MISMATCH');
    }
    expect(await refused({ confirmations: 2 })).toBe('DRAW_UNCONFIRMED');
    expect(await refused({}, files().slice(0, 1))).toBe('DRAW_EVALUATION');
    expect(await refused({}, [...files()].reverse())).toBe('DRAW_EVALUATION');
    expect(await refused({}, files(), word)).toBe('DRAW_UNKNOWN');
    expect(await refused({ salts: [] })).toBe('OPTION_INVALID');
  });
});

it('is refused where blocks are not those that the contract names, and no other contract is asked', async () => {
  const server = new FaultyRpc(chain.anvil.url);
  const connection = await chain.connect({ url: await server.start() });
  const reader = await EvaluationDraws.open({ connection });
  const codeBy = async () =>
    (await verifyDrawnEvaluation(reader, draw.id, files(), { ...accept, ...ONE, samples })).failure?.code;
  try {
    await answeredWith(files(), async () => {
      // Of a chain whose contracts count other blocks: there is no log of the request in the block, or no such block.
      server.rule = (method) => (method === 'eth_getLogs' ? { result: [] } : 'pass');
      expect(await codeBy()).toBe('DRAW_BLOCK');
      server.rule = (method) => (method === 'eth_getBlockByNumber' ? { result: null } : 'pass');
      expect(await codeBy()).toBe('DRAW_BLOCK');
      server.rule = () => 'pass';
      expect(await codeBy()).toBe('OPTION_INVALID');
    });
    expect(
      await codeOf(reader.request({ testSet: draw.testSet, model: draw.model, samples: 1, window: 1 })),
    ).toBe('SIGNER_MISSING');
    for (const code of ['0x', '0x00']) {
      server.rule = (method) => (method === 'eth_getCode' ? { result: code } : 'pass');
      expect(await codeOf(EvaluationDraws.open({ connection }))).toBe('DRAW_CONTRACT');
    }
  } finally {
    await server.stop();
  }
});

it('is refused of other samples: others of the set, fewer, changed ones, in another order', async () => {
  const { context, indices } = draw.fixed;
  const all = Array.from({ length: 12 }, (_, i) => i);
  const others = discloseSamples(testSet, all.filter((i) => !indices.includes(i)).slice(0, 3));
  const other = await prove(others.samples, context);
  await answeredWith([other.proof], async () => {
    const salts = saltsOf([other]);
    // The drawn samples are shown, the proof is of others; or those are shown that the proof is of.
    expect(await refused({ salts }, [other.proof])).toBe('EXPECTED_MISMATCH');
    expect(await refused({ salts, samples: others }, [other.proof])).toBe('DRAW_SAMPLES');
  });
  await answeredWith(files().slice(0, 1), async () => {
    const fewer = { ...samples, samples: samples.samples.slice(0, 2) };
    expect(await refused({ salts: saltsOf(parts).slice(0, 1) }, files().slice(0, 1))).toBe('DRAW_SAMPLES');
    expect(await refused({ samples: fewer }, files().slice(0, 1))).toBe('DRAW_SAMPLES');
  });
  const [first, second, third] = [0, 1, 2].map((i) => samples.samples[i]!) as [Shown, Shown, Shown];
  const lies: unknown[] = [
    [second, first, third],
    [first, first, third],
    [{ ...first, label: (first.label + 1) % 3 }, second, third],
    [{ ...first, inputs: [first.inputs[0]! + 1e-9, ...first.inputs.slice(1)] }, second, third],
    [{ ...first, salt: second.salt }, second, third],
    [{ ...first, path: first.path.slice(1) }, second, third],
    [{ ...first, index: second.index }, second, third],
  ];
  const registered = summaryOfTestSet(testSet);
  expect(requireDrawn(samples, registered, indices)).toHaveLength(3);
  for (const lie of lies) {
    const shown = { ...samples, samples: lie };
    expect(() => requireDrawn(shown, registered, indices)).toThrow(
      expect.objectContaining({ code: 'DRAW_SAMPLES' }),
    );
  }
  for (const foreign of [{}, null, { ...samples, more: 1 }, { ...samples, samples: [] }]) {
    expect(() => requireDrawn(foreign, registered, indices)).toThrow(
      expect.objectContaining({ code: 'FORMAT_FOREIGN' }),
    );
  }
});

it('is refused of a proof that is older than the draw, and of another model', async () => {
  const before = await prove(samples.samples, `0x${'0'.repeat(64)}`);
  await answeredWith([before.proof], async () => {
    expect(await refused({ salts: saltsOf([before]) }, [before.proof])).toBe('EXPECTED_MISMATCH');
  });
  const again = await sharedRun('denseAgain');
  const other = await prove(samples.samples, draw.fixed.context, again.opening);
  await answeredWith([other.proof], async () => {
    const given = { salts: saltsOf([other]), run: again.bundle };
    expect(await refused(given, [other.proof])).toBe('EXPECTED_MISMATCH');
  });
});

it('says what else was drawn, by others for this model and by this account from this set', async () => {
  const { testSet: set, model } = draw;
  const second = await EvaluationDraws.open({
    connection: chain.connection,
    signer: chain.wallet(3),
    pollMs: 10,
  });
  await answeredWith(files(), async () => {
    const terms = { testSet: set, samples: 3, window: 50 };
    const tries = [
      (await second.request({ ...terms, model })).value.id,
      (await draws.request({ ...terms, model: `0x${'2'.repeat(64)}` })).value.id,
    ];
    await second.request({ ...terms, model: `0x${'2'.repeat(64)}` });
    expect((await verify()).others).toEqual(tries);
  });
});

it('hides a test set until samples are shown, and refuses what is none', () => {
  const twice = [testSet, makeTestSet({ inputs, labels: testSet.labels })].map(
    (set) => summaryOfTestSet(set).root,
  );
  expect(twice[0]).not.toBe(twice[1]);
  expect(summaryOfTestSet(readTestSet(JSON.parse(JSON.stringify(testSet)))).root).toBe(twice[0]);
  expect(JSON.stringify(samples)).not.toContain(testSet.secret);
  // Of all sizes each sample has its way to the root, and at no other place.
  for (const size of [1, 2, 3, 5, 8]) {
    const set = { ...testSet, inputs: inputs.slice(0, size), labels: testSet.labels.slice(0, size) };
    const all = drawnIndices(`0x${'3'.repeat(64)}`, size, size);
    const summary = summaryOfTestSet(set);
    expect(requireDrawn(discloseSamples(set, all), summary, all)).toHaveLength(size);
    expect(() => requireDrawn(discloseSamples(set, all), { ...summary, samples: 2 * size }, all)).toThrow();
  }
  const bad: [unknown, string][] = [
    [{ ...testSet, labels: [0] }, 'DATA_SHAPE'],
    [{ ...testSet, inputs: [[1], [1, 2]], labels: [0, 0] }, 'DATA_SHAPE'],
    [{ ...testSet, inputs: [[Number.NaN]], labels: [0] }, 'DATA_SHAPE'],
    [{ format: 'x' }, 'FORMAT_FOREIGN'],
    [null, 'FORMAT_FOREIGN'],
  ];
  for (const [value, code] of bad)
    expect(() => readTestSet(value)).toThrow(expect.objectContaining({ code }));
  expect(() => discloseSamples(testSet, [12])).toThrow(expect.objectContaining({ code: 'DRAW_SAMPLES' }));
  expect(evaluationDigest([JSON.stringify(parts[0]!.proof, null, 2)])).toBe(
    evaluationDigest([parts[0]!.proof]),
  );
});

it('goes from file to report by `pot draw`', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pot-draw-'));
  afterAll(() => rm(dir, { recursive: true }));
  const env = {
    POT_RPC_URL: chain.anvil.url,
    POT_CHAIN_ID: '31337',
    POT_PRIVATE_KEY: chain.wallet(0).privateKey,
  };
  const pot = (...args: string[]) => runPot('main', ['draw', ...args], { cwd: dir, env });
  const json = async (...args: string[]) => {
    const { code, out, err } = await pot(...args, '--json');
    expect([code, err]).toEqual([0, expect.any(String)]);
    return JSON.parse(out);
  };
  const write = (name: string, value: unknown) => writeFile(join(dir, name), JSON.stringify(value));
  const read = async (name: string) => JSON.parse(await readFile(join(dir, name), 'utf8'));
  await write('inputs.json', inputs);
  await write('labels.json', testSet.labels);
  await write('run.json', run.bundle);
  await chain.isolated(async () => {
    const making = ['test-set', '--inputs', 'inputs.json', '--labels', 'labels.json', '-o', 'set.json'];
    const { root } = await json(...making);
    expect((await stat(join(dir, 'set.json'))).mode & 0o777).toBe(0o600);
    // Over the file of a set nothing is written.
    expect((await pot(...making)).err).toContain('FILE_WRITE');
    const { id: set } = await json('register', 'set.json');
    const asking = [
      'request',
      '--test-set',
      set,
      '--model',
      run.opening.commitment,
      '--samples',
      '2',
      '--window',
      '40',
    ];
    const { draw: id } = await json(...asking);
    expect((await pot('samples', id, 'set.json', '-o', 'shown.json')).err).toContain('DRAW_TOO_EARLY');
    expect((await pot('show', id)).out).not.toContain('seed');
    await chain.send('anvil_mine', '0x2');
    const { context } = await json('show', id, '--fix', '--confirmations', '1');
    await json('samples', id, 'set.json', '-o', 'shown.json', '--inputs', 'in.json', '--labels', 'out.json');
    const rows: number[][] = await read('in.json');
    const { proof, secrets, right } = await proveEvaluation({
      ...accept,
      opening: run.opening,
      inputs: rows.flat(),
      labels: await read('out.json'),
      uses: memoryUses(),
      context,
    });
    await write('proof.json', proof);
    await writeFile(join(dir, 'proof.json.secrets'), secretsText(secrets)!);
    const checking = [
      'check',
      id,
      'proof.json',
      '--samples',
      'shown.json',
      '--secrets',
      'proof.json.secrets',
    ];
    const all = [...checking, '--run', 'run.json', '--allow-development-srs', '--confirmations', '1'];
    const early = await pot(...all);
    expect([early.code, early.out]).toEqual([1, expect.stringContaining('DRAW_UNANSWERED')]);
    await json('answer', id, 'proof.json');
    const report = await pot(...all, '--test-set', set);
    expect([report.code, report.out]).toEqual([0, expect.stringContaining(`RIGHT ${right} of 2`)]);
    const other = await pot(...all, '--test-set', root);
    expect([other.code, other.out]).toEqual([1, expect.stringContaining('EXPECTED_MISMATCH')]);
  });
});
