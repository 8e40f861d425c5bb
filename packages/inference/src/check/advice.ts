import { isPotError } from '@proof-of-training/halo2-wasm';
import { type ProfileName, profiles, quantiseWeights } from '@proof-of-training/sgd-circuit';
import { type Committed, specOf, tensorsOf } from '../model/spec.js';
import type { Accuracy } from './accuracy.js';
import { type ModelBounds, modelBounds } from './bounds.js';
import type { CircuitPlan } from './circuit.js';

/** What was found, as far as it was. */
export interface Found {
  options: Committed;
  plan: CircuitPlan | undefined;
  bounds: ModelBounds | undefined;
  accuracy: Accuracy | undefined;
}

/** What to change, or to look at, in words for people. */
export function adviceOf({ options, plan, bounds, accuracy }: Found): string[] {
  const { inputRange, profile = 'default' } = options;
  const advice: string[] = [];
  if (plan && !plan.ceremony) {
    advice.push(
      `Circuits of 2^${plan.k} rows need an SRS of your own (pot srs import); fewer samples a proof need fewer rows.`,
    );
  }
  if (!inputRange)
    advice.push('Declare the range of inputs: the bounds are over all that the number format holds.');
  if (bounds && !bounds.fits) {
    const fitting = fittingProfiles(options);
    if (fitting.length > 0)
      advice.push(`All values of the range fit with the profile ${fitting.join(' or ')}.`);
  }
  if (bounds?.fits && !bounds.fitsAnyInput) {
    advice.push('Inputs beyond the declared range may be refused when they are proven (VALUE_RANGE).');
  }
  if (accuracy?.changed?.rows && profile !== 'precise') {
    advice.push('Decisions change: the profile precise rounds less.');
  }
  return advice;
}

/** Other number formats whose room is enough. */
function fittingProfiles(options: Committed): ProfileName[] {
  const own = options.profile ?? 'default';
  const others = (Object.keys(profiles) as ProfileName[]).filter((name) => name !== own);
  return others.filter((profile) => {
    try {
      const spec = specOf({ ...options, profile });
      return modelBounds(spec, quantiseWeights(spec, tensorsOf(options)), options).fits;
    } catch (e) {
      if (isPotError(e)) return false;
      throw e;
    }
  });
}
