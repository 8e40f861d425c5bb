import { PotError } from '@proof-of-training/halo2-wasm';
import type { AggregateStatement } from '../statement/statement.js';
import type { Registry } from './registry.js';
import type { Anchor } from './types.js';

/**
 * The anchor of this very aggregate; undefined where it is not anchored yet. Steps of anchors follow each other, so one at most begins
 * where it does.
 *
 * Errors: `ANCHOR_CONFLICT` where another aggregate anchored these steps.
 */
export async function findAnchor(
  registry: Registry,
  s: AggregateStatement,
): Promise<{ value: Anchor; blockNumber: number } | undefined> {
  const run = await registry.run(s.runId);
  if (!run || run.nextStep <= s.firstStep) return undefined;
  const value = await registry.anchorAtStep(s.runId, run.anchors, s.firstStep);
  const same = value?.endStep === s.endStep && value.weights === s.weightsOut;
  if (value?.firstStep !== s.firstStep || !same) {
    throw new PotError(
      'ANCHOR_CONFLICT',
      'these steps of the run are anchored already, by another aggregate',
      {
        details: { runId: s.runId, firstStep: s.firstStep, endStep: s.endStep, nextStep: run.nextStep },
        hint: 'Aggregate the windows from the next step on.',
      },
    );
  }
  return { value, blockNumber: value.blockNumber };
}

/** The anchors of these aggregates, and the block of the last; undefined where one is not anchored yet. Errors: `ANCHOR_CONFLICT`. */
export async function findAnchors(
  registry: Registry,
  statements: readonly AggregateStatement[],
): Promise<{ value: Anchor[]; blockNumber: number } | undefined> {
  const found = await Promise.all(statements.map((s) => findAnchor(registry, s)));
  if (found.some((f) => !f)) return undefined;
  return { value: found.map((f) => f!.value), blockNumber: Math.max(...found.map((f) => f!.blockNumber)) };
}
