import { jobsOf, SUITES } from '../../runner/suites.mjs';

/** A case as the tests look at it. */
export interface Job {
  id: string;
  kind: string;
  suites: string[];
  script: string;
  args: unknown[];
  limitMs: number;
  size?: string;
  engine?: string;
  workers?: number;
  lora?: string;
  updates?: string;
  options?: { batch: number; steps: number; profile: string; weightColumns?: number };
}

/** The cases of all suites. */
export const allJobs = (tier: string) => jobsOf(tier, SUITES) as unknown as Job[];

/** Figures of one window; every field can be replaced. */
export function figures(over: Record<string, unknown> = {}) {
  return {
    weights: 1000,
    shape: { k: 12, weightColumns: 3, dataColumns: 1, lanes: 1, laneColumns: 11 },
    plan: { rows: 4096, adviceColumns: 20, fixedColumns: 30, degree: 3 },
    runs: 3,
    commitMs: 10,
    keygenMs: 100,
    provingMs: 1000,
    provingCpuMs: 1600,
    verifyingMs: 2,
    verifyingCpuMs: 2,
    verifyingLeastMs: 2,
    proofBytes: 4000,
    peakBeforeBytes: 1e8,
    peakBytes: 5e8,
    ...over,
  };
}

/** Figures of a batch of adapter updates. */
export function batchFigures(over: Record<string, unknown> = {}) {
  const first = {
    reachedMs: 3000,
    cpuMs: 5000,
    keygenMs: 500,
    targetTimeMs: 5000,
    chosen: {
      window: 1,
      proofs: 8,
      workers: 2,
      threads: 1,
      expectedMs: 2500,
      engine: 'native',
      formats: ['default'],
    },
    proofBytes: 31488,
    ...over,
  };
  return { updates: 8, hardware: { measurementMs: 800 }, first, again: first, peakBytes: 4e8 };
}

/** Figures of four windows in one proof, two a link. */
export function aggregateFigures(over: Record<string, unknown> = {}) {
  const sizes = (windows: number) => ({
    windows,
    windowBytes: 4000 * windows,
    aggregateBytes: 5000,
    ratio: (4000 * windows) / 5000,
  });
  return {
    links: [
      { windows: 2, ms: 20_000 },
      { windows: 4, ms: 22_000 },
    ],
    keygenMs: 9000,
    ms: 51_000,
    cpuMs: 90_000,
    k: 18,
    peakBytes: 2e9,
    fileBytes: 12_345,
    compression: sizes(4),
    compressions: [8, 16, 32].map((n) => ({ ...sizes(n), described: 4 * n })),
    verifying: { native: { proofMs: 8, fileMs: 30 }, wasm: { proofMs: 40, fileMs: 90 } },
    ...over,
  };
}

/** As peers/ezklInfer.mjs measures a prover, `times` slower than another. */
function peerInference(times = 1) {
  return {
    wholeMs: 300 * times,
    wholeCpuMs: 500 * times,
    verifyingMs: 30,
    proofBytes: 3000,
    keyBytes: times === 1 ? 0 : 1.4e8,
    peakBytes: 1e8 * times,
    largestError: 0.001,
  };
}

const RESULTS: Record<string, unknown> = {
  aggregate: aggregateFigures(),
  chips: {
    k: 18,
    terms: 90,
    cells: 1_500_000,
    termCells: 15_988,
    columns: 17,
    keygenMs: 7000,
    provingMs: 12_000,
    provingCpuMs: 22_000,
    proofBytes: 4320,
    peakBytes: 1.4e9,
  },
  loraBatch: batchFigures(),
  inference: { ...figures(), planningMs: 10, verifyingKeyMs: 100 },
  ezklInfer: {
    version: '23.0.5',
    ours: { ...peerInference(), k: 10 },
    theirs: { ...peerInference(100), rows: 880 },
  },
  ledger: {
    entries: 10000,
    appendsPerSecond: 9000,
    appendCpuUs: 100,
    oneMs: 2,
    oneP99Ms: 9,
    proofMs: 0.5,
    queryMs: 8,
    verifyMs: 1500,
    verifyCpuMs: 1400,
    publicVerifyMs: 300,
    openMs: 500,
    bytesPerEntry: 400,
    publicBytesPerEntry: 70,
    peakBytes: 2e8,
  },
  strings: { k: 13, firstMs: 4100, createMs: 1500, createCpuMs: 2500, verifyMs: 300, verifyCpuMs: 550 },
  executor: { executor: 2, 'tfjs cpu': 40, 'tfjs wasm': 10 },
  accuracy: [
    { name: 'digits', unit: '%', exact: 90, float: 90.2, difference: -0.2 },
    { name: 'LoRA of rank 8', unit: '%', exact: 80, float: 80.6, difference: -0.6 },
  ],
  tolerance: [{ name: 'a step', result: 'compact' }],
  ezkl: {
    version: '23.0.5',
    keygenMs: 1e4,
    provingMs: 2e5,
    provingCpuMs: 3e5,
    verifyingMs: 60,
    proofBytes: 10176,
    peakBytes: 1e9,
  },
  circom: {
    version: 'x',
    keygenMs: 1e4,
    provingMs: 1200,
    provingCpuMs: 2000,
    verifyingMs: 400,
    proofBytes: 805,
    peakBytes: 2e8,
  },
};

/** A run of every case of a tier, each `done` with made-up figures, unless `change` gives other fields of its record. */
export function madeUpRun(
  tier: string,
  change: (job: Job) => Record<string, unknown> | undefined = () => undefined,
) {
  const records = allJobs(tier).map((job) => {
    const { script, args, limitMs, ...described } = job;
    const pool = {
      workers: job.workers,
      proofs: 6,
      ms: 1000,
      cpuMs: 1000 * (job.workers ?? 0),
      proofsPerHour: 3600 * (job.workers ?? 0),
      peakBytes: 1,
    };
    const result = job.kind === 'prove' ? figures() : job.kind === 'pool' ? pool : RESULTS[job.kind];
    return { ...described, status: 'done', result, load: 0.1, ms: 1, ...change(job) };
  });
  return {
    format: 1,
    tier,
    suites: SUITES,
    startedAt: '2026-11-21T08:00:00.000Z',
    finishedAt: '2026-11-21T09:00:00.000Z',
    machine: { cpu: 'A <processor>', cores: 2, memoryBytes: 23e9, system: 'linux 6', node: 'v20', load: 0.2 },
    version: {
      commit: 'c'.repeat(40),
      changed: null,
      engines: { wasm: 'aa', 'wasm-threads': 'bb', native: 'cc' },
    },
    engines: Object.fromEntries(
      ['wasm', 'wasm-threads', 'native'].map((n) => [n, { status: 'available', version: n }]),
    ),
    records,
  };
}
