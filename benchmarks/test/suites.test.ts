import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseOptions } from '../runner/options.mjs';
import { jobsOf, SUITES } from '../runner/suites.mjs';
import { allJobs, type Job } from './helpers/run.js';

it('a case that two suites want is measured once, and belongs to both', () => {
  for (const tier of ['quick', 'full']) {
    const jobs = allJobs(tier);
    expect(new Set(jobs.map((j) => j.id)).size).toBe(jobs.length);
    const here = SUITES.filter((s) => tier === 'full' || !['strings', 'inference', 'ledger'].includes(s));
    for (const suite of here) expect(jobs.some((j) => j.suites.includes(suite))).toBe(true);
    const shared = jobs.find((j) => j.id === 'prove/784-128-10/b32/k1/default/wasm-threads');
    expect(shared?.suites).toEqual(['sgd', 'memory']);
  }
});

it('every script is there, and the full tier holds every case of the quick one that can be as large', () => {
  const [quick, full] = ['quick', 'full'].map((tier) => allJobs(tier));
  for (const job of full!) expect(existsSync(new URL(`../${job.script}`, import.meta.url))).toBe(true);
  const ids = new Set(full!.map((j) => j.id));
  const kinds = quick!.filter((j) => !ids.has(j.id)).map((j) => j.kind);
  expect([...new Set(kinds)].sort()).toEqual(['accuracy', 'aggregate', 'pool']);
});

it('the chosen suites alone', () => {
  const jobs = jobsOf('quick', ['executor', 'pool']);
  expect(jobs.map((j) => j.kind)).toEqual(['pool', 'pool', 'executor']);
});

it('reads the command line and refuses what it does not know', () => {
  expect(parseOptions([])).toMatchObject({ tier: 'quick', suites: SUITES, resume: false });
  expect(parseOptions(['--', '--full', '--suite', 'sgd, verify', '--resume'])).toMatchObject({
    tier: 'full',
    suites: ['sgd', 'verify'],
    resume: true,
  });
  for (const bad of [
    ['--suite', 'sgx'],
    ['--suite', ''],
    ['--large'],
    ['--quick', '--full'],
    ['--check', '--dump'],
    ['--list', '--resume'],
    ['sgd'],
  ]) {
    expect(() => parseOptions(bad)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  }
});

it('adapters of every kind, in both number formats, are no networks of the other suites', () => {
  const jobs = jobsOf('full', ['lora']) as unknown as Job[];
  expect(new Set(jobs.map((j) => j.lora ?? j.kind))).toEqual(
    new Set([
      ...['local', 'small', 'mlp', 'local-momentum', 'local-adamw', 'mlp-momentum', 'mlp-adamw'],
      ...['loraBatch', 'accuracy'],
    ]),
  );
  for (const job of jobs) {
    expect(job.size).toBeUndefined();
    if (job.options) expect(job.id).toContain(`/k${job.options.steps}/${job.options.profile}/`);
  }
  const formats = (name: string) =>
    new Set(jobs.filter((j) => j.lora === name).map((j) => j.options?.profile));
  expect(formats('local')).toEqual(new Set(['default', 'compact']));
  expect(formats('small')).toEqual(new Set(['default', 'compact']));
});
