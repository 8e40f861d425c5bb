import { expect, it } from 'vitest';
import { renderChart } from '../report/chart.mjs';
import { renderMarkdown } from '../report/markdown.mjs';
import { short, table } from '../report/table.mjs';
import { figures, madeUpRun } from './helpers/run.js';

it('a report from the JSON alone: every case, its figures, the targets', () => {
  const run = JSON.parse(
    JSON.stringify(
      madeUpRun('quick', (job) =>
        job.size === '100K' && job.engine === 'native'
          ? { result: figures({ provingMs: 1234, peakBytes: 777e6 }) }
          : undefined,
      ),
    ),
  );
  const text = renderMarkdown(run, 'x.svg');
  const line = text
    .split('\n')
    .find((l: string) => l.includes('784-128-10, batch 32, 1 step') && l.includes('native'));
  expect(line).toMatch(/1\.23 \(3\).*777/);
  expect(text).toContain('| 4     | 1M weights, one exact step, batch 8, native');
  expect(text).toContain('![proving time by network and engine](x.svg)');
  for (const word of ['EZKL 23.0.5', 'update alone, 1000', 'proofs an hour', 'A <processor>', 'cccccccccccc'])
    expect(text).toContain(word);
  expect(text).not.toContain('undefined');
  expect(text).not.toContain('NaN');
});

it('shows what is not built and what failed', () => {
  const text = renderMarkdown(
    madeUpRun('quick', (job) => {
      if (job.engine === 'native')
        return {
          status: 'unavailable',
          reason: 'missing',
          error: { code: 'ENGINE_UNAVAILABLE', message: 'm' },
          result: undefined,
        };
      if (job.kind === 'pool')
        return {
          status: 'failed',
          error: { code: 'PROVER_CRASHED', message: 'a thread died' },
          result: undefined,
        };
      return undefined;
    }),
    'x.svg',
  );
  expect(text).toMatch(/784-128-10, batch 32, 1 step +\| native +\| not built/);
  expect(text).toContain('failed: PROVER_CRASHED');
  expect(text).toContain('- pool/128-72-10/1/short: PROVER_CRASHED: a thread died');
});

it('windows in one proof: time against their number, and the sizes beside those of the described system', () => {
  const lines = renderMarkdown(madeUpRun('quick'), 'x.svg').split('\n');
  const has = (pattern: RegExp) => expect(lines.some((l: string) => pattern.test(l))).toBe(true);
  has(
    /16-16-4, 4 windows, native +\| 2 +\| 18 +\| 9\.00 +\| 42\.0 +\| 10\.5 +\| 90\.0 +\| 2000 +\| 5000 +\| 12345/,
  );
  has(/16-16-4, 2 a proof, native +\| 4 +\| 22\.0/);
  has(/\| 32 +\| 128000 +\| 5000 +\| 25\.6 : 1 +\| 128 : 1/);
});

it('renders a run without any finished case', () => {
  const run = madeUpRun('quick', () => ({
    status: 'failed',
    error: { code: 'CHILD_KILLED', message: 'm' },
    result: undefined,
  }));
  expect(renderMarkdown(run, 'x.svg')).not.toContain('undefined');
  expect(renderChart(run)).toContain('</svg>');
});

it('a chart with one bar a case and engine, longer for more time', () => {
  const run = madeUpRun('quick', (job) =>
    job.kind === 'prove'
      ? { result: figures({ provingMs: job.engine === 'native' ? 100 : 4000 }) }
      : undefined,
  );
  const svg = renderChart(run);
  const bars = [
    ...svg.matchAll(/<rect x="250" y="[\d.]+" width="([\d.]+)" height="11" fill="(#[0-9a-f]+)"/g),
  ].filter((m) => m[0].includes('y="22"') === false);
  const cases = run.records.filter((r) => r.kind === 'prove' && (r.size ?? r.lora) !== undefined);
  expect(bars).toHaveLength(cases.length);
  const widths = (colour: string) => bars.filter((m) => m[2] === colour).map((m) => Number(m[1]));
  expect(Math.min(...widths('#8da0cb'))).toBeGreaterThan(Math.max(...widths('#1b3a6b')));
  // Every element is closed.
  expect(svg.match(/<text/g)!.length).toBe(svg.match(/<\/text>/g)!.length);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

it('numbers and tables', () => {
  expect([0.01234, 1.2345, 12.345, 1234.5, 0, Number.NaN].map(short)).toEqual([
    '0.0123',
    '1.23',
    '12.3',
    '1235',
    '0',
    '-',
  ]);
  expect(table(['a', 'b'], [['1|2', undefined], ['x\ny']])).toBe(
    '| a   | b   |\n|-----|-----|\n| 1/2 |     |\n| x y |     |',
  );
});

it('adapters: proofs with their base, what was published, and what a batch chose', () => {
  const base = { k: 17, weightColumns: 1, dataColumns: 2, lanes: 4, laneColumns: 3, baseColumns: 8 };
  const text = renderMarkdown(
    madeUpRun('full', (job) =>
      job.lora === 'mlp' ? { result: figures({ shape: base, baseCommitMs: 456 }) } : undefined,
    ),
    'x.svg',
  );
  const line = (start: string, engine: string) =>
    text.split('\n').find((l: string) => l.startsWith(`| ${start} `) && l.includes(`| ${engine} `));
  expect(line('1000-1000-10, rank 8, frozen base, batch 8, 16 steps', 'native')).toContain('1 + 2, base 8');
  expect(line('768-768, rank 8, layer-local, batch 8, 1 step, compact', 'wasm-threads')).toContain('3 + 1 ');
  expect(line('768-768, rank 8, layer-local, AdamW, batch 8, 1 step', 'native')).toBeDefined();
  expect(line('1000-1000-10, rank 8, frozen base, momentum, batch 8, 4 steps', 'native')).toBeDefined();
  expect(text).toContain('1000-1000-10, rank 8, frozen base, batch 8, 1 step, native: 0.456 s');
  expect(text).toContain('Published, not measured here: zkLoRA');
  expect(line('8 layers, one step each', 'native')).toContain('8 proofs of up to 1 step, 2 at once');
});
