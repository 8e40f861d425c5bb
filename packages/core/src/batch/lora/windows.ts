import { type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Planned, UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { memoryBudgetOf, rowsUpTo } from '../../plan/limits.js';
import { type CircuitWish, planCircuit } from '../../plan/planCircuit.js';
import { largestK, type SrsChoice } from '../../run/chooseSrs.js';
import type { Steps } from './steps.js';

/** Consecutive updates that one proof covers. */
export interface LoraWindow extends Planned {
  steps: Steps;
  /** Of its updates, in the chain. */
  first: number;
  count: number;
}

/** What an earlier window of the chain has fixed. */
type Layout = Pick<CircuitWish, 'k' | 'weightColumns'>;

/** Plans of circuits, by specification. */
export class Plans {
  private readonly known = new Map<string, Planned | PotError>();

  constructor(
    private readonly halo2: Halo2,
    private readonly srs?: SrsChoice,
    private readonly memoryBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Undefined where a window of so many steps does not fit. */
  of(unplanned: UnplannedSpec, steps: number, constraints: Layout = {}): Planned | undefined {
    const found = this.plan(unplanned, steps, constraints);
    return found instanceof PotError ? undefined : found;
  }

  /** Errors: `CIRCUIT_TOO_LARGE`. */
  require(unplanned: UnplannedSpec, steps: number, constraints: Layout = {}): Planned {
    const found = this.plan(unplanned, steps, constraints);
    if (found instanceof PotError) throw found;
    return found;
  }

  private plan(unplanned: UnplannedSpec, steps: number, constraints: Layout): Planned | PotError {
    const wanted = { ...unplanned, steps };
    const key = JSON.stringify([wanted, constraints]);
    let found = this.known.get(key);
    if (!found) {
      found = this.attempt(wanted, constraints);
      this.known.set(key, found);
    }
    return found;
  }

  private attempt(wanted: UnplannedSpec, constraints: Layout): Planned | PotError {
    const { srs } = this;
    const limits = [rowsUpTo(largestK({ srs })), memoryBudgetOf(this.memoryBytes)];
    try {
      return planCircuit(this.halo2, wanted, { ...constraints, srs, limits });
    } catch (e) {
      if (isPotError(e, 'CIRCUIT_TOO_LARGE')) return e;
      throw e;
    }
  }
}

/**
 * Cuts all chains into windows of at most `most` steps: powers of two, so that few circuits serve all. The windows of a
 * chain have their adapters in the same rows and columns, so that the commitment at the end of one is the beginning of the
 * next.
 */
export function cut(chains: readonly Steps[], most: number, plans: Plans): LoraWindow[] {
  return chains.flatMap((steps) => {
    const { spec: unplanned } = steps.numbers;
    const windows: LoraWindow[] = [];
    const total = steps.chain.updates.length;
    const limit = steps.chain.mode === 'tolerance' ? 1 : most;
    let layout: Layout = {};
    for (let first = 0; first < total; ) {
      let count = 2 ** Math.floor(Math.log2(Math.min(limit, total - first)));
      while (count > 1 && !plans.of(unplanned, count, layout)) count /= 2;
      const planned = plans.require(unplanned, count, layout);
      const { k, weightColumns } = planned.spec.shape;
      layout = { k, weightColumns };
      windows.push({ steps, first, count, ...planned });
      first += count;
    }
    return windows;
  });
}
