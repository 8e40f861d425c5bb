import { ENGINES } from '../engine.mjs';

/** In the order of running. */
export const SUITES = [
  'sgd',
  'verify',
  'memory',
  'pool',
  'executor',
  'strings',
  'peers',
  'lora',
  'aggregate',
  'accuracy',
  'inference',
  'ledger',
];

/** Networks by their number of weights: 992, 10,018, 101,770, 1,011,010. */
export const SIZES = {
  tiny: [16, 16, 4],
  '1K': [32, 24, 8],
  '10K': [128, 72, 10],
  '100K': [784, 128, 10],
  '1M': [1000, 1000, 10],
};

/**
 * EZKL's statement (peers/ezkl/network.py): the same network without biases, mean squared error. The compact format has 8
 * fractional bits or more everywhere; EZKL's has 7.
 * `weights` are EZKL's.
 */
export const STATEMENTS = {
  960: [32, 24, 8],
  8832: [128, 64, 10],
  22876: [256, 86, 10],
};

/** One layer of a transformer's width, without its base. */
const LOCAL = {
  widths: [768, 768],
  adapters: { rank: 8, alpha: 16, local: true },
  batch: 8,
  loss: 'meanSquaredError',
  bias: false,
};
/** The network 1M as a frozen base. */
const MLP = { widths: SIZES['1M'], adapters: { rank: 8, alpha: 16 }, batch: 8 };

/**
 * What the suite lora proves, with an adapter on every layer; and the shape that zkLoRA has published times for
 * (peers/stored.mjs).
 */
export const ADAPTED = {
  local: LOCAL,
  // At larger rates sixteen steps on random data leave the range.
  mlp: { ...MLP, learningRate: 1 / 64 },
  ...optimised('local', 1 / 64, LOCAL),
  ...optimised('mlp', 1 / 512, MLP),
  small: {
    widths: [64, 64],
    adapters: { rank: 4, alpha: 4 },
    batch: 1,
    loss: 'meanSquaredError',
    bias: false,
  },
};

/** A case by momentum, with this learning rate, and by AdamW: `NAME-momentum`, `NAME-adamw`. */
function optimised(name, learningRate, { adapters, ...rest }) {
  const by = (optimizer, rate) => ({ ...rest, adapters: { ...adapters, optimizer }, learningRate: rate });
  return {
    [`${name}-momentum`]: by({ type: 'momentum', momentum: 0.9 }, learningRate),
    [`${name}-adamw`]: by({ type: 'adamw', weightDecay: 0.01 }, 0.001),
  };
}

const MINUTE = 60_000;

/**
 * What the chosen suites measure, each case once, in the order of running. Pure.
 *
 * A job: `{ id, suites, kind, script, args, limitMs }` and what describes it for the report.
 */
export function jobsOf(tier, suites) {
  const jobs = new Map();
  for (const suite of SUITES) {
    if (!suites.includes(suite)) continue;
    for (const job of CASES[suite](tier === 'full')) {
      const known = jobs.get(job.id);
      if (known) known.suites = [...new Set([...known.suites, suite])];
      else
        jobs.set(job.id, {
          ...job,
          suites: [suite],
          limitMs: job.limitMs ?? (tier === 'full' ? 60 : 5) * MINUTE,
        });
    }
  }
  return [...jobs.values()];
}

/**
 * The quick tier has one case of each kind, on the fastest engine unless the report compares engines there; the full tier has all of them.
 * benchmarks/test/quick.test.ts holds the quick one, and its time by the stored reports.
 */
const CASES = {
  sgd: (full) => {
    const few = engines(full, ['native']);
    return [
      ...step('1K', 8, 1, { profile: 'compact' }),
      ...step('1K', 8, 1, {}, few),
      ...step('10K', 8, 1, {}, few),
      ...step('10K', 8, 1, { profile: 'compact' }, few),
      ...step('100K', 32, 1, {}, engines(full, ['wasm-threads', 'native'])),
      ...step('100K', 8, 1, {}, engines(full, ['wasm', 'native'])),
      ...[8, 32].flatMap((steps) => step('100K', 8, steps, {}, few)),
      ...step('1M', 8, 1, {}, few),
      ...(full
        ? [
            ...['1K', '10K'].flatMap((size) =>
              [8, 32].flatMap((batch) => [1, 8, 32].flatMap((steps) => step(size, batch, steps))),
            ),
            ...step('100K', 32, 8),
            ...step('100K', 32, 32, {}, ['native']),
            ...step('1M', 32, 1, {}, ['native']),
            ...step('1M', 8, 8, {}, ['native']),
          ]
        : []),
    ];
  },
  verify: (full) => {
    const few = engines(full, ['native']);
    return [
      ...step('tiny', 4, 1, { profile: 'compact' }, few),
      ...['1K', '10K', '100K'].flatMap((size) => step(size, 8, 1, {}, few)),
      ...(full ? [8, 32] : [8]).flatMap((steps) => step('10K', 8, steps, {}, few)),
      ...step('100K', 8, 8, {}, few),
      ...(full ? step('1M', 8, 1) : []),
      // The fewest columns: verification in the same time for all.
      ...['10K', '100K'].flatMap((size) =>
        (full ? [1, 8] : [1]).flatMap((steps) => step(size, 8, steps, { weightColumns: 1 }, few)),
      ),
    ];
  },
  memory: (full) => [
    ...step('100K', 32, 1, {}, engines(full, ['wasm-threads', 'native'])),
    ...step('1M', 8, 1, {}, engines(full, ['native'])),
  ],
  pool: (full) =>
    (full ? ['10K', '100K'] : ['10K']).flatMap((size) => [1, 2].map((workers) => pool(size, workers, full))),
  executor: () => [
    { id: 'executor', kind: 'executor', script: 'executor.mjs', args: [], name: '784-128-10, batch 32' },
  ],
  // Not quick: no stored report says yet how long they take.
  strings: (full) =>
    full
      ? ['ignition', 'development'].flatMap((string) => ['wasm', 'native'].map((e) => reference(string, e)))
      : [],
  peers: (full) => [
    ...(full ? [960, 8832, 22876] : [960]).map((weights) => ezkl(weights, full)),
    ...(full ? [circom(1000)] : []),
    ...[960, 8832, ...(full ? [22876] : [])].flatMap((weights) =>
      sameStatement(weights, engines(full, ['native'])),
    ),
  ],
  lora: (full) => {
    const few = engines(full, ['native']);
    return [
      ...adapted('local', 1, 'default', engines(full, ['wasm-threads', 'native'])),
      ...adapted('local', 1, 'compact', few),
      ...(full ? adapted('local', 8, 'default') : []),
      ...['default', 'compact'].flatMap((profile) => adapted('small', 1, profile, few)),
      ...(full ? adapted('mlp', 1, 'default') : []),
      ...adapted('mlp', 16, 'default', few),
      ...(full ? ['local-momentum', 'local-adamw'] : ['local-adamw']).flatMap((name) =>
        adapted(name, 1, 'default', few),
      ),
      ...(full ? ['mlp-momentum', 'mlp-adamw'] : []).flatMap((name) =>
        adapted(name, 4, 'default', ['wasm-threads', 'native']),
      ),
      accuracy(full),
      ...['layers', 'steps'].flatMap((updates) =>
        (full ? ['wasm-threads', 'native'] : ['native']).map((e) => loraBatch(updates, e)),
      ),
    ];
  },
  aggregate: (full) => {
    const options = { batch: 4, steps: 1, profile: 'compact' };
    if (!full) return [aggregate('tiny', options, 4, 2)];
    return [
      ...[1, 2, 4].map((perProof) => aggregate('tiny', options, 32, perProof)),
      ...['wasm-threads', 'wasm'].map((engine) => aggregate('tiny', options, 2, 2, engine)),
      ...['wide', 'stock'].map(chips),
    ];
  },
  accuracy: (full) => [
    accuracy(full),
    ...(full ? [{ id: 'tolerance', kind: 'tolerance', script: 'tolerance.mjs', args: [] }] : []),
  ],
  // Not quick: no stored report says yet how long it takes.
  inference: (full) =>
    full
      ? [
          ...['tiny', '1K', '100K'].flatMap((size) => inference(size, { samples: 1 })),
          ...inference('100K', { samples: 64 }),
          ...inference('100K', { samples: 1, window: 8 }),
          ...inferencePeers(),
        ]
      : [],
  // Not quick: it measures the disk more than the processor.
  ledger: (full) => (full ? [10_000, 100_000].map(ledger) : []),
};

/** Every engine in the full tier. */
function engines(full, quick) {
  return full ? ENGINES : quick;
}

/** One window of `steps` steps, on each engine. */
function step(size, batch, steps, { profile = 'default', weightColumns } = {}, on = ENGINES) {
  const widths = SIZES[size];
  const options = { batch, steps, profile, ...(weightColumns && { weightColumns }) };
  return on.map((engine) => ({
    id: `prove/${widths.join('-')}/b${batch}/k${steps}/${profile}/${weightColumns ? `c${weightColumns}/` : ''}${engine}`,
    kind: 'prove',
    script: 'prove.mjs',
    args: [widths, { ...options, engine }],
    size,
    engine,
    widths,
    options,
  }));
}

/** Our proof of EZKL's statement. */
function sameStatement(weights, on) {
  const widths = STATEMENTS[weights];
  const options = {
    batch: 8,
    steps: 1,
    profile: 'compact',
    loss: 'meanSquaredError',
    bias: false,
    // Their gradient is the mean over the batch alone, tfjs's over the outputs as well.
    learningRate: widths.at(-1) / 16,
  };
  return on.map((engine) => ({
    id: `statement/${weights}/${engine}`,
    kind: 'prove',
    script: 'prove.mjs',
    args: [widths, { ...options, engine }],
    statement: weights,
    engine,
    widths,
    options,
  }));
}

/** Exact mode against float32, adapters among it. */
function accuracy(full) {
  const cases = full ? 'full' : 'short';
  return { id: `accuracy/${cases}`, kind: 'accuracy', script: 'accuracy.mjs', args: [cases] };
}

/** One window of `steps` steps of adapters, on each engine. */
function adapted(name, steps, profile, on = ENGINES) {
  const { widths, ...rest } = ADAPTED[name];
  const options = { ...rest, steps, profile };
  return on.map((engine) => ({
    id: `lora/${name}/${widths.join('-')}/r${rest.adapters.rank}/b${rest.batch}/k${steps}/${profile}/${engine}`,
    kind: 'prove',
    script: 'prove.mjs',
    args: [widths, { ...options, engine }],
    lora: name,
    engine,
    widths,
    options,
  }));
}

/** Eight updates through OptimizedLoRAProver. */
function loraBatch(updates, engine) {
  return {
    id: `lora/batch/${updates}/${engine}`,
    kind: 'loraBatch',
    script: 'loraBatch.mjs',
    args: [updates, engine],
    updates,
    engine,
  };
}

/** A run's windows in one proof; the links tell the time against the number of windows. */
function aggregate(size, options, windows, perProof, engine = 'native') {
  const widths = SIZES[size];
  // As many threads as an idle machine of the targets has cores.
  const how = engine === 'native' ? [] : [{ engine: 'wasm', threads: engine === 'wasm' ? 1 : 2 }];
  return {
    id: `aggregate/${widths.join('-')}/b${options.batch}/k${options.steps}/w${windows}/m${perProof}/${engine}`,
    kind: 'aggregate',
    script: 'aggregate.mjs',
    args: [widths, options, windows, perProof, ...how],
    engine,
    network: widths.join('-'),
    windows,
    perProof,
    limitMs: 60 * MINUTE,
  };
}

/** Proving the verification of a window, on one of the two chips. */
function chips(chip) {
  return {
    id: `chips/${chip}`,
    kind: 'chips',
    script: 'chips.mjs',
    args: [chip],
    chip,
    limitMs: 60 * MINUTE,
  };
}

/** Creation of a session and verification of its run under one reference string, its basis made first, then kept. */
function reference(string, engine) {
  return {
    id: `strings/${string}/${engine}`,
    kind: 'strings',
    script: 'strings.mjs',
    args: [string, engine],
    string,
    engine,
  };
}

/** What a network gives for so many samples, on each engine. */
function inference(size, options) {
  const widths = SIZES[size];
  const { samples, window } = options;
  return ENGINES.map((engine) => ({
    id: `inference/${widths.join('-')}/${samples}/${window ? `w${window}/` : ''}${engine}`,
    kind: 'inference',
    script: 'infer.mjs',
    args: [widths, { ...options, engine }],
    size,
    widths,
    options,
    engine,
  }));
}

/** A log of so many events. */
function ledger(entries) {
  return { id: `ledger/${entries}`, kind: 'ledger', script: 'ledger.mjs', args: [entries], entries };
}

function pool(size, workers, full) {
  const widths = SIZES[size];
  const options = { batch: 8, steps: 1 };
  return {
    id: `pool/${widths.join('-')}/${workers}/${full ? 'full' : 'short'}`,
    kind: 'pool',
    script: 'pool.mjs',
    args: [widths, options, workers, full ? 12 : 6],
    size,
    workers,
    widths,
    options,
  };
}

function ezkl(weights, full) {
  return {
    id: `ezkl/${weights}`,
    kind: 'ezkl',
    script: 'peers/ezkl.mjs',
    args: [STATEMENTS[weights]],
    statement: weights,
    limitMs: (full ? 60 : 4) * MINUTE,
  };
}

/** EZKL's rows (log2): the fewest that its lookups and products fit. */
const INFERENCE_LOGROWS = { '16-16-4': 15, '32-24-8': 15, '784-128-10': 16 };

/** One input through EZKL and through ours, from the same ONNX file. */
function inferencePeers() {
  return ['tiny', '1K', '100K'].map((size) => {
    const network = SIZES[size].join('-');
    return {
      id: `ezkl-infer/${network}/native`,
      kind: 'ezklInfer',
      script: 'peers/ezklInfer.mjs',
      args: [SIZES[size], INFERENCE_LOGROWS[network], 'native'],
      network,
      engine: 'native',
    };
  });
}

function circom(weights) {
  return {
    id: `circom/${weights}`,
    kind: 'circom',
    script: 'peers/circom.mjs',
    args: [weights],
    statement: weights,
  };
}
