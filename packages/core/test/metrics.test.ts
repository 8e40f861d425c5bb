import { PotError } from '@proof-of-training/halo2-wasm';
import { describe, expect, it } from 'vitest';
import { metricsLine } from '../src/metrics/line.js';
import { ProverMetrics } from '../src/metrics/proverMetrics.js';

const load = { queued: 3, running: 2, workers: 4, reservedBytes: 100, memoryBudgetBytes: 1000 };

/** 100 proofs of 1 to 100 ms, 2 failures, 1 cancelled, some tasks that are no proofs. */
function filled(): ProverMetrics {
  const metrics = new ProverMetrics();
  metrics.watch(load);
  metrics.countCache('srs', { hits: 5, misses: 1 });
  for (let ms = 1; ms <= 100; ms++)
    metrics.finished(ms % 2 ? 'window' : 'genesis', {
      ms,
      key: ms === 1 ? 'made' : ms === 2 ? 'disk' : 'memory',
    });
  metrics.finished('commitData', { ms: 1e6 });
  metrics.finished('verify', { ms: 1e6 });
  for (const code of ['WASM_ERROR', 'PROVER_CRASHED'] as const)
    metrics.failed('window', new PotError(code, ''));
  metrics.failed('window', new PotError('PROVER_ABORTED', ''));
  metrics.failed('commitWeights', new Error());
  metrics.crashed();
  metrics.crashed();
  metrics.retried();
  return metrics;
}

describe('metrics', () => {
  it('are empty at first', async () => {
    const now = await new ProverMetrics().snapshot();
    expect(now).toMatchObject({
      proofs: { total: 0, succeeded: 0, failed: 0, cancelled: 0 },
      successRate: undefined,
      averageMs: undefined,
      p95Ms: undefined,
      queueDepth: 0,
    });
    expect(metricsLine(now)).toMatch(/^0 proofs \| queue 0 \| running 0\/0 \| cache 0\/0 \| \d+ MB$/);
  });

  it('count proofs, and only those', async () => {
    const now = await filled().snapshot();
    expect(now).toMatchObject({
      proofs: { total: 102, succeeded: 100, failed: 2, cancelled: 1 },
      successRate: 100 / 102,
      averageMs: 50.5,
      queueDepth: 3,
      running: 2,
      workers: 4,
      crashes: 2,
      retries: 1,
      cache: { hits: 99 + 5, misses: 1 + 1 },
      keys: { memory: 98, disk: 1, made: 1 },
      memory: { reserved: 100, budget: 1000 },
    });
    expect(now.p95Ms).toBeGreaterThan(93);
    expect(now.p95Ms).toBeLessThan(97);
    expect(now.memory.rss).toBeGreaterThan(2 ** 20);
    expect(metricsLine(now)).toMatch(
      /^102 proofs \(98 % ok\) \| avg 51 ms \| p95 9\d ms \| queue 3 \| running 2\/4 \| cache 104\/106 \| \d+ MB$/,
    );
  });

  it('are Prometheus text, every name pot_ and snake_case', async () => {
    const metrics = filled();
    const text = await metrics.prometheus();
    for (const line of [
      'pot_proofs_total{outcome="ok"} 100',
      'pot_proofs_total{outcome="failed"} 2',
      'pot_proofs_total{outcome="cancelled"} 1',
      'pot_proof_milliseconds_sum 5050',
      'pot_proof_milliseconds_count 100',
      'pot_queue_depth 3',
      'pot_running_tasks 2',
      'pot_workers 4',
      'pot_worker_crashes_total 2',
      'pot_task_retries_total 1',
      'pot_memory_reserved_bytes 100',
      'pot_memory_budget_bytes 1000',
      'pot_cache_hits_total{cache="keys"} 99',
      'pot_cache_hits_total{cache="srs"} 5',
      'pot_cache_misses_total{cache="srs"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/pot_proof_milliseconds\{quantile="0.95"\} 9\d/);
    const names = text
      .split('\n')
      .filter((l) => l && !l.startsWith('#'))
      .map((l) => l.split(/[{ ]/)[0]!);
    for (const name of names) expect(name).toMatch(/^pot_[a-z_]+$/);
    // Reading twice does not count twice.
    expect(await metrics.prometheus()).toContain('pot_cache_hits_total{cache="srs"} 5\n');
    metrics.unwatch(load);
    expect(await metrics.prometheus()).toContain('pot_queue_depth 0\n');
  });
});
