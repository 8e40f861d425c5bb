import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Call,
  refusesWrongArguments,
  replaced,
  type Target,
} from '../../halo2-wasm/test/helpers/misuse.js';
import * as core from '../src/index.js';
import { bundleFixture } from './fixtures/bundle.js';
import { stepTask } from './helpers/step.js';
import { toyData, toyModel } from './helpers/toy.js';

beforeAll(() => tf.setBackend('cpu'));

/** Everything is run in an empty folder of its own: nothing may be left in it. */
const folder = mkdtempSync(join(tmpdir(), 'pot-misuse-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(home));

/** These belong to another package, whose misuse.test.ts tests them, or have no arguments. */
const ELSEWHERE = [
  'ContentCache',
  'PotError',
  'ProverMetrics',
  'STEP_THRESHOLD',
  'developmentSrs',
  'ceremonySrs',
  'importPtau',
  'importSrs',
  'isPotError',
  'profiles',
  'readSrs',
  'toleranceFormats',
];

async function targets(): Promise<Record<string, Target>> {
  const { before, after, batch, learningRate } = await stepTask();
  const bundle = bundleFixture();
  const tree = new core.Sha256Tree(new Uint8Array(3000), new Uint8Array(32));
  const update = {
    adapter: { rank: 1, alpha: 1, A: [0, 0], B: [0, 0] },
    x: [1, 1],
    gradient: [1, 1],
    learningRate: 0.1,
  };
  const batchOf = new core.ParallelProver(1);
  const stream = new core.StreamingProver(1);
  const lora = new core.OptimizedLoRAProver();
  const aborted = AbortSignal.abort();
  const verifier = { allowDevelopmentSrs: true, engine: 'none', maxTolerance: 1, expected: {} };
  return {
    autoProveTrainingStep: {
      call: core.autoProveTrainingStep,
      // Aborted: where nothing is refused, nothing is proven either.
      args: [before, after, batch, learningRate, { signal: aborted, engine: 'wasm', onWarning: () => {} }],
      required: 4,
    },
    recordModel: { call: core.recordModel, args: [toyModel(), { loss: 'softmaxCrossEntropy' }] },
    applyLora: { call: core.applyLora, args: [toyModel(), { rank: 1, alpha: 1, init: 'kaiming', seed: 1 }] },
    mergeLora: { call: core.mergeLora, args: [await core.applyLora(toyModel(), { rank: 1, alpha: 1 }), {}] },
    loraOf: { call: core.loraOf, args: [toyModel()] },
    aggregationPin: { call: core.aggregationPin, args: [bundle.run.genesis, bundle.run.keys.window] },
    commit: {
      call: core.commit,
      args: [
        { commitWeights: () => [] },
        bundle.run.spec,
        { kind: 'weights', weights: new BigInt64Array(15) },
        new Uint8Array(31),
      ],
    },
    compressionOf: {
      call: core.compressionOf,
      args: [
        bundle,
        { aggregate: { proof: 'AAEC', accumulator: [], public: { firstStep: 0, endStep: 4 } } },
        2,
      ],
    },
    renderReport: {
      call: core.renderReport,
      args: [
        {
          bundle,
          verification: {
            ok: true,
            developmentSrs: true,
            checks: [{ name: 'run', ok: true, detail: '' }],
            pinned: ['run'],
            notPinned: [],
          },
          timings: [{ window: 0, ms: 1 }],
          testAccuracy: 0.5,
          attacks: [],
        },
      ],
    },
    // What is not refused ends as a report of a file that proves nothing.
    verifyTrainingRun: { call: core.verifyTrainingRun, args: [bundle, verifier] },
    verifyAdapters: { call: core.verifyAdapters, args: [[{ name: 'a' }], bundle, 'text', verifier] },
    verifyTrainingProof: { call: core.verifyTrainingProof, args: [bundle.windows[0], verifier] },
    verifyAggregate: { call: core.verifyAggregate, args: [{ format: 'none' }, verifier] },
    verifyModelWeights: {
      call: core.verifyModelWeights,
      args: [toyModel(), bundle.run.genesis, { format: 'none' }, { allowDevelopmentSrs: true }],
    },
    baseDigest: { call: core.baseDigest, args: [toyModel(), { spec: bundle.run.spec, srs: bundle.run.srs }] },
    parseBundle: { call: core.parseBundle, args: [bundle, 1e6] },
    parseAggregate: { call: core.parseAggregate, args: [{ format: 'none' }, 1e6] },
    parseTrainingProof: { call: core.parseTrainingProof, args: [{ format: 'none' }, 1e6] },
    TrainingSession: {
      call: core.TrainingSession.create,
      // Not compiled: where nothing is refused before, that is.
      args: [{ model: tf.sequential(), data: toyData(), dir: join(folder, 'run'), batchSize: 4, window: 2 }],
    },
    'TrainingSession.resume': {
      call: core.TrainingSession.resume,
      args: [join(folder, 'none'), { workers: 1, engine: 'wasm' }],
    },
    // Options are looked at first.
    fitWithCallbacks: {
      call: core.fitWithCallbacks,
      args: [{}, { epochs: 1, callbacks: [{}], validationData: [] }],
      required: 1,
    },
    registerLora: { call: core.registerLora, args: [tf] },
    aggregateRun: { call: core.aggregateRun, args: [bundle, { engine: 'none', threads: 1 }] },
    openRun: { call: core.openRun, args: [bundle.run] },
    loadConfig: { call: core.loadConfig, args: [{ cwd: folder, env: {}, overrides: {} }] },
    loadDigits: { call: core.loadDigits, args: [{ test: 1, train: 1, seed: 1, pool: true }] },
    parseTrainConfig: { call: core.parseTrainConfig, args: [{}] },
    trainRun: { call: core.trainRun, args: [{}, join(folder, 'run'), {}] },
    threadsPerTask: { call: core.threadsPerTask, args: [{ queued: 0, running: 0, workers: 1, cores: 1 }] },
    metricsLine: { call: core.metricsLine, args: [await new core.ProverMetrics().snapshot()] },
    canonicalBytes: { call: core.canonicalBytes, args: [new Int32Array(2)] },
    Sha256Tree: {
      call: (a: never, b: never) => new core.Sha256Tree(a, b),
      args: [new Uint8Array(3), new Uint8Array(32)],
    },
    verifyLeaf: { call: core.verifyLeaf, args: [tree.root, tree.open(1)] },
    ProverPool: { call: core.ProverPool.start, args: [{ srs: 'none', workers: 1 }] },
    StepProver: { call: core.StepProver.start, args: [{ workers: 1, engine: 'none', onWarning: () => {} }] },
    ParallelProver: {
      call: (n: never, o: never) => new core.ParallelProver(n, o),
      args: [1, { batchSize: 1, engine: 'wasm' }],
    },
    'ParallelProver.generateBatch': {
      call: batchOf.generateBatch.bind(batchOf) as Call,
      args: [[], { priority: 0, signal: aborted }],
    },
    StreamingProver: {
      call: (n: never, o: never) => new core.StreamingProver(n, o),
      args: [1, { batchSize: 1, maxQueue: 1 }],
    },
    'ParallelProver.generateBatch of a step': {
      call: (task: never) => batchOf.generateBatch([task], { signal: aborted }),
      args: [{ before, after, batch, learningRate, step: 0, epoch: 0 }],
    },
    'StreamingProver.submitTask': {
      call: stream.submitTask.bind(stream) as Call,
      args: [{}, { priority: 0 }],
    },
    OptimizedLoRAProver: {
      call: (o: never) => new core.OptimizedLoRAProver(o),
      args: [{ workers: 1, threads: 1, maxWindow: 1 }],
    },
    'OptimizedLoRAProver.proveLoraBatch': {
      call: lora.proveLoraBatch.bind(lora) as Call,
      args: [[{ ...update, gradient: [] }], 100, { signal: aborted }],
    },
    'OptimizedLoRAProver.proveLoraBatch of an update': {
      call: (one: never) => lora.proveLoraBatch([one], 100, { signal: aborted }),
      args: [{ ...update, name: 'layer', after: { A: [0, 0], B: [0, 0] } }],
    },
    'OptimizedLoRAProver.proveLoraBatch of an adapter': {
      call: (adapter: never) => lora.proveLoraBatch([{ ...update, adapter }], 100, { signal: aborted }),
      args: [update.adapter],
    },
  };
}

describe('wrong arguments', () => {
  let all: Record<string, Target>;
  beforeAll(async () => {
    all = await targets();
  });

  it('are tried with every public function', () => {
    const names = [...Object.keys(all).map((n) => n.split('.')[0]!), ...ELSEWHERE];
    expect([...new Set(names)].sort()).toEqual(Object.keys(core).sort());
  });

  it('are refused with a typed error, quickly, and leave nothing behind', async () => {
    await refusesWrongArguments(all);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  it('never ignores an option that does not exist', async () => {
    const takes = [
      'autoProveTrainingStep',
      'applyLora',
      'mergeLora',
      'aggregateRun',
      'loadConfig',
      'loadDigits',
      'ProverPool',
      'StepProver',
      'ParallelProver',
      'ParallelProver.generateBatch',
      'StreamingProver',
      'StreamingProver.submitTask',
      'OptimizedLoRAProver',
    ];
    for (const name of takes) {
      const { call, args } = all[name]!;
      const options = { ...(args.at(-1) as object), saltbefore: 1 };
      const given = replaced(args, args.length - 1, options) as never[];
      const e: unknown = await (async () => call(...given))().catch((error: unknown) => error);
      expect({ name, code: (e as { code?: string } | undefined)?.code }).toEqual({
        name,
        code: 'OPTION_UNKNOWN',
      });
    }
  });
});
