import { runChild } from './child.mjs';
import { load } from './machine.mjs';

/** Codes that say "not here", not "broken". */
const ABSENT = ['ENGINE_UNAVAILABLE', 'PEER_MISSING', 'PEER_MEMORY'];

/**
 * Runs jobs one after the other. Gives their records: `{ ...job, status, result | error, load, ms }`, with status `done`,
 * `unavailable` (engine not built, peer not installed) or `failed`. One job's failure does not end the others.
 * Errors: `BENCH_INTERRUPTED`; those of the state file.
 *
 * @param {any[]} jobs
 * @param {{ state: any, engines: any, signal?: AbortSignal, verbose?: boolean, onStart: any, onEnd: any }} options
 */
export async function perform(jobs, { state, engines, signal, verbose = false, onStart, onEnd }) {
  const records = [];
  const prepared = new Set();
  for (const [n, job] of jobs.entries()) {
    const known = state.get(job.id);
    if (known) {
      records.push({ ...known, suites: job.suites });
      onEnd(records.at(-1), n, { resumed: true });
      continue;
    }
    onStart(job, n);
    const record = await one(job, { engines, signal, verbose, prepared });
    await state.add(record);
    records.push(record);
    onEnd(record, n, { resumed: false });
  }
  return records;
}

async function one(job, { engines, signal, verbose, prepared }) {
  const { script, args, limitMs, ...described } = job;
  const engine = job.engine && engines[job.engine];
  if (engine && engine.status !== 'available') {
    return { ...described, status: 'unavailable', error: engine.error, reason: engine.reason, load: load() };
  }
  const start = performance.now();
  try {
    if (job.widths) await prepare(job, prepared, { limitMs, signal, verbose });
    const before = load();
    const begun = performance.now();
    const result = await runChild(script, args, { limitMs, signal, verbose });
    return { ...described, status: 'done', result, load: before, ms: performance.now() - begun };
  } catch (e) {
    if (e.code === 'BENCH_INTERRUPTED') throw e;
    const error = { code: e.code ?? 'BENCH_FAILED', message: e.shortMessage ?? e.message };
    const status = ABSENT.includes(error.code) ? 'unavailable' : 'failed';
    return {
      ...described,
      status,
      error,
      reason: e.details?.reason,
      load: load(),
      ms: performance.now() - start,
    };
  }
}

async function prepare({ widths, options }, prepared, limits) {
  const key = JSON.stringify([widths, options]);
  if (prepared.has(key)) return;
  await runChild('prepare.mjs', [widths, options], limits);
  prepared.add(key);
}

/**
 * Which engines are there: `{ name: { status, version, threads } }`, or why not.
 *
 * @param {string[]} names
 * @param {{ signal?: AbortSignal, verbose?: boolean }} options
 */
export async function findEngines(names, { signal, verbose = false } = {}) {
  const found = {};
  for (const name of names) {
    try {
      found[name] = {
        status: 'available',
        ...(await runChild('engine.mjs', [name], { limitMs: 60_000, signal, verbose })),
      };
    } catch (e) {
      if (e.code !== 'ENGINE_UNAVAILABLE') throw e;
      const reason = e.details?.reason;
      const note = reason === 'missing' ? 'not built' : `not usable (${reason ?? e.code})`;
      found[name] = { status: 'unavailable', note, reason, error: { code: e.code, message: e.shortMessage } };
    }
  }
  return found;
}
