import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profiles } from '@proof-of-training/sgd-circuit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusesWrongArguments, type Target } from '../../halo2-wasm/test/helpers/misuse.js';
import * as lora from '../src/index.js';
import * as node from '../src/node.js';

/** Everything is run in an empty folder of its own: nothing may be left in it. */
const folder = mkdtempSync(join(tmpdir(), 'pot-misuse-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(home));

const VALUES = Object.entries(lora)
  .filter(([, value]) => typeof value !== 'function')
  .map(([name]) => name);

const spec = {
  layers: [{ inputs: 2, outputs: 1, activation: 'linear' as const, bias: false }],
  loss: 'meanSquaredError' as const,
  batch: 1,
  scales: { ...profiles.default },
  mode: 'exact' as const,
  lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 16, local: false },
};
const module = {
  name: 'a.b',
  rank: 1,
  alpha: 1,
  inputs: 2,
  outputs: 1,
  A: new Float32Array(2),
  B: new Float32Array(1),
};

function targets(): Record<string, Target> {
  const adapter = lora.createPeftAdapter({ modules: [module] });
  const { config, weights } = lora.serialisePeftAdapter(adapter);
  const tensor = { shape: [2], values: new Float32Array(2) };
  const values = { name: 'a', A: [0, 1], B: [1] };
  return {
    adapterCount: { call: lora.adapterCount, args: [spec] },
    adapterPlaces: { call: lora.adapterPlaces, args: [spec] },
    adapterRate: { call: lora.adapterRate, args: [spec, 0.1] },
    createPeftAdapter: {
      call: lora.createPeftAdapter,
      args: [{ modules: [module], baseModel: 'b', revision: 'r', taskType: 't' }],
    },
    'createPeftAdapter of a module': {
      call: (one: never) => lora.createPeftAdapter({ modules: [one] }),
      args: [module],
    },
    dequantiseAdapters: { call: lora.dequantiseAdapters, args: [spec, new BigInt64Array(3)] },
    effectiveHyperparameters: { call: lora.effectiveHyperparameters, args: [spec, 100n] },
    initialCheckpoint: { call: lora.initialCheckpoint, args: [spec, new BigInt64Array(3)] },
    matchPeftModules: {
      call: lora.matchPeftModules,
      args: [adapter, [{ name: 'a.b', inputs: 2, outputs: 1 }], {}],
      required: 2,
    },
    'matchPeftModules of a configuration': {
      call: (one: never) => lora.matchPeftModules({ ...adapter, config: one }, [module]),
      args: [adapter.config],
    },
    optimizerNumbers: {
      call: lora.optimizerNumbers,
      args: [
        spec,
        { type: 'adamw', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1, weightDecay: 0 },
      ],
    },
    parsePeftAdapter: { call: lora.parsePeftAdapter, args: [config, weights] },
    parsePeftConfig: { call: lora.parsePeftConfig, args: [config] },
    parseSafetensors: { call: lora.parseSafetensors, args: [weights] },
    quantiseAdapters: { call: lora.quantiseAdapters, args: [spec, [values]] },
    'quantiseAdapters of one': {
      call: (one: never) => lora.quantiseAdapters(spec, [one]),
      args: [values],
    },
    quantiseBase: { call: lora.quantiseBase, args: [spec, [{ name: 'a', kernel: [0, 1] }]] },
    serialisePeftAdapter: { call: lora.serialisePeftAdapter, args: [adapter] },
    'serialisePeftAdapter of a configuration': {
      call: (one: never) => lora.serialisePeftAdapter({ ...adapter, config: one }),
      args: [adapter.config],
    },
    serialiseSafetensors: {
      call: lora.serialiseSafetensors,
      args: [[['t', tensor]], { format: 'pt' }],
      required: 1,
    },
    'serialiseSafetensors of a tensor': {
      call: (one: never) => lora.serialiseSafetensors([['t', one]]),
      args: [tensor],
    },
    readPeftAdapter: { call: node.readPeftAdapter, args: [join(folder, 'none'), { maxBytes: 100 }] },
    // Of no module: where nothing is refused, nothing is written either.
    writePeftAdapter: {
      call: node.writePeftAdapter,
      args: [join(folder, 'none'), { ...adapter, modules: [] }, { overwrite: false }],
    },
  };
}

describe('wrong arguments', () => {
  const all = targets();

  it('are tried with every public function, which takes the right ones', async () => {
    const names = [...Object.keys(all).map((n) => n.split(' ')[0]!), ...VALUES];
    expect([...new Set(names)].sort()).toEqual([...Object.keys(lora), ...Object.keys(node)].sort());
    for (const [name, { call, args }] of Object.entries(all)) {
      if (name in node) continue;
      expect(() => call(...(args as never[])), name).not.toThrow();
    }
  });

  it('are refused with a typed error, and leave nothing behind', async () => {
    await refusesWrongArguments(all, 3000);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  it('are named: the function, the argument, what it must be', async () => {
    expect(() => lora.quantiseAdapters(spec, [{ name: 'a', A: 'x' as never, B: [1] }])).toThrow(
      'quantiseAdapters: adapters.0.A must be an array of numbers, not a text',
    );
    expect(() => lora.parseSafetensors('x' as never)).toThrow('bytes must be a Uint8Array, not a text');
    await expect(node.readPeftAdapter('x', { maxBites: 1 } as never)).rejects.toThrow(/maxBites/);
  });
});
