import { PotError } from '@proof-of-training/halo2-wasm';
import type { PlanInfo } from '@proof-of-training/sgd-circuit';

/**
 * In how many proofs a private base's commitment may be used: one a window, and the genesis proof.
 *
 * Errors: `PLAN_INFO`.
 */
export function baseUses(info: PlanInfo): number {
  return uses(info.baseMaxUses);
}

/**
 * In how many proofs a shard's commitment may be used before its salt no longer hides it (docs/operators/circuit.md,
 * section 9): one an epoch.
 */
export function dataUses(info: PlanInfo): number {
  return uses(info.maxUses);
}

function uses(number: unknown): number {
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 2) {
    throw new PotError('PLAN_INFO', 'the planner does not say how often a commitment may be used');
  }
  return number;
}
