import { STORED } from '../peers/stored.mjs';
import { chosenText, proved, proveRecord, updatesName, whyMissing } from './find.mjs';
import { ratios, verificationGrowth } from './ratios.mjs';

/** Above this load average other programs had a core: times are given by processor time as well. */
export const BUSY = 1.5;

/** Provers with threads are measured on two cores: their processor time, shared by two, is the time on an idle machine. */
const CORES = 2;

/**
 * What issues 3, 4, 5 and 8 ask for, and what this run measured. Pure.
 * Gives `{ issue, work, unit, target, least, measured, reached, byCpu?, reachedByCpu?, note }`; `reached` is null where
 * nothing was measured.
 */
export function evaluateTargets(run) {
  const busy = run.machine.load > BUSY;
  return TARGETS.map(({ measure, ...target }) => {
    const { value = null, cpu, note = '' } = measure(run);
    const meets = (v) => (target.least ? v >= target.target : v <= target.target);
    return {
      ...target,
      least: target.least ?? false,
      measured: value,
      reached: value === null ? null : meets(value),
      ...(busy && value !== null && cpu !== undefined && { byCpu: cpu, reachedByCpu: meets(cpu) }),
      note,
    };
  });
}

/** Seconds of a proof, divided by `share` steps. */
const seconds =
  (query, share = 1) =>
  (run) => {
    const r = proved(run, query);
    if (!r) return { note: whyMissing(proveRecord(run, query)) };
    const cores = query.engine === 'wasm' ? 1 : CORES;
    return { value: r.provingMs / 1000 / share, cpu: r.provingCpuMs / 1000 / share / cores };
  };

const field = (query, name, scale, cpuName) => (run) => {
  const r = proved(run, query);
  if (!r) return { note: whyMissing(proveRecord(run, query)) };
  return { value: r[name] / scale, ...(cpuName && { cpu: r[cpuName] / scale }) };
};

const ratioOf = (test) => (run) => {
  const found = ratios(run).find(test);
  return found ? { value: found.value, note: found.note ?? '' } : { note: 'not in this run' };
};

function ezkl(run) {
  const ours = { statement: 8832, profile: 'compact', engine: 'native' };
  if (!proved(run, ours)) return { note: whyMissing(proveRecord(run, ours)) };
  return ratioOf((r) => r.statement === ours.statement && r.engine === ours.engine)(run);
}

/** The largest growth in per cent of a sweep, over the engines. */
const growth = (sweep, from) => (run) => {
  const rows = verificationGrowth(run).filter((r) => r.sweep === sweep && (!from || r.size === from));
  if (rows.length === 0) return { note: 'not in this run' };
  const worst = rows.reduce((a, b) => (b.growth > a.growth ? b : a));
  return { value: worst.growth, note: worst.engine };
};

/** Our time for each weight of a whole step, against the spike's for each weight of the weights part alone. */
function spike(run) {
  const r = proved(run, on('wasm', K100));
  if (!r) return { note: whyMissing(proveRecord(run, on('wasm', K100))) };
  const theirs = STORED.spike.provingMs / STORED.spike.cells;
  const note = `stored, ${STORED.date}`;
  return { value: r.provingMs / r.weights / theirs, cpu: r.provingCpuMs / r.weights / theirs, note };
}

/** Seconds an input of a proof of so many, in the rows that the planner chooses. */
function inferred(samples, engine) {
  return (run) => {
    const record = run.records.find(
      (r) =>
        r.kind === 'inference' &&
        r.widths.join('-') === '784-128-10' &&
        r.options.samples === samples &&
        !r.options.window &&
        r.engine === engine,
    );
    if (record?.status !== 'done') return { note: whyMissing(record) };
    const { provingMs, provingCpuMs } = record.result;
    return { value: provingMs / 1000 / samples, cpu: provingCpuMs / 1000 / samples / CORES };
  };
}

/** Published time of a forward product against ours for forward and update. */
const zklora = (query) => (run) => {
  const r = proved(run, query);
  if (!r) return { note: whyMissing(proveRecord(run, query)) };
  const { provingMs, published, machine } = STORED.zklora;
  return {
    value: provingMs / r.provingMs,
    cpu: (provingMs * CORES) / r.provingCpuMs,
    note: `theirs published ${published}, not measured here; ${machine}`,
  };
};

/** Of the two batches of updates the one that takes longer, its keys made in that time. */
const loraBatch = (engine) => (run) => {
  const records = run.records.filter((r) => r.kind === 'loraBatch' && r.engine === engine);
  const missing = records.find((r) => r.status !== 'done');
  if (records.length === 0 || missing) return { note: whyMissing(missing) };
  const slowest = records.reduce((a, b) => (b.result.first.reachedMs > a.result.first.reachedMs ? b : a));
  const { first } = slowest.result;
  return {
    value: first.reachedMs / 1000,
    cpu: first.cpuMs / 1000 / CORES,
    note: `${updatesName(slowest)}: chose ${chosenText(first.chosen)}`,
  };
};

/** The largest difference of the tasks whose name fits. */
const accuracy = (fits) => (run) => {
  const r = run.records.find((x) => x.kind === 'accuracy');
  if (r?.status !== 'done') return { note: whyMissing(r) };
  const tasks = r.result.filter((a) => fits(a.name));
  if (tasks.length === 0) return { note: 'not in this run' };
  const worst = tasks.reduce((a, b) => (Math.abs(b.difference) > Math.abs(a.difference) ? b : a));
  return { value: Math.abs(worst.difference), note: worst.name };
};

/** As accuracy.mjs names them. */
const isLora = (name) => name.startsWith('LoRA ');

const aggregateRecord = (run, engine) =>
  run.records.find((r) => r.kind === 'aggregate' && r.perProof === 2 && r.engine === engine);

/** Seconds of the slowest link of two windows. */
const twoWindows = (engine) => (run) => {
  const r = aggregateRecord(run, engine);
  if (r?.status !== 'done') return { note: whyMissing(r) };
  const { links, cpuMs, keygenMs, ms } = r.result;
  const slowest = Math.max(...links.map((l) => l.ms)) / 1000;
  // The processor time of the whole run, by the links' share of its time.
  const share = (ms - keygenMs) / ms / links.length;
  return { value: slowest, cpu: ((cpuMs / 1000) * share) / CORES, note: `k = ${r.result.k}` };
};

const aggregateField = (name, scale) => (run) => {
  const r = aggregateRecord(run, 'native');
  return r?.status === 'done' ? { value: r.result[name] / scale } : { note: whyMissing(r) };
};

/** Both chips in this run. */
function chip(measure) {
  return (run) => {
    const [wide, stock] = ['wide', 'stock'].map((name) =>
      run.records.find((r) => r.kind === 'chips' && r.chip === name),
    );
    const missing = [wide, stock].find((r) => r?.status !== 'done');
    return missing || !wide ? { note: whyMissing(missing) } : measure(wide.result, stock.result);
  };
}

/** Seconds a point, since the two circuits have not as many of them. */
const chipRatio = chip((wide, stock) => ({
  value: stock.provingMs / stock.terms / (wide.provingMs / wide.terms),
  cpu: stock.provingCpuMs / stock.terms / (wide.provingCpuMs / wide.terms),
  note: `theirs ${stock.terms} points, ours ${wide.terms}`,
}));

function executor(run) {
  const r = run.records.find((x) => x.kind === 'executor');
  if (r?.status !== 'done') return { note: whyMissing(r) };
  const { executor: ours, ...theirs } = r.result;
  return { value: Math.min(...Object.values(theirs)) / ours };
}

function largestProof(run) {
  const sizes = run.records
    .filter((r) => r.kind === 'prove' && r.status === 'done')
    .map((r) => r.result.proofBytes);
  return sizes.length > 0 ? { value: Math.max(...sizes) } : { note: 'not in this run' };
}

const [M1, K100, LOCAL] = [{ size: '1M' }, { size: '100K', batch: 32 }, { lora: 'local' }];
const on = (engine, query) => ({ ...query, engine });
const GB = 1e9;

const TARGETS = [
  row(8, 'two windows in one proof, recursion included, native', 's', 20, twoWindows('native')),
  row(8, 'the same in WASM with threads', 's', 90, twoWindows('wasm-threads')),
  row(8, 'the same, peak memory', 'GB', 2, aggregateField('peakBytes', GB)),
  row(8, 'the same, log2 of the rows', '', 17, aggregateField('k', 1)),
  row(
    8,
    'cells that one more point takes, our chip',
    '',
    16000,
    chip((wide) => ({
      value: wide.termCells,
      note: `of the whole circuit ${Math.round(wide.cells / wide.terms)}`,
    })),
  ),
  atLeast(8, 'stock chip / ours, proving time of a point', 'times', 8, chipRatio),
  row(4, '1M weights, one exact step, batch 8, native', 's', 5, seconds(on('native', M1))),
  row(4, '1M weights, one exact step, batch 8, WASM with threads', 's', 17, seconds(on('wasm-threads', M1))),
  row(4, '100K, batch 32, one exact step, native', 's', 1.2, seconds(on('native', K100))),
  row(4, '100K, batch 32, one exact step, WASM with threads', 's', 4, seconds(on('wasm-threads', K100))),
  row(
    4,
    '10K, one exact step, native, compact',
    's',
    0.25,
    seconds({ size: '10K', profile: 'compact', engine: 'native' }),
  ),
  row(
    4,
    '1K, one exact step, native, compact',
    's',
    0.12,
    seconds({ size: '1K', profile: 'compact', engine: 'native' }),
  ),
  row(
    4,
    'a step in a window of 32 at 100K, batch 8, native',
    's',
    0.15,
    seconds({ size: '100K', steps: 32, engine: 'native' }, 32),
  ),
  atLeast(4, 'EZKL / ours at 8.8K weights, native', 'times', 100, ezkl),
  row(
    4,
    'verification at 100K, native',
    'ms',
    3,
    field(on('native', K100), 'verifyingMs', 1, 'verifyingCpuMs'),
  ),
  row(4, 'verification at 100K, WASM', 'ms', 15, field(on('wasm', K100), 'verifyingMs', 1, 'verifyingCpuMs')),
  atLeast(
    4,
    'two WASM workers against one, proofs an hour',
    'times',
    1.8,
    ratioOf((r) => r.group === 'pool'),
  ),
  row(4, 'peak memory at 1M, native', 'GB', 2, field(on('native', M1), 'peakBytes', GB)),
  row(4, 'peak memory at 1M, WASM with threads', 'GB', 2, field(on('wasm-threads', M1), 'peakBytes', GB)),
  row(5, '768 x 768, rank 8, layer-local, one step, batch 8, native', 's', 0.5, seconds(on('native', LOCAL))),
  row(
    5,
    '768 x 768, rank 8, layer-local, one step, batch 8, WASM with threads',
    's',
    3,
    seconds(on('wasm-threads', LOCAL)),
  ),
  row(
    5,
    'rank 8 on a frozen base of 1M weights, a step in a window of 16, batch 8, native',
    's',
    1.5,
    seconds({ lora: 'mlp', steps: 16, engine: 'native' }, 16),
  ),
  row(5, '8 updates of rank 8, d = 768, keys included, native', 's', 5, loraBatch('native')),
  row(5, '8 updates of rank 8, d = 768, keys included, WASM', 's', 5, loraBatch('wasm-threads')),
  ...['compact', 'default'].map((profile) =>
    atLeast(
      5,
      `64 x 4 x 64, zkLoRA's Halo2 forward / our forward and update, native, ${profile}`,
      'times',
      50,
      zklora({ lora: 'small', batch: 1, profile, engine: 'native' }),
    ),
  ),
  row(
    5,
    'adapters, exact mode against float32: largest difference of the test score',
    'points',
    0.5,
    accuracy(isLora),
  ),
  row(
    3,
    'a step in a window of 8 / a step alone, 100K, batch 8, WASM',
    'times',
    0.5,
    ratioOf((r) => r.name.startsWith('a step in a window of 8 /') && r.name.endsWith(', wasm')),
  ),
  row(3, '100K, batch 32, WASM, one thread / shared/spikes, a cell of weights', 'times', 1.5, spike),
  row(3, 'growth of verification with model and window, fewest columns', '%', 5, growth('fewest columns')),
  row(3, 'the same, with the model, columns for the fastest proof', '%', 5, growth('size')),
  row(3, 'the same, with the window, 10K', '%', 5, growth('window', '10K')),
  atLeast(3, 'step of the fastest tfjs backend / of the integer executor', 'times', 1, executor),
  row(
    3,
    'exact mode against float32: largest difference of the test score',
    'points',
    0.5,
    accuracy((name) => !isLora(name)),
  ),
  row(3, 'peak memory at 100K, batch 32, WASM', 'GB', 1, field(on('wasm', K100), 'peakBytes', GB)),
  row(3, 'peak memory at 1M, WASM, one thread', 'GB', 3, field(on('wasm', M1), 'peakBytes', GB)),
  row(3, 'largest proof', 'bytes', 8192, largestProof),
  row(20, 'inference 784-128-10, one input, native', 's', 0.3, inferred(1, 'native')),
  row(20, 'inference of one input, 784-128-10, WASM with threads', 's', 1, inferred(1, 'wasm-threads')),
  row(20, 'inference 784-128-10, 64 inputs, native, each', 's', 0.03, inferred(64, 'native')),
  atLeast(
    20,
    'EZKL / ours, key and proof of one input, 784-128-10, native',
    'times',
    100,
    ratioOf((r) => r.network === '784-128-10'),
  ),
];

function row(issue, work, unit, target, measure) {
  return { issue, work, unit, target, measure };
}

function atLeast(...args) {
  return { ...row(...args), least: true };
}
