import { type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { SgdSpec, UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { type PlanConstraints, type PlanInfo, planSpec } from '@proof-of-training/sgd-circuit';
import { largestK, planPreferring, type SrsChoice } from '../../run/chooseSrs.js';
import type { Steps } from './steps.js';

/** Consecutive updates that one proof covers. */
export interface LoraWindow {
  steps: Steps;
  /** Of its updates, in the chain. */
  first: number;
  count: number;
  spec: SgdSpec;
  info: PlanInfo;
}

/** Plans of circuits, by specification. */
export class Plans {
  private readonly known = new Map<string, { spec: SgdSpec; info: PlanInfo } | PotError>();

  constructor(
    private readonly halo2: Halo2,
    private readonly srs?: SrsChoice,
    private readonly memoryBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Undefined where a window of so many steps does not fit. */
  of(
    unplanned: UnplannedSpec,
    steps: number,
    constraints: PlanConstraints = {},
  ): { spec: SgdSpec; info: PlanInfo } | undefined {
    const found = this.plan(unplanned, steps, constraints);
    return found instanceof PotError ? undefined : found;
  }

  /** Errors: `CIRCUIT_TOO_LARGE`. */
  require(
    unplanned: UnplannedSpec,
    steps: number,
    constraints: PlanConstraints = {},
  ): { spec: SgdSpec; info: PlanInfo } {
    const found = this.plan(unplanned, steps, constraints);
    if (found instanceof PotError) throw found;
    return found;
  }

  private plan(unplanned: UnplannedSpec, steps: number, constraints: PlanConstraints) {
    const wanted = { ...unplanned, steps };
    const key = JSON.stringify([wanted, constraints]);
    let found = this.known.get(key);
    if (!found) {
      found = this.attempt(wanted, constraints);
      this.known.set(key, found);
    }
    return found;
  }

  private attempt(
    wanted: UnplannedSpec,
    constraints: PlanConstraints,
  ): { spec: SgdSpec; info: PlanInfo } | PotError {
    try {
      const planned = planPreferring(
        // Rows that an earlier window fixed stay.
        (maxK) =>
          planSpec(this.halo2, wanted, {
            ...constraints,
            ...(maxK !== undefined && constraints.k === undefined && { maxK }),
          }),
        ({ spec }) => spec.shape.k,
        { srs: this.srs },
      );
      const { memoryBytes } = planned.info;
      const maxK = largestK({ srs: this.srs }) ?? Number.POSITIVE_INFINITY;
      const tooLarge = planned.spec.shape.k > maxK || memoryBytes > this.memoryBytes;
      return tooLarge ? tooLargeError(planned.spec.shape.k, memoryBytes) : planned;
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
    let layout: PlanConstraints = {};
    for (let first = 0; first < total; ) {
      let count = 2 ** Math.floor(Math.log2(Math.min(limit, total - first)));
      while (count > 1 && !plans.of(unplanned, count, layout)) count /= 2;
      const planned = plans.require(unplanned, count, layout);
      const { k, weightColumns, updateHeight } = planned.spec.shape;
      layout = { k, weightColumns, ...(updateHeight !== undefined && { updateHeight }) };
      windows.push({ steps, first, count, ...planned });
      first += count;
    }
    return windows;
  });
}

function tooLargeError(k: number, memoryBytes: number): PotError {
  const needs = Math.ceil(memoryBytes / 2 ** 20);
  return new PotError('CIRCUIT_TOO_LARGE', `the circuit has 2^${k} rows and needs about ${needs} MB`, {
    details: { k, memoryBytes },
    hint: 'Use a smaller batch or rank, a larger reference string, or a larger memory budget.',
  });
}
