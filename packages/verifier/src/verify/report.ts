import { type Ceremony, isPotError, type PotErrorJson } from '@proof-of-training/halo2-wasm';
import type { EffectiveHyperparameters, RateSchedule, SgdSpec } from '@proof-of-training/sgd-circuit';
import type { Beacon } from '../run/beacon.js';
import type { ProvenAdapters } from './adapters.js';
import { type Description, describe } from './describe.js';

/** One thing that the verifier checked. */
export interface Check {
  /** Stable name, e.g. `schedule` or `proof 12`. */
  name: string;
  ok: boolean;
  /** In plain words: what holds, or what is wrong. */
  detail: string;
  /** Stable failure code, where `ok` is false. */
  code?: string;
}

/** What a verifier found. Only `ok: true` means anything; there is no partial acceptance. */
export interface VerificationReport {
  ok: boolean;
  checks: Check[];
  /** The first failure, for programs. */
  failure?: PotErrorJson;
  /** What was verified; absent where the file could not be read. */
  kind?: VerifiedKind;
  /** What the circuits compute: mode, tolerance, number format, architecture. */
  description?: Description;
  /** The SRS that the proofs name and the verifier has compared with its own. */
  referenceString?: ReferenceFacts;
  /** What the verifier insisted on, by name. */
  pinned: string[];
  /** What it could have insisted on and did not: anybody may have chosen it. */
  notPinned: string[];
  /** Conditions under which alone the file says anything, each in words; absent where there are none. */
  conditional?: string[];
  /** Of a model: what was not compared, each in words. */
  notCompared?: string[];
  /** The proofs were made with the insecure development SRS: they convince nobody. */
  developmentSrs: boolean;
  /** The ceremony of the verifier's own SRS, by its [tau]_2; absent for the development SRS and those of unknown origin. */
  ceremony?: Ceremony;
  /** Of a single proof with adapters, only where `ok`: which, over which base, and what exactly is proven. */
  lora?: ProvenAdapters;
  /** Facts that the proofs establish; only where `ok`. */
  proven?: ProvenFacts;
}

/**
 * `window`, `genesis`: a single proof. `weights`: a model behind a commitment. `adapters`: an adapter file and its run. `inference`:
 * outputs of a model.
 */
export type VerifiedKind = 'run' | 'aggregate' | 'window' | 'genesis' | 'weights' | 'adapters' | 'inference';

/** An SRS as proofs name it. */
export interface ReferenceFacts {
  hash: string;
  /** log2 of its points. */
  k: number;
  /** The insecure one. */
  development: boolean;
}

/** What a verified run establishes. */
export interface ProvenFacts {
  runId: string;
  steps: number;
  windows: number;
  epochs: number;
  samplesPerStep: number;
  /**
   * Samples that training used, each counted once: those of the distinct shards that these windows used. Distinct as
   * far as commitments can say: two of them may hold the same rows.
   */
  samples: number;
  /** Shards of the committed dataset; `epochs` is in passes over these. */
  shards: number;
  /** Places of the shards that no window used. */
  unusedShards: number[];
  /** Of every step, or what `schedule` multiplies. */
  learningRate: number;
  /** How the rate went, by the run's public settings; absent: it stayed. All steps of a window have the rate of its first one. */
  schedule?: RateSchedule;
  /** The update rule and the hyperparameters that were really used; plain SGD in a run without adapters. */
  optimizer: EffectiveHyperparameters;
  /** Numbers that were trained: all weights and biases, or those of the adapters. */
  parameters: number;
  datasetRoot: string;
  /** Where the first weights come from: the public seed, from which the verifier made them again, or the one who trained. */
  start: 'seed' | 'given';
  /**
   * Digest of everything but the dataset that was fixed before the beacon: what was published with the dataset root, or should
   * have been (`expected.settings`).
   */
  settings: string;
  /** What nobody knew when dataset root and settings were published, by the run's own word: compare it (`expected.beacon`). */
  beacon?: Beacon;
  /** In words: whether the order of the data could have been chosen. */
  order: string;
  /** Commitment to the weights before the first of these steps and after the last, with the optimiser's state where it has one. */
  weightsBefore: string;
  weightsAfter: string;
  /** There where adapters were trained: which, over which base, and what exactly is proven. */
  lora?: ProvenAdapters;
  /** Commitments to shards or the base that were made anew, each proven to be to the same content; absent where there are none. */
  renewals?: number;
  /** There where only a later part of a run was aggregated: everything above is of that part alone. */
  part?: ProvenPart;
}

/** A part of a run that begins after its first step. Proven only on a condition: that `weightsBefore` are the run's own there. */
export interface ProvenPart {
  /** Number of its first step. Nothing is proven of the steps before it, nor that they led to `weightsBefore`. */
  firstStep: number;
  /** The step after its last. */
  endStep: number;
  /** The same in words. */
  statement: string;
}

/** What a report is about, there where the file could be read. */
export interface Subject {
  kind: VerifiedKind;
  /** Absent where no circuit of training is described. */
  spec?: SgdSpec;
  /** Integer learning rate, decimal; absent: none is known. */
  eta?: string;
  srs: ReferenceFacts;
  conditional?: string[];
  notCompared?: string[];
}

/**
 * The report of a list of checks about `subject`, with what was pinned and what was not.
 *
 * @example
 * const list = new Checklist();
 * const ok = await list.run('limits', () => checkLimits(spec));
 * const report = reportOf(list, ok, { kind: 'run', spec, srs }, pinsOf([], []));
 */
export function reportOf(
  list: Checklist,
  ok: boolean,
  subject: Subject | undefined,
  pins: { pinned: string[]; notPinned: string[] },
  more: Pick<VerificationReport, 'lora' | 'proven'> = {},
): VerificationReport {
  return {
    ok,
    checks: list.checks,
    ...(list.failure && { failure: list.failure }),
    developmentSrs: subject?.srs.development ?? false,
    ...(list.ceremony && { ceremony: list.ceremony }),
    ...(subject && subjectFacts(subject)),
    ...pins,
    ...more,
  };
}

function subjectFacts({ kind, spec, eta, srs, conditional = [], notCompared = [] }: Subject) {
  return {
    kind,
    ...(spec && { description: describe(spec, eta) }),
    referenceString: { hash: srs.hash, k: srs.k, development: srs.development },
    ...(conditional.length > 0 && { conditional }),
    ...(notCompared.length > 0 && { notCompared }),
  };
}

/**
 * Splits names that can be pinned into those that were and those that were not.
 *
 * @example
 * pinsOf(['runId', 'steps'], ['steps']); // { pinned: ['steps'], notPinned: ['runId'] }
 */
export function pinsOf(
  pinnable: readonly string[],
  given: readonly string[],
): { pinned: string[]; notPinned: string[] } {
  return {
    pinned: pinnable.filter((name) => given.includes(name)),
    notPinned: pinnable.filter((name) => !given.includes(name)),
  };
}

/** Verification itself cannot run: no answer about what was to be verified. */
const CANNOT_RUN: readonly string[] = [
  'WASM_LOAD',
  'WASM_POISONED',
  'ENGINE_UNKNOWN',
  'ENGINE_UNAVAILABLE',
  'THREADS_UNAVAILABLE',
];

/**
 * Collects checks; stops at the first failure.
 *
 * @example
 * const list = new Checklist();
 * const ok = await list.run('size', () => {
 *   checkSize(spec);
 *   return 'a size whose key can be derived';
 * });
 * console.log(ok, list.checks, list.failure?.code);
 */
export class Checklist {
  readonly checks: Check[] = [];
  failure: PotErrorJson | undefined;
  /** Of the SRS that the proofs were checked with. */
  ceremony: Ceremony | undefined;

  /** `signal`: of the verification, whose reason is no failure of what is verified. */
  constructor(private readonly signal?: AbortSignal) {}

  /** Runs a check; its value is the detail. Gives false where it failed. */
  async run(name: string, check: () => string | Promise<string>): Promise<boolean> {
    try {
      this.checks.push({ name, ok: true, detail: await check() });
      return true;
    } catch (e) {
      // Nobody waits for an answer any longer, and what ended the check may be the abort.
      if (this.signal?.aborted) throw this.signal.reason;
      if (!isPotError(e) || CANNOT_RUN.includes(e.code)) throw e;
      this.checks.push({ name, ok: false, detail: e.shortMessage, code: e.code });
      this.failure ??= e.toJSON();
      return false;
    }
  }
}
