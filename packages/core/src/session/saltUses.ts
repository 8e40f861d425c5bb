import type { PlanInfo } from '@proof-of-training/sgd-circuit';
import { PotError } from 'halo2-wasm';

/**
 * In how many proofs a shard's commitment may be used before its salt no longer hides it (protocol section 9,
 * rule 14): one an epoch.
 */
export function dataUses(info: PlanInfo): number {
  const uses = info.maxUses;
  if (typeof uses !== 'number' || !Number.isInteger(uses) || uses < 2) {
    throw new PotError('PLAN_INFO', 'the planner does not say how often a commitment may be used');
  }
  return uses;
}
