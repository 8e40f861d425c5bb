import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import {
  canonicalJson,
  type EffectiveHyperparameters,
  effectiveHyperparameters,
  etaToLearningRate,
  type RateSchedule,
  type SgdSpec,
  scheduleSchema,
  specSchema,
} from '@proof-of-training/sgd-circuit';
import type { RunBundle } from '../bundle/schema.js';
import { beaconValue } from '../run/beacon.js';
import type { Run } from '../run/schema.js';
import { settingsDigest, settingsOf } from '../run/seeds.js';
import { namedExpectations, refuseUnknownNames } from './options.js';

/** What a verifier knows already: everything given here must be so. */
export interface Expectations {
  runId?: string;
  /** The root that was published before training. */
  datasetRoot?: string;
  /** Digest of the settings that was published before training, with the root (`proven.settings`). */
  settings?: string;
  /** The beacon's value, or its block's hash, that the verifier knows to be later than the publication of both. */
  beacon?: string;
  /** Where the first weights must come from: `'seed'`, where nobody may have chosen them. */
  start?: Run['start']['kind'];
  /** Number of the first step: of an aggregate of a part, else 0. */
  firstStep?: number;
  /** Commitment to the first weights; of an aggregate of a part: to those that it begins with. */
  weightsBefore?: string;
  /** Commitment to the last weights: of the model that the verifier was given. */
  weightsAfter?: string;
  /** Real learning rate (the effective one); of a run whose rate changes, what `schedule` multiplies, which is then expected, too. */
  learningRate?: number;
  steps?: number;
  /** How the rate goes, as the run's settings have it (`proven.schedule`). */
  schedule?: RateSchedule;
  /** The update rule and what of its hyperparameters is given, as they are really used (`proven.optimizer`). */
  optimizer?: Partial<EffectiveHyperparameters>;
  /** Architecture, loss, batch and number format; the whole specification or a part of it. */
  spec?: Partial<SgdSpec>;
  /** Digest of the windows' verifying key. */
  windowKey?: string;
  /** Digest of the frozen base that the adapters were trained over: of the model that the verifier has. */
  base?: string;
}

const HEX = [
  'runId',
  'datasetRoot',
  'settings',
  'beacon',
  'weightsBefore',
  'weightsAfter',
  'windowKey',
  'base',
];
const COUNTS = ['firstStep', 'steps'];
const OBJECTS = ['optimizer', 'schedule', 'spec'];
/** All names of {@link Expectations}. */
export const EXPECTATIONS: readonly string[] = [...HEX, ...COUNTS, 'start', 'learningRate', ...OBJECTS];

/**
 * What a verifier expects, checked and with digests in their canonical form. A name that is there has a value: `undefined` would
 * pin nothing.
 *
 * Errors: `EXPECTED_UNKNOWN` (with the nearest name), `PIN_INVALID`, `OPTION_INVALID`.
 *
 * @example
 * const { weightsAfter } = readExpectations({ weightsAfter: '0x' + 'ab'.repeat(32) });
 * readExpectations({ step: 128 }); // throws EXPECTED_UNKNOWN: did you mean steps?
 */
export function readExpectations(given: unknown): Expectations {
  return Object.fromEntries(
    namedExpectations(given, EXPECTATIONS).map(([name, value]) => [name, expectation(name, value)]),
  ) as Expectations;
}

function expectation(name: string, value: unknown): unknown {
  const where = `expected.${name}`;
  if (HEX.includes(name)) return parsePin(where, value);
  if (COUNTS.includes(name)) {
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      invalid(where, 'must be a whole number, 0 or more');
    return value;
  }
  if (name === 'start') {
    if (value !== 'seed' && value !== 'given') invalid(where, "must be 'seed' or 'given'");
    return value;
  }
  if (name === 'learningRate') {
    if (typeof value !== 'number' || !(value > 0 && value < Number.POSITIVE_INFINITY)) {
      invalid(where, 'must be a positive number');
    }
    return value;
  }
  if (!isObject(value) || Object.keys(value).length === 0)
    invalid(where, 'must be an object with something in it');
  const empty = Object.entries(value).find(([, v]) => v === undefined || v === null);
  if (empty) invalid(`${where}.${empty[0]}`, 'has no value');
  if (name === 'schedule') {
    if (!scheduleSchema.safeParse(value).success) invalid(where, 'must be a schedule as a run has it');
    return value;
  }
  const known = name === 'spec' ? Object.keys(specSchema.shape) : OPTIMIZER;
  refuseUnknownNames(where, Object.keys(value), known, 'EXPECTED_UNKNOWN');
  return value;
}

/** Names of {@link EffectiveHyperparameters}. */
const OPTIMIZER: readonly string[] = [
  'type',
  'learningRate',
  'momentum',
  'beta1',
  'beta2',
  'epsilon',
  'weightDecay',
] satisfies (keyof EffectiveHyperparameters)[];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, what: string): never {
  throw new PotError('OPTION_INVALID', `${where} ${what}`, {
    details: { option: where },
    hint: 'Leave it out where nothing is expected.',
  });
}

/** How far a run has come, over how many listed shards. */
export interface RunEnd {
  shardCount: number;
  /** Steps taken. */
  steps: number;
  /** Commitment to the weights after them. */
  weightsAfter: string;
  /** Where they begin, if not with the run. */
  from?: { step: number; weights: string };
}

/**
 * Errors: those of {@link checkExpected}.
 *
 * @example
 * const expected = readExpectations({ steps: 128, learningRate: 0.1 });
 * checkExpectations(parseBundle(await readFile('run.json')), expected);
 */
export function checkExpectations({ run, windows }: RunBundle, expected: Expectations = {}): string {
  const end = {
    shardCount: run.shards.length,
    steps: windows.length * run.spec.steps,
    weightsAfter: windows[windows.length - 1]!.public.weightsOut,
  };
  return checkExpected(run, end, expected);
}

/** Errors: `RUN_BASE` for a run on another base or none; `EXPECTED_MISMATCH`, with the name of the first thing that is different. */
export function checkExpected(
  run: Omit<Run, 'shards'>,
  { shardCount, steps, weightsAfter, from }: RunEnd,
  expected: Expectations = {},
): string {
  const found: Required<Omit<Expectations, 'spec' | 'base' | 'optimizer' | 'schedule'>> = {
    runId: run.runId,
    datasetRoot: run.datasetRoot,
    settings: settingsDigest(settingsOf(run, shardCount)),
    beacon: run.beacon ? beaconValue(run.beacon) : 'none',
    start: run.start.kind,
    firstStep: from?.step ?? 0,
    weightsBefore: from?.weights ?? run.genesis,
    weightsAfter,
    learningRate: etaToLearningRate(run.spec, BigInt(run.eta)),
    steps,
    windowKey: parsePin('key', run.keys.window),
  };
  let count = 0;
  // A rate is that of all steps, where nothing else is expected.
  const rated = expected.learningRate !== undefined || expected.optimizer?.learningRate !== undefined;
  if (rated && expected.schedule === undefined && run.schedule) mismatch('schedule', 'none', run.schedule);
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'spec') continue;
    count++;
    if (name === 'base') {
      checkBase(run.base, value as string);
      continue;
    }
    if (name === 'schedule') {
      if (canonicalJson(run.schedule ?? null) !== canonicalJson(value)) mismatch(name, value, run.schedule);
      continue;
    }
    if (name === 'optimizer') {
      checkOptimizer(effectiveHyperparameters(run.spec, BigInt(run.eta)), expected.optimizer!);
      continue;
    }
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
      hint: 'The digest depends on the base, its activations (softmax in the last layer under cross-entropy), its fractional bits, columns and rows and, if it is private, its salt.',
    },
  );
}

function mismatch(name: string, expected: unknown, found: unknown): never {
  throw new PotError('EXPECTED_MISMATCH', `${name} is not what the verifier expects`, {
    details: { name, expected, found },
  });
}
