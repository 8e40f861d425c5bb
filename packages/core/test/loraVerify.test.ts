/** Bundles with adapters whose proofs are no proofs: what is refused before a proof is looked at. */
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import {
  checkChain,
  checkExpectations,
  checkGenesisStatement,
  checkIdentity,
  checkSpecs,
  provenAdapters,
  TAKEN_AS_GIVEN,
} from '@proof-of-training/verifier';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { compareAdapters, verifyTrainingProof, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { ColumnDigests, merkleRoot, runIdOf, scheduleOf } from '@proof-of-training/verifier/run';
import { describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { bundleFixture } from './fixtures/bundle.js';
import { windowFile } from './helpers/singleProof.js';

const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const BASE = hex(99);
const MOMENTUM = { rule: 'momentum', momentum: 3686, decay: 0 } as const;
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

/** A run of the right form: adapters over a base; layer-local where asked for. */
async function run(local = false): Promise<RunBundle> {
  const bundle = bundleFixture();
  bundle.run.genesisSpec = structuredClone(bundle.run.genesisSpec);
  for (const spec of [bundle.run.spec, bundle.run.genesisSpec]) {
    spec.lora = { adapters: [{ rank: 2, alpha: 4 }], baseBits: local ? 0 : 20, local };
    if (!local) spec.shape.baseColumns = 1;
    if (local) {
      spec.layers = [{ inputs: 4, outputs: 3, activation: 'linear', bias: false }];
      spec.loss = 'meanSquaredError';
    }
  }
  if (!local) bundle.run.base = BASE;
  return seal(bundle);
}

/** Makes everything consistent, as a forger would. */
async function seal(bundle: RunBundle): Promise<RunBundle> {
  const pair = await circomlibPair();
  const { run, genesis, windows } = bundle;
  run.datasetRoot = merkleRoot(run.shards, pair);
  run.runId = runIdOf(run, pair);
  const schedule = scheduleOf(run, run.shards.length);
  for (const entry of [genesis, ...windows]) {
    entry.public.runId = run.runId;
    delete entry.public.base;
    if (run.base !== undefined) entry.public.base = run.base;
  }
  windows.forEach((w, n) => {
    w.public.data = run.shards[schedule.at(n).shard]!;
  });
  return bundle;
}

describe('a run over a frozen base', () => {
  it('has its digest in the run id, in the genesis statement and in every window', async () => {
    const bundle = await run();
    const pair = await circomlibPair();
    expect(checkSpecs(bundle.run)).toContain('14 parameters over a frozen base of 15');
    checkIdentity(bundle.run, pair);
    checkChain(bundle);
    checkGenesisStatement(bundle);
    const other = { ...bundle.run, base: hex(98) };
    expect(runIdOf(other, pair)).not.toBe(bundle.run.runId);
    const { base: _, ...without } = bundle.run;
    expect(runIdOf(without, pair)).not.toBe(bundle.run.runId);
  });

  it('is refused where the digest is another one in the genesis proof or in a window', async () => {
    const genesis = await run();
    genesis.genesis.public.base = hex(98);
    expect(() => checkGenesisStatement(genesis)).toThrow(code('GENESIS_MISMATCH'));
    delete genesis.genesis.public.base;
    expect(() => checkGenesisStatement(genesis)).toThrow(code('GENESIS_MISMATCH'));
    for (const change of [hex(98), undefined]) {
      const bundle = await run();
      delete bundle.windows[1]!.public.base;
      if (change) bundle.windows[1]!.public.base = change;
      expect(() => checkChain(bundle)).toThrow(code('RUN_BASE'));
    }
  });

  it('is refused without the digest, and a run of plain SGD with one', async () => {
    const bundle = await run();
    delete bundle.run.base;
    await seal(bundle);
    expect((await verifyTrainingRun(bundle)).failure?.code).toBe('SPEC_BASE');
    const plain = bundleFixture();
    plain.run.base = BASE;
    await seal(plain);
    expect((await verifyTrainingRun(plain)).failure?.code).toBe('SPEC_BASE');
    const window = bundleFixture();
    window.windows[0]!.public.base = BASE;
    expect(() => checkChain(window)).toThrow(code('RUN_BASE'));
  });

  it('is refused by a verifier who expects another base', async () => {
    const bundle = await run();
    expect(checkExpectations(bundle, { base: BASE })).toContain('1 expectation');
    expect(() => checkExpectations(bundle, { base: hex(98) })).toThrow(code('RUN_BASE'));
    expect(() => checkExpectations(bundleFixture(), { base: BASE })).toThrow(code('RUN_BASE'));
  });

  it('is refused where its circuits disagree about base or adapters, or make no sense', async () => {
    const changes: [string, (spec: SgdSpec) => void, 'one' | 'both'][] = [
      [
        'SPEC_GENESIS',
        (s) => {
          s.lora!.baseBits = 21;
        },
        'one',
      ],
      [
        'SPEC_GENESIS',
        (s) => {
          s.shape.baseColumns = 2;
        },
        'one',
      ],
      [
        'SPEC_GENESIS',
        (s) => {
          s.lora!.adapters = [{ rank: 2, alpha: 5 }];
        },
        'one',
      ],
      ['SPEC_GENESIS', (s) => void delete s.lora, 'one'],
      [
        'SPEC_LORA',
        (s) => {
          s.lora!.adapters = [{ rank: 4, alpha: 4 }];
        },
        'both',
      ],
      [
        'SPEC_LORA',
        (s) => {
          s.lora!.adapters = [null];
        },
        'both',
      ],
      ['SPEC_LORA', (s) => void s.lora!.adapters.push(null), 'both'],
      ['SPEC_LORA', (s) => void delete s.shape.baseColumns, 'both'],
      [
        'SPEC_LORA',
        (s) => {
          s.lora!.local = true;
        },
        'both',
      ],
      ['SPEC_LORA', (s) => void delete s.lora, 'both'],
      [
        'SPEC_GENESIS',
        (s) => {
          s.lora!.optimizer = MOMENTUM;
        },
        'one',
      ],
      [
        'SPEC_LORA',
        (s) => {
          s.lora!.optimizer = MOMENTUM;
        },
        'both',
      ],
      [
        'SPEC_GENESIS',
        (s) => {
          s.optimizer = MOMENTUM;
        },
        'one',
      ],
      [
        'SPEC_OPTIMIZER',
        (s) => {
          s.optimizer = MOMENTUM;
        },
        'both',
      ],
      [
        'SPEC_OPTIMIZER',
        (s) => {
          s.ratesPerStep = true;
        },
        'both',
      ],
      [
        'SPEC_TOO_LARGE',
        (s) => {
          s.lora!.optimizer = MOMENTUM;
          s.shape.k = 18;
          s.shape.weightColumns = 8;
          s.shape.lanes = 3;
          s.shape.laneColumns = 24;
        },
        'both',
      ],
    ];
    for (const [expected, change, which] of changes) {
      const bundle = await run();
      change(bundle.run.genesisSpec);
      if (which === 'both') change(bundle.run.spec);
      expect((await verifyTrainingRun(await seal(bundle))).failure?.code).toBe(expected);
    }
  });

  it('says by what rule it was trained, and a verifier may pin that', async () => {
    const plain = await run();
    expect(checkSpecs(plain.run)).not.toContain('by ');
    expect(checkExpectations(plain, { optimizer: { type: 'sgd', weightDecay: 0 } })).toContain(
      '1 expectation',
    );
    const bundle = await run();
    for (const spec of [bundle.run.spec, bundle.run.genesisSpec]) {
      spec.lora!.optimizer = { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 3, decay: 0 };
      spec.shape.weightColumns = 3;
    }
    expect(checkSpecs(bundle.run)).toContain('by AdamW (beta1 0.899902, beta2 0.999023, epsilon 8.9');
    const { optimizer } = provenAdapters(bundle.run, 4)!;
    expect(checkExpectations(bundle, { optimizer })).toContain('1 expectation');
    for (const wrong of [{ type: 'momentum' }, { beta1: 0.9 }, { momentum: 0.5 }, { eps: 1 }]) {
      const expected = { optimizer: wrong as typeof optimizer };
      expect(() => checkExpectations(bundle, expected)).toThrow(code('EXPECTED_MISMATCH'));
    }
  });

  it('refuses a rate that its rounding in each step makes 0, or more than 1 % another', async () => {
    for (const rule of [
      { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 3, decay: 0 } as const,
      { rule: 'rmsprop', rho: 3686, momentum: 0, epsilon: 3, decay: 0 } as const,
    ]) {
      // Rates are multiples of 3.
      for (const [eta, fits] of [
        ['1', false],
        ['2', false],
        ['3', true],
        ['97', false],
        ['98', false],
        ['100', true],
        ['101', true],
      ] as const) {
        const { run: of } = await run();
        for (const spec of [of.spec, of.genesisSpec]) {
          spec.lora!.adapters = spec.lora!.adapters.map((a) => a && { ...a, rank: 3, alpha: 7 });
          spec.lora!.optimizer = rule;
          spec.layers = spec.layers.map((l) => ({ ...l, inputs: 4, outputs: 4 }));
          spec.shape.weightColumns = rule.rule === 'adam' ? 3 : 2;
        }
        const check = () => checkSpecs({ ...of, eta });
        if (fits) expect(check).not.toThrow();
        else expect(check, `${rule.rule} ${eta}`).toThrow(code('RUN_LEARNING_RATE'));
      }
    }
  });

  it('takes no optimiser outside exact mode', async () => {
    const bundle = await run();
    const { run: r } = bundle;
    const spec: SgdSpec = {
      ...r.spec,
      mode: 'tolerance',
      steps: 1,
      toleranceLimbs: 2,
      lora: { ...r.spec.lora!, optimizer: MOMENTUM },
      shape: { ...r.spec.shape, weightColumns: 2 },
    };
    const { failure } = await verifyTrainingProof({ ...windowFile(bundle, 0), spec });
    expect(failure).toMatchObject({ code: 'SPEC_LORA', message: expect.stringContaining('exact mode') });
  });
});

describe('layer-local proofs', () => {
  it('are refused unless the verifier asks for them', async () => {
    const bundle = await run(true);
    const { failure } = await verifyTrainingRun(bundle);
    expect(failure?.code).toBe('LAYER_LOCAL_NOT_ALLOWED');
    expect(failure?.hint).toContain('taken as given');
    // What comes next fails for another reason.
    const allowed = await verifyTrainingRun(bundle, { allowLayerLocal: true });
    expect(allowed.failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
  });

  it('are refused as single proofs too, and with a base', async () => {
    const file = windowFile(await run(true), 0);
    expect((await verifyTrainingProof(file)).failure?.code).toBe('LAYER_LOCAL_NOT_ALLOWED');
    const allowed = await verifyTrainingProof(file, { allowLayerLocal: true });
    expect(allowed.failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
    const based = { ...file, public: { ...file.public, base: BASE } };
    expect((await verifyTrainingProof(based, { allowLayerLocal: true })).failure?.code).toBe('SPEC_BASE');
  });

  it('say what they take as given, and others what base they are over', async () => {
    const local = provenAdapters((await run(true)).run, 4)!;
    expect(local).toMatchObject({ proofType: 'lora-layer-local', parameters: 14 });
    expect(local.statement).toContain(TAKEN_AS_GIVEN);
    expect(local.base).toBeUndefined();
    const full = provenAdapters((await run()).run, 4)!;
    expect(full).toMatchObject({
      proofType: 'lora',
      adapters: [{ layer: 0, inputs: 4, outputs: 3, rank: 2, alpha: 4 }],
      base: { digest: BASE, parameters: 15, fractionalBits: 20 },
    });
    expect(full.statement).toContain(BASE);
    expect(full.statement).not.toContain('given');
    expect(provenAdapters(bundleFixture().run, 4)).toBeUndefined();
  });
});

describe('digests', () => {
  const points = Uint8Array.from({ length: 64 }, (_, i) => (i % 32 === 31 ? 1 : (37 * i) % 256));

  it("of a base do not depend on the adapters, the window or the weights' columns", async () => {
    const digests = new ColumnDigests(await circomlibPair());
    const { spec } = (await run()).run;
    const of = (change: (s: SgdSpec) => void) => {
      const other = structuredClone(spec);
      change(other);
      return digests.base(other, points);
    };
    const same = digests.base(spec, points);
    expect(
      of((s) => {
        s.lora!.adapters = [{ rank: 3, alpha: 7 }];
      }),
    ).toBe(same);
    expect(
      of((s) => {
        s.steps = 8;
      }),
    ).toBe(same);
    expect(
      of((s) => {
        s.shape.weightColumns = 3;
      }),
    ).toBe(same);
    expect(
      of((s) => {
        s.lora!.baseBits = 21;
      }),
    ).not.toBe(same);
    expect(
      of((s) => {
        s.shape.k = 14;
      }),
    ).not.toBe(same);
    expect(
      of((s) => {
        s.shape.baseColumns = 2;
      }),
    ).not.toBe(same);
    expect(digests.weights(spec, points)).not.toBe(same);
    expect(() => digests.base(bundleFixture().run.spec, points)).toThrow(code('BASE_ABSENT'));
  });

  it('of adapters depend on rank, alpha and the base’s layout', async () => {
    const digests = new ColumnDigests(await circomlibPair());
    const { spec } = (await run()).run;
    const seen = new Set([digests.weights(spec, points)]);
    const changes: ((s: SgdSpec) => void)[] = [
      (s) => {
        s.lora!.adapters = [{ rank: 3, alpha: 4 }];
      },
      (s) => {
        s.lora!.adapters = [{ rank: 2, alpha: 5 }];
      },
      (s) => {
        s.lora!.baseBits = 21;
      },
      (s) => {
        s.lora!.local = true;
      },
      (s) => {
        s.shape.baseColumns = 2;
      },
      (s) => {
        s.lora!.optimizer = { rule: 'sgd', decay: 1 };
      },
      (s) => {
        s.lora!.optimizer = MOMENTUM;
      },
      (s) => void delete s.lora,
    ];
    for (const change of changes) {
      const other = structuredClone(spec);
      change(other);
      seen.add(digests.weights(other, points));
    }
    expect(seen.size).toBe(changes.length + 1);
  });
});

describe('an adapter file', () => {
  const layers = [
    { inputs: 2, outputs: 2, activation: 'relu' as const, bias: true },
    { inputs: 2, outputs: 3, activation: 'linear' as const, bias: true },
  ];
  const scales = { a: 8, d: 14, e: 14, b: 12, p: 12 };
  const lora = {
    adapters: [
      { rank: 1, alpha: 3 },
      { rank: 2, alpha: 2 },
    ],
    baseBits: 20,
    local: false,
  };
  const spec = { layers, scales, lora };
  const weights = BigInt64Array.from({ length: 4 + 10 }, (_, i) => BigInt((i + 1) * 123456789));
  const real = (from: number, to: number, factor = 1) =>
    Float32Array.from(weights.slice(from, to), (v) => (Number(v) / 2 ** 36) * factor);
  const modules = () => [
    { name: 'one', rank: 1, alpha: 3, A: real(0, 2), B: real(2, 4, 1 / 3) },
    { name: 'two', rank: 2, alpha: 2, A: real(4, 8), B: real(8, 14) },
  ];

  it('is the proven one, number for number', () => {
    expect(compareAdapters(spec, weights, modules())).toContain('all 14 numbers of 2 adapters');
  });

  it('is refused where one number is one float32 away, naming tensor and index', () => {
    const changed = modules();
    const bits = new Int32Array(changed[1]!.B.buffer);
    bits[3]!++;
    expect(() => compareAdapters(spec, weights, changed)).toThrow(
      expect.objectContaining({ code: 'ADAPTER_DIFFERENT', details: { tensor: 'two.lora_B', index: 3 } }),
    );
  });

  it('is refused with other modules, ranks, alphas or sizes', () => {
    const wrong = [
      modules().slice(0, 1),
      modules().reverse(),
      modules().map((m) => ({ ...m, alpha: m.alpha + 1 })),
      modules().map((m) => ({ ...m, A: m.A.slice(1) })),
    ];
    for (const list of wrong) {
      expect(() => compareAdapters(spec, weights, list)).toThrow(code('ADAPTER_MODULES'));
    }
  });
});
