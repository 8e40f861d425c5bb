import { loadProver } from '@proof-of-training/halo2-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusesWrongArguments, type Target } from '../../halo2-wasm/test/helpers/misuse.js';
import * as sgd from '../src/index.js';

/** Schemas, tables and constants. */
const VALUES = Object.entries(sgd)
  .filter(([, value]) => typeof value !== 'function')
  .map(([name]) => name);

/** These are the checks themselves, for the packages above: their first argument is a schema, or its error. */
const CHECKS = ['checkArgument', 'describeIssue', 'firstIssue'];

const unplanned = {
  kind: 'window',
  mode: 'exact',
  layers: [{ inputs: 2, outputs: 2, activation: 'linear', bias: true }],
  loss: 'meanSquaredError',
  batch: 1,
  steps: 1,
  scales: { ...sgd.profiles.default },
  xOffset: 2048,
  yOffset: 2048,
  toleranceLimbs: 0,
} satisfies sgd.UnplannedSpec;

async function targets(): Promise<Record<string, Target>> {
  const halo2 = await loadProver();
  const { spec } = sgd.planSpec(halo2, unplanned);
  const lora = { lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 16, local: false } };
  const cosine = { type: 'cosine', warmup: 1, steps: 4, end: 0 } as const;
  const momentum = { rule: 'momentum', momentum: 7, decay: 0 };
  const { layers, scales } = spec;
  const optimizer = { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 } as const;
  const adam = { scales: { ...scales }, lora: { ...lora.lora, optimizer } };
  const tensors = [{ name: 'a', kernel: [0, 1, 2, 3], bias: [0, 1] }];
  return {
    activationName: { call: sgd.activationName, args: [{ elu: { alpha: 9 } }] },
    activationText: { call: sgd.activationText, args: [{ elu: { alpha: 9 } }, { ...scales }] },
    alphaUnits: { call: sgd.alphaUnits, args: [{ elu: { alpha: 9 } }] },
    isTabled: { call: sgd.isTabled, args: [{ elu: { alpha: 9 } }] },
    integerActivation: { call: sgd.integerActivation, args: [{ name: 'elu', alpha: 0.5 }, { ...scales }] },
    floatActivation: { call: sgd.floatActivation, args: [{ elu: { alpha: 9 } }, { ...scales }] },
    labelsOf: { call: sgd.labelsOf, args: [{ huber: { delta: 9 } }] },
    lossName: { call: sgd.lossName, args: [{ huber: { delta: 9 } }] },
    integerLoss: { call: sgd.integerLoss, args: [{ name: 'huber', delta: 0.5 }, { ...scales }, 2] },
    floatLoss: { call: sgd.floatLoss, args: [{ huber: { delta: 9 } }, { ...scales }, 2] },
    lossText: { call: sgd.lossText, args: [{ layers, scales, loss: { huber: { delta: 9 } } }] },
    adamRateBits: { call: sgd.adamRateBits, args: [{ ...scales }] },
    dividesByGradients: { call: sgd.dividesByGradients, args: [lora] },
    isAdam: { call: sgd.isAdam, args: [lora] },
    rateUnit: { call: sgd.rateUnit, args: [lora] },
    updateRule: { call: sgd.updateRule, args: [lora] },
    hasStepRates: { call: sgd.hasStepRates, args: [lora] },
    stepRates: { call: sgd.stepRates, args: [adam, 4n, 0, 2] },
    withOptimizer: { call: sgd.withOptimizer, args: [lora, momentum] },
    initialCheckpoint: { call: sgd.initialCheckpoint, args: [{ layers }, new BigInt64Array(6)] },
    effectiveHyperparameters: { call: sgd.effectiveHyperparameters, args: [spec, 100n] },
    optimizerNumbers: {
      call: sgd.optimizerNumbers,
      args: [spec, { type: 'momentum', learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 }],
    },
    roundsClosely: { call: sgd.roundsClosely, args: [spec, 100n] },
    etaOfStep: { call: sgd.etaOfStep, args: [spec, 100n, cosine, 3] },
    scheduleShare: { call: sgd.scheduleShare, args: [cosine, 3] },
    scheduleText: { call: sgd.scheduleText, args: [cosine] },
    scheduleNumbers: {
      call: sgd.scheduleNumbers,
      args: [{ type: 'cosine', initial: 1, steps: 4, end: 0.5 }],
    },
    canonicalJson: { call: sgd.canonicalJson, args: [{ a: [1] }] },
    quantiseWeights: { call: sgd.quantiseWeights, args: [spec, tensors, 20], required: 2 },
    'quantiseWeights of a layer': {
      call: (tensor: never) => sgd.quantiseWeights(spec, [tensor]),
      args: [tensors[0]],
    },
    dequantiseWeights: {
      call: sgd.dequantiseWeights,
      args: [spec, new BigInt64Array(6), 20],
      required: 2,
    },
    quantiseInputs: { call: sgd.quantiseInputs, args: [spec, [0, 1], 'x'], required: 2 },
    quantiseLabels: { call: sgd.quantiseLabels, args: [spec, [0, 1], 'y'], required: 2 },
    quantiseWeight: { call: sgd.quantiseWeight, args: [0.5, { scale: 2, limit: 2 }, 'w'] },
    weightFormat: { call: sgd.weightFormat, args: [{ ...scales }, 36], required: 1 },
    weightLimit: { call: sgd.weightLimit, args: [{ ...scales }] },
    etaOfB: { call: sgd.etaOfB, args: [{ rank: 1, alpha: 1 }, 4n] },
    etaToLearningRate: { call: sgd.etaToLearningRate, args: [spec, 4n] },
    gradientFactor: { call: sgd.gradientFactor, args: [spec] },
    learningRateToEta: { call: sgd.learningRateToEta, args: [spec, 0.1] },
    planSpec: { call: sgd.planSpec, args: [halo2, unplanned, { k: 13, aggregated: false }], required: 2 },
    planGenesis: { call: sgd.planGenesis, args: [halo2, spec] },
    parseSpec: { call: sgd.parseSpec, args: [spec] },
    parseUnplannedSpec: { call: sgd.parseUnplannedSpec, args: [unplanned] },
    baseCount: { call: sgd.baseCount, args: [{ layers, ...lora }] },
    checkpointCount: { call: sgd.checkpointCount, args: [{ layers, ...lora }] },
    inputWidth: { call: sgd.inputWidth, args: [{ layers }] },
    layerCount: { call: sgd.layerCount, args: [layers] },
    outputWidth: { call: sgd.outputWidth, args: [{ layers }] },
    stateCount: { call: sgd.stateCount, args: [lora] },
    weightCount: { call: sgd.weightCount, args: [{ layers, ...lora }] },
    weightScale: { call: sgd.weightScale, args: [{ ...scales }] },
    parseStrictJson: { call: sgd.parseStrictJson, args: ['{}', { maxDepth: 2, maxBytes: 9 }], required: 1 },
    readStrictJson: { call: sgd.readStrictJson, args: ['{}', { maxDepth: 2 }, 'it'], required: 1 },
  };
}

describe('wrong arguments', () => {
  let all: Record<string, Target>;
  beforeAll(async () => {
    all = await targets();
  });

  it('are tried with every public function, which takes the right ones', () => {
    const names = [...Object.keys(all).map((n) => n.split(' ')[0]!), ...VALUES, ...CHECKS];
    expect([...new Set(names)].sort()).toEqual(Object.keys(sgd).sort());
    for (const [name, { call, args }] of Object.entries(all)) {
      expect(() => call(...(args as never[])), name).not.toThrow();
    }
  });

  it('are refused with a typed error', () => refusesWrongArguments(all, 3000), 60_000);

  it('are named: the function, the argument, what it must be', () => {
    const wrong = { ...unplanned, scales: { ...unplanned.scales, a: 4.5 } };
    expect(() => sgd.quantiseInputs(wrong, [0, 1])).toThrow(
      /^quantiseInputs: spec\.scales\.a is wrong .*4\.5/,
    );
    expect(() => sgd.quantiseInputs(unplanned, ['1', '2'] as never)).toThrow(
      'quantiseInputs: x must be an array of numbers, not an array',
    );
    expect(() => sgd.learningRateToEta(unplanned, '0.1' as never)).toThrow('not a text');
    expect(() => sgd.canonicalJson({ a: 10n })).toThrow('canonicalJson: a value is a bigint');
    const endless: unknown[] = [];
    endless.push(endless);
    expect(() => sgd.canonicalJson(endless)).toThrow('64 levels deep');
  });
});
