import { type EffectiveHyperparameters, effectiveHyperparameters } from '@proof-of-training/lora-circuit';
import { canonicalJson, etaToLearningRate, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { PotError } from 'halo2-wasm';
import type { RunBundle } from '../bundle/schema.js';
import type { Run } from '../run/identity.js';

/** What a verifier knows already: everything given here must be so. */
export interface Expectations {
  runId?: string;
  /** The root that was published before training. */
  datasetRoot?: string;
  /** Number of the first step: of an aggregate of a part, else 0. */
  firstStep?: number;
  /** Commitment to the first weights; of an aggregate of a part: to those that it begins with. */
  weightsBefore?: string;
  /** Commitment to the last weights: of the model that the verifier was given. */
  weightsAfter?: string;
  /** Real learning rate (the effective one). */
  learningRate?: number;
  steps?: number;
  /** The update rule and what of its hyperparameters is given, as they are really used (`proven.optimizer`). */
  optimizer?: Partial<EffectiveHyperparameters>;
  /** Architecture, loss, batch and number format; the whole specification or a part of it. */
  spec?: Partial<SgdSpec>;
  /** Digest of the windows' verifying key. */
  windowKey?: string;
  /** Digest of the frozen base that the adapters were trained over: of the model that the verifier has. */
  base?: string;
}

/** How far a run has come. */
export interface RunEnd {
  /** Steps taken. */
  steps: number;
  /** Commitment to the weights after them. */
  weightsAfter: string;
  /** Where they begin, if not with the run. */
  from?: { step: number; weights: string };
}

/** Errors: those of {@link checkExpected}. */
export function checkExpectations({ run, windows }: RunBundle, expected: Expectations = {}): string {
  const end = {
    steps: windows.length * run.spec.steps,
    weightsAfter: windows[windows.length - 1]!.public.weightsOut,
  };
  return checkExpected(run, end, expected);
}

/** Errors: `RUN_BASE` for a run on another base or none; `EXPECTED_MISMATCH`, with the name of the first thing that is different. */
export function checkExpected(
  run: Omit<Run, 'shards'>,
  { steps, weightsAfter, from }: RunEnd,
  expected: Expectations = {},
): string {
  const found: Required<Omit<Expectations, 'spec' | 'base' | 'optimizer'>> = {
    runId: run.runId,
    datasetRoot: run.datasetRoot,
    firstStep: from?.step ?? 0,
    weightsBefore: from?.weights ?? run.genesis,
    weightsAfter,
    learningRate: etaToLearningRate(run.spec, BigInt(run.eta)),
    steps,
    windowKey: run.keys.window,
  };
  let count = 0;
  for (const [name, value] of Object.entries(expected)) {
    if (value === undefined || name === 'spec') continue;
    count++;
    if (name === 'base') {
      checkBase(run.base, value as string);
      continue;
    }
    if (name === 'optimizer') {
      checkOptimizer(effectiveHyperparameters(run.spec, BigInt(run.eta)), expected.optimizer!);
      continue;
    }
    if (!(name in found)) throw new PotError('EXPECTED_UNKNOWN', `nothing called ${name} can be expected`);
    if (found[name as keyof typeof found] !== value) mismatch(name, value, found[name as keyof typeof found]);
  }
  for (const [name, value] of Object.entries(expected.spec ?? {})) {
    count++;
    const own = run.spec[name as keyof SgdSpec];
    if (canonicalJson(own) !== canonicalJson(value)) mismatch(`spec.${name}`, value, own);
  }
  return count === 0 ? 'nothing pinned by the verifier' : `${count} expectations of the verifier hold`;
}

function checkOptimizer(found: EffectiveHyperparameters, expected: Partial<EffectiveHyperparameters>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (value === undefined) continue;
    const own = found[name as keyof EffectiveHyperparameters];
    if (own !== value) mismatch(`optimizer.${name}`, value, own);
  }
}

function checkBase(found: string | undefined, expected: string): void {
  if (found === expected) return;
  throw new PotError(
    'RUN_BASE',
    found === undefined
      ? 'the run has no frozen base, the verifier expects one'
      : 'the run was made on another base than the verifier expects',
    {
      details: { expected, found },
      hint: 'The digest depends on the base, its fractional bits, its columns and rows and, if it is private, its salt.',
    },
  );
}

function mismatch(name: string, expected: unknown, found: unknown): never {
  throw new PotError('EXPECTED_MISMATCH', `${name} is not what the verifier expects`, {
    details: { name, expected, found },
  });
}
