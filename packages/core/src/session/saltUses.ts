import { PotError } from '@proof-of-training/halo2-wasm';
import type { PlanInfo } from '@proof-of-training/sgd-circuit';

/**
 * In how many proofs one commitment to a private base may be used: one a window, and the genesis proof or a renewal.
 *
 * Errors: `PLAN_INFO`.
 */
export function baseUses(info: PlanInfo): number {
  return uses(info.baseMaxUses);
}

/**
 * In how many proofs one commitment to a shard may be used before its salt no longer hides it (docs/operators/circuit.md,
 * section 9): one an epoch, and one a renewal.
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
