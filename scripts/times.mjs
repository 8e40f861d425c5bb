#!/usr/bin/env node
/**
 * How long tests took, beside the baseline (benchmarks/ci.json).
 *
 *     node scripts/times.mjs FOLDER            names the test files that grew, and prints CI's total beside its baseline
 *     node scripts/times.mjs FOLDER --write    makes this run the baseline
 *
 * FOLDER is CI's: `steps.txt` (a line a step: name, seconds of the clock, seconds of the processors) and a report of vitest a tier, in JSON.
 * Machines differ, and so do their loads: a file has grown where its share of all files' time has.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BASELINE = join(ROOT, 'benchmarks/ci.json');
/** What is named: a share that is so many times as large, of a file that takes so many seconds. */
const GROWN = 1.5;
const SECONDS = 5;

/** Seconds of each test file, by its path; those of several tiers together. */
export function fileTimes(reports) {
  const times = {};
  for (const { testResults } of reports) {
    for (const { name, startTime, endTime } of testResults) {
      const file = relative(ROOT, name);
      times[file] = Math.round(10 * ((times[file] ?? 0) + (endTime - startTime) / 1000)) / 10;
    }
  }
  return Object.fromEntries(Object.entries(times).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Files that grew, a line each: new ones too, where they take long.
 *
 * @param {Record<string, number>} now seconds of each file
 * @param {Record<string, number>} before the baseline's
 * @returns {string[]}
 *
 * @example grown({ a: 30, b: 10 }, { a: 10, b: 10 }); // ['a: 30 s, of 20 s expected on this machine']
 */
export function grown(now, before) {
  const both = Object.keys(now).filter((f) => f in before);
  if (both.length === 0) return [];
  // The middle ratio: one file that grew does not make all others look shorter.
  const ratios = both.map((f) => now[f] / Math.max(before[f], 0.1)).sort((a, b) => a - b);
  const speed = ratios[ratios.length >> 1];
  const lines = [];
  for (const [file, seconds] of Object.entries(now)) {
    if (seconds < SECONDS) continue;
    const expected = file in before ? before[file] * speed : undefined;
    if (expected === undefined) lines.push(`${file}: ${seconds} s, not in the baseline`);
    else if (seconds > GROWN * expected)
      lines.push(`${file}: ${seconds} s, of ${Math.round(expected)} s expected on this machine`);
  }
  return lines;
}

function read(folder) {
  const steps = readFileSync(join(folder, 'steps.txt'), 'utf8').trim().split('\n');
  const total = { seconds: 0, processors: 0 };
  for (const [name, clock, processors] of steps.map((line) => line.split(' '))) {
    if (name === 'all') total.seconds = Number(clock);
    else total.processors += processors.split('+').reduce((s, v) => s + Number(v), 0);
  }
  total.processors = Math.round(total.processors);
  const reports = readdirSync(folder).filter((f) => f.endsWith('.times.json'));
  return { total, files: fileTimes(reports.map((f) => JSON.parse(readFileSync(join(folder, f), 'utf8')))) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false } },
  });
  if (positionals.length !== 1) throw new Error('name the one folder of a run of CI');
  const run = read(positionals[0]);
  if (values.write) {
    writeFileSync(BASELINE, `${JSON.stringify(run, null, 1)}\n`);
  } else if (!existsSync(BASELINE)) {
    console.log(
      `all: ${run.total.seconds} s (${run.total.processors} s of the processors); there is no baseline`,
    );
  } else {
    const before = JSON.parse(readFileSync(BASELINE, 'utf8'));
    for (const line of grown(run.files, before.files)) console.log(`grown: ${line}`);
    console.log(
      `all: ${run.total.seconds} s, baseline ${before.total.seconds} s; of the processors ${run.total.processors} s, baseline ${before.total.processors} s`,
    );
  }
}
