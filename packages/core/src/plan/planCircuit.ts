import { type Halo2, IGNITION, isPotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import {
  type PlanConstraints,
  type Planned,
  planSpec,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import { largestK, prefersCeremony, type SrsChoice } from '../run/chooseSrs.js';
import { type CircuitLimit, refusalOf } from './limits.js';

/** How a circuit is wanted, and what it may not exceed. */
export interface CircuitWish extends Omit<PlanConstraints, 'maxK'> {
  /** The SRS that it will be proven on: a given one's rows are kept to where the circuit fits them. */
  srs?: SrsChoice | undefined;
  limits?: readonly CircuitLimit[];
}

/**
 * Chooses rows and columns: the one planner of sessions, single steps, layer-local updates and pools. Where no SRS was
 * given, and nothing will be made of the proofs that needs a larger one, a circuit stays within the ceremony's rows if one
 * within them keeps the limits.
 *
 * Errors: those of `planSpec`; the refusal of the limit that the circuit exceeds, `CIRCUIT_TOO_LARGE`.
 */
export function planCircuit(halo2: Halo2, spec: UnplannedSpec, wish: CircuitWish = {}): Planned {
  const { srs, limits = [], ...constraints } = wish;
  const free = planSpec(halo2, spec, withRows(constraints, largestK({ srs })));
  if (free.spec.shape.k > IGNITION.k && prefersCeremony({ srs }, constraints.aggregated)) {
    const inside = orUndefined(() => planSpec(halo2, spec, withRows(constraints, IGNITION.k)));
    if (inside && inside.spec.shape.k <= IGNITION.k && !refusalOf(inside, limits)) return inside;
  }
  const refusal = refusalOf(free, limits);
  if (refusal) throw refusal;
  return free;
}

/** The longest window, in half as many steps or fewer, whose circuit is as wanted; undefined where none is. Errors: those of {@link planCircuit} but `CIRCUIT_TOO_LARGE`. */
export function longestWindow(halo2: Halo2, spec: UnplannedSpec, wish: CircuitWish): number | undefined {
  for (let steps = spec.steps >> 1; steps >= 1; steps >>= 1) {
    if (orUndefined(() => planCircuit(halo2, { ...spec, steps }, wish))) return steps;
  }
  return undefined;
}

/** Codes with which the planner and the limits say that nothing fits. */
const NOTHING_FITS: readonly PotErrorCode[] = ['CIRCUIT_TOO_LARGE'];

/**
 * What a plan gives; undefined where it was refused with one of `codes`. Anything else (a specification that is none, an
 * engine that broke) is an error of the one who asked.
 */
export function orUndefined<T>(plan: () => T, codes = NOTHING_FITS): T | undefined {
  try {
    return plan();
  } catch (e) {
    if (isPotError(e) && (codes as readonly string[]).includes(e.code)) return undefined;
    throw e;
  }
}

function withRows(constraints: PlanConstraints, maxK: number | undefined): PlanConstraints {
  return { ...constraints, ...(maxK !== undefined && { maxK }) };
}
