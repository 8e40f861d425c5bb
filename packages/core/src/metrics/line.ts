import { checkArgument, notNegative } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { MetricsSnapshot } from './snapshot.js';

/** What is read of it here. */
const snapshot = z.object(
  {
    proofs: z.object({ total: notNegative }),
    successRate: notNegative.optional(),
    averageMs: notNegative.optional(),
    p95Ms: notNegative.optional(),
    queueDepth: notNegative,
    running: notNegative,
    workers: notNegative,
    cache: z.object({ hits: notNegative, misses: notNegative }),
    memory: z.object({ rss: notNegative }),
  },
  'must be what ProverMetrics.snapshot() gives',
);

/**
 * Figures of one moment in one short line.
 *
 * @example
 * const line = metricsLine(await prover.metrics.snapshot());
 */
export function metricsLine(now: MetricsSnapshot): string {
  checkArgument(snapshot, now, 'metricsLine', 'now');
  const { proofs, successRate, averageMs, p95Ms, queueDepth, running, workers, cache, memory } = now;
  const parts = [`${proofs.total} proofs`];
  if (successRate !== undefined) parts[0] += ` (${(100 * successRate).toFixed(0)} % ok)`;
  if (averageMs !== undefined) parts.push(`avg ${time(averageMs)}`);
  if (p95Ms !== undefined) parts.push(`p95 ${time(p95Ms)}`);
  parts.push(`queue ${queueDepth}`, `running ${running}/${workers}`);
  parts.push(`cache ${cache.hits}/${cache.hits + cache.misses}`, `${(memory.rss / 2 ** 20).toFixed(0)} MB`);
  return parts.join(' | ');
}

function time(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
