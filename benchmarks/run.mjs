#!/usr/bin/env node
/** The benchmark: `pnpm bench`. benchmarks/README.md says what it measures; `--help` how to choose. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { ENGINES } from './engine.mjs';
import { baselineOf, compareBaseline } from './report/baseline.mjs';
import { renderChart } from './report/chart.mjs';
import { whyMissing } from './report/find.mjs';
import { renderMarkdown } from './report/markdown.mjs';
import { describeMachine, describeVersion } from './runner/machine.mjs';
import { parseOptions, USAGE } from './runner/options.mjs';
import { findEngines, perform } from './runner/perform.mjs';
import { State } from './runner/state.mjs';
import { jobsOf, SUITES } from './runner/suites.mjs';
import { summary } from './runner/summary.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  if (options.list) {
    for (const { id } of jobsOf(options.tier, options.suites)) console.log(id);
    return;
  }
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupt.abort());
  const { signal } = interrupt;

  const startedAt = new Date().toISOString();
  const machine = describeMachine();
  const version = describeVersion();
  const state = await State.open(at('results/.state/state.json'), version, options);
  const baseline = options.check ? await readBaseline() : undefined;
  console.log(`${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(2)}`);
  const engines = await findEngines(ENGINES, { signal, verbose: options.verbose });
  for (const [name, e] of Object.entries(engines)) console.log(`engine ${name}: ${e.note ?? e.version}`);

  const jobs = jobsOf(options.tier, options.suites);
  const begun = Date.now();
  const label = (n) => `[${n + 1}/${jobs.length}, ${Math.round((Date.now() - begun) / 1000)} s]`;
  const records = await perform(jobs, {
    state,
    engines,
    signal,
    verbose: options.verbose,
    onStart: (job, n) => console.log(`${label(n)} ${job.id} ...`),
    onEnd: (record, n, { resumed }) =>
      console.log(
        `${label(n)} ${record.id}: ${resumed ? 'kept: ' : ''}${summary(record) ?? whyMissing(record)}`,
      ),
  });
  const { tier, suites } = options;
  const run = {
    format: 1,
    tier,
    suites,
    startedAt,
    finishedAt: new Date().toISOString(),
    machine,
    version,
    engines,
    records,
  };

  const part = suites.length < SUITES.length ? `-${suites.join('-')}` : '';
  const name = `${startedAt.slice(0, 10)}-${tier}${part}`;
  makeFolder(at('results'));
  await writeFileAtomic(at(`results/${name}.json`), `${JSON.stringify(run, null, 1)}\n`);
  await writeFileAtomic(at(`results/${name}.svg`), renderChart(run));
  const markdown = renderMarkdown(run, `${name}.svg`);
  await writeFileAtomic(at(`results/${name}.md`), markdown);
  console.log(`\n${markdown}`);
  console.log(`Written: benchmarks/results/${name}.json, .md, .svg`);

  const failed = records.filter((r) => r.status === 'failed').length;
  if (failed > 0) console.log(`${failed} of ${records.length} failed; --resume tries them again`);
  let ok = failed === 0;
  if (baseline) ok = check(baseline, run) && ok;
  if (options.dump) await dump(run);
  process.exitCode = ok ? 0 : 1;
}

/** Errors: `BENCH_BASELINE`. */
async function readBaseline() {
  try {
    const baseline = JSON.parse(await readFile(at('baseline.json'), 'utf8'));
    if (typeof baseline.cases !== 'object') throw new Error('no cases');
    return baseline;
  } catch (cause) {
    const hint = 'Make one: pnpm bench --dump.';
    throw new PotError('BENCH_BASELINE', 'benchmarks/baseline.json is missing or damaged', { cause, hint });
  }
}

function check(baseline, run) {
  const { ok, compared, lines } = compareBaseline(baseline, run);
  for (const line of lines) console.log(`baseline: ${line}`);
  console.log(`baseline: ${compared} cases compared, ${ok ? 'fits' : 'DIFFERS'}`);
  return ok;
}

/** Cases that this run did not measure stay as they were. */
async function dump(run) {
  const path = at('baseline.json');
  const old = existsSync(path) ? (await readBaseline()).cases : {};
  const { cases, ...rest } = baselineOf(run);
  const merged = Object.fromEntries(
    Object.entries({ ...old, ...cases }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  await writeFileAtomic(path, `${JSON.stringify({ ...rest, cases: merged }, null, 1)}\n`);
  console.log(`Written: benchmarks/baseline.json, ${Object.keys(cases).length} cases of this run`);
}

await main().catch((e) => {
  if (e.code === 'BENCH_INTERRUPTED') {
    console.error('\nInterrupted. What is finished is kept: the same command with --resume goes on.');
    process.exitCode = 130;
    return;
  }
  console.error(e.name === 'PotError' ? e.message : e);
  process.exitCode = 2;
});
