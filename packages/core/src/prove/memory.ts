import { freemem } from 'node:os';
import { type Halo2, PotError } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { memoryBudgetOf } from '../plan/limits.js';
import { longestWindow, orUndefined, planCircuit } from '../plan/planCircuit.js';
import type { ProverTask } from './tasks.js';

const MB = 2 ** 20;
/** Share of the memory that is available when a pool starts; the rest is for the training loop and others. */
const SHARE = 0.75;
/** What an instance of the prover takes before it has done anything. */
const BASE = 24 * MB;
/** Of the window's circuit; only for estimates. */
const FIXED_COLUMNS = 35;

/** Bytes that a pool's running tasks may need together. `megabytes`: as asked for. Errors: `OPTION_INVALID`. */
export function memoryBudget(megabytes?: number): number {
  // Node before 20.13 does not have it.
  const available = process.availableMemory?.() ?? freemem();
  if (megabytes === undefined) return Math.floor(SHARE * available);
  if (Number.isFinite(megabytes) && megabytes > 0) return Math.floor(megabytes * MB);
  throw new PotError('OPTION_INVALID', `a memory budget of ${megabytes} MB makes no sense`, {
    hint: 'Give a positive number of megabytes.',
  });
}

/** Estimates of tasks' peak memory, from the planner; kept by circuit. */
export class MemoryEstimates {
  private readonly plans = new Map<string, { proof: number; rest: number }>();

  constructor(private readonly halo2: Halo2) {}

  /** Peak bytes of a task. A proof: the plan's estimate. Commitments, keys' digests, verification: their columns. */
  of(task: ProverTask): number {
    const json = JSON.stringify(task.spec);
    let plan = this.plans.get(json);
    if (!plan) {
      plan = this.estimate(task.spec);
      this.plans.set(json, plan);
    }
    return task.kind === 'window' || task.kind === 'genesis' ? plan.proof : plan.rest;
  }

  /** The longest window, in steps, of `spec`'s circuit that needs at most `bytes`; undefined where none does. */
  stepsThatFit({ shape: _, ...unplanned }: SgdSpec, bytes: number): number | undefined {
    return longestWindow(this.halo2, unplanned, { srs: 'development', limits: [memoryBudgetOf(bytes)] });
  }

  private estimate({ shape, ...unplanned }: SgdSpec): { proof: number; rest: number } {
    const { k, weightColumns, dataColumns, lanes, laneColumns, baseColumns = 0 } = shape;
    // Any number of rows: the task is planned already.
    const wish = { srs: 'development', k, weightColumns, ...(baseColumns > 0 && { baseColumns }) } as const;
    // A task may be of any shape: what is wrong with it, its proof says.
    const codes = ['CIRCUIT_TOO_LARGE', 'SPEC_INVALID'] as const;
    const info = orUndefined(() => planCircuit(this.halo2, unplanned, wish), codes)?.info;
    // Where this planner would not choose such a shape: about as many columns as it gives similar ones.
    const columns = weightColumns + dataColumns + baseColumns + 2 * lanes * laneColumns + 16;
    const proof = info?.memoryBytes ?? 2 ** k * 32 * 10 * (columns + FIXED_COLUMNS) + BASE;
    // SRS (128 bytes a row), and each column once as values and once in a transform.
    const rest = 2 ** k * (128 + 64 * (FIXED_COLUMNS + weightColumns + dataColumns + baseColumns)) + BASE;
    return { proof, rest: Math.min(rest, proof) };
  }
}

/** Errors: `TASK_TOO_LARGE` where a task can never run; says what would fit. */
export function requireFits(
  estimates: MemoryEstimates | undefined,
  task: Pick<ProverTask, 'kind' | 'spec'>,
  bytes: number,
  budget: number,
): void {
  if (bytes <= budget) return;
  const fits = task.kind === 'window' ? estimates?.stepsThatFit(task.spec, budget) : undefined;
  const [needs, has] = [Math.ceil(bytes / MB), Math.floor(budget / MB)];
  throw new PotError('TASK_TOO_LARGE', `the task needs about ${needs} MB, the pool's budget is ${has} MB`, {
    details: { memoryBytes: bytes, budgetBytes: budget, ...(fits !== undefined && { fits }) },
    hint:
      fits !== undefined
        ? `A window of ${fits} steps would fit; or give memoryBudgetMb: ${needs}.`
        : `Give memoryBudgetMb: ${needs} on a machine that has it, or use a smaller batch or model.`,
  });
}
