import type { Prover } from '@proof-of-training/halo2-wasm';
import { parseBundle, type Readable } from '../bundle/parse.js';
import type { ProofEntry, RunBundle } from '../bundle/schema.js';
import { sourceOf } from '../bundle/source.js';
import { merkleHashes, merkleRootInParts } from '../dataset/merkle.js';
import type { Schedule } from '../dataset/schedule.js';
import { poseidonPair } from '../hash/poseidon.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';
import { requireAllowed, TAKEN_AS_GIVEN } from './adapters.js';
import { checkDistinctShards, datasetUse } from './datasetUse.js';
import { checkExpectations, EXPECTATIONS, type Expectations, readExpectations } from './expectations.js';
import { provenFacts } from './facts.js';
import { checkForks, readOthers } from './forks.js';
import { checkLimits, type LimitOptions } from './limits.js';
import { verifierOptions } from './options.js';
import { Pace, type PaceOptions } from './pace.js';
import { checkReference, type ReferenceOptions } from './reference.js';
import { checkRenewal, renewalsText } from './renewals.js';
import {
  Checklist,
  type ProvenFacts,
  pinsOf,
  reportOf,
  type Subject,
  type VerificationReport,
} from './report.js';
import { checkStart, orderText } from './start.js';
import { checkChain, checkGenesisStatement, checkIdentity, checkSpecs } from './structure.js';
import { checkKeys, checkProof } from './underKeys.js';

export interface VerifyRunOptions extends ReferenceOptions, LimitOptions, PaceOptions {
  /** What the verifier knows already and insists on. */
  expected?: Expectations;
  /** Accept layer-local proofs of adapters, which take a layer's input and upstream gradient as given. */
  allowLayerLocal?: boolean;
  /** Accept a list of shards with one commitment more than once; its samples are counted once. */
  allowRepeatedShards?: boolean;
  /**
   * Other bundles of the same run: each must be the beginning of this one, or this one of it. Otherwise two trainers have gone on with one
   * run, and it is refused (`RUN_FORKED`); bundles of other runs are, too (`RUN_NOT_COMPARABLE`).
   */
  against?: Readable | readonly Readable[];
  /** Largest file in bytes. */
  maxBytes?: number;
  /** Called after each proof. */
  onProof?: (done: number, total: number) => void;
}

/**
 * Verifies a whole run from its bundle alone: no weights, no data. Every check of docs/protocol/protocol.md is in the
 * report; the first failure ends it. The verifying keys are derived here from the public architecture.
 *
 * Never throws for a bad bundle, whatever it is given: `ok` is false and `failure` says why. Throws where verification itself
 * cannot run (`WASM_LOAD`, `ENGINE_*`, `THREADS_UNAVAILABLE`), and for options that are wrong, since they are the caller's
 * own (`OPTION_UNKNOWN`, `OPTION_INVALID`, `PIN_INVALID`, `EXPECTED_UNKNOWN`).
 *
 * @param source text, bytes, or value of the bundle; a `Response` or `Blob`, which is then read
 *
 * @example
 * const report = await verifyTrainingRun(await readFile('run.json'), { allowDevelopmentSrs: true });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function verifyTrainingRun(
  source: Readable,
  options: VerifyRunOptions = {},
): Promise<VerificationReport> {
  const checked = runOptions('verifyTrainingRun', options);
  const list = new Checklist(checked.signal);
  let found: Found | undefined;
  const ok = await verify(list, checked, source, (bundle) => {
    found = { bundle, schedule: scheduleOf(bundle.run, bundle.run.shards.length) };
    return found;
  });
  const bundle = found?.bundle;
  return reportOf(list, ok, bundle && runSubject(bundle), runPins(checked, bundle?.run), {
    ...(ok && { proven: bundleFacts(found!) }),
  });
}

/** Options of a run's verification, checked. Errors: those of `verifierOptions` and `readExpectations`. */
export function runOptions<T extends VerifyRunOptions>(
  name: 'verifyTrainingRun' | 'verifyAdapters' | 'verifyAggregate',
  options: T,
): T & { expected: Expectations } {
  const checked = verifierOptions(name, options);
  return { ...checked, expected: readExpectations(checked.expected) };
}

/** What a verifier of a run pinned and did not; of base and schedule those that the run has. */
export function runPins(
  options: { expected?: Expectations; expectedSrsHash?: string },
  run: Pick<Run, 'base' | 'schedule'> | undefined,
  more: readonly string[] = [],
): { pinned: string[]; notPinned: string[] } {
  const names = [
    'expectedSrsHash',
    ...EXPECTATIONS.filter((n) => (n !== 'base' && n !== 'schedule') || run?.[n] !== undefined),
    ...more,
  ];
  return pinsOf(names, [...Object.keys(options), ...Object.keys(options.expected ?? {})]);
}

/** A run's description for a report. */
export function runSubject({ run }: { run: Omit<Run, 'shards'> }): Subject {
  const { spec, eta, srs } = run;
  return { kind: 'run', spec, eta, srs, ...(spec.lora?.local && { conditional: [TAKEN_AS_GIVEN] }) };
}

/** A bundle that could be read, and the order that it dictates. */
interface Found {
  bundle: RunBundle;
  schedule: Schedule;
}

async function verify(
  list: Checklist,
  options: VerifyRunOptions,
  source: Readable,
  keep: (bundle: RunBundle) => Found,
): Promise<boolean> {
  const pace = new Pace(options);
  await pace.breathe();
  let parsed: RunBundle | undefined;
  const readable = await list.run('format', async () => {
    parsed = parseBundle(await sourceOf(source), options.maxBytes);
    return `run bundle, version ${parsed.version}, ${parsed.windows.length} proofs`;
  });
  if (!readable) return false;
  const { bundle, schedule } = keep(parsed!);
  const { run } = bundle;

  if (!(await list.run('architecture', () => architecture(run, options)))) return false;
  if (!(await list.run('limits', () => checkLimits(run.spec, options)))) return false;
  const reference = await checkReference(list, run.srs, run.spec.shape.k, options);
  if (!reference) return false;
  const { halo2, srs } = reference;

  const others = await checkStatements(list, { bundle, schedule }, options, pace);
  if (!others) return false;
  const prover = halo2.prover(srs.bytes);
  try {
    if (!(await checkProofs(list, bundle, prover, options, pace))) return false;
    return await checkForks(list, bundle, others, prover);
  } finally {
    prover.free();
  }
}

/** What is checked without proofs; gives the bundles that the run is compared with. */
async function checkStatements(
  list: Checklist,
  { bundle, schedule }: Found,
  options: VerifyRunOptions,
  pace: Pace,
): Promise<RunBundle[] | undefined> {
  const { run } = bundle;
  const { shards } = run;
  const pair = poseidonPair;
  // A million shards take minutes.
  const root = await pace.finish('identity', merkleRootInParts(shards, pair), merkleHashes(shards.length));
  if (!(await list.run('identity', () => checkIdentity(run, pair, root)))) return undefined;
  const distinct = () => checkDistinctShards(shards, options.allowRepeatedShards);
  if (!(await list.run('dataset', distinct))) return undefined;
  if (!(await list.run('expectations', () => checkExpectations(bundle, options.expected)))) return undefined;
  await pace.finish('chain', schedule.orderInParts(0), shards.length - 1);
  if (!(await list.run('chain', () => checkChain(bundle, schedule)))) return undefined;
  if (bundle.renewals && !(await list.run('renewals', () => renewalsText(bundle)))) return undefined;
  if (!(await list.run('genesis', () => checkGenesisStatement(bundle)))) return undefined;
  return readOthers(list, bundle, options, pair, pace);
}

async function checkProofs(
  list: Checklist,
  { run, genesis, windows, renewals = [] }: RunBundle,
  prover: Prover,
  options: VerifyRunOptions,
  pace: Pace,
): Promise<boolean> {
  const count = run.shards.length;
  if (!(await list.run('keys', () => checkKeys(run, prover)))) return false;
  if (!(await list.run('first weights', () => checkStart(run, count, prover, poseidonPair)))) return false;
  if (!(await list.run('order', () => orderText(run, count)))) return false;
  const holds = (name: string, entry: ProofEntry, spec = run.spec) =>
    list.run(`proof ${name}`, () => checkProof(run, spec, entry, prover));
  if (!(await holds('genesis', genesis, run.genesisSpec))) return false;
  for (const [n, entry] of renewals.entries()) {
    await pace.breathe();
    if (!(await list.run(`renewal ${n}`, () => checkRenewal(run, entry, prover)))) return false;
  }
  for (const [n, entry] of windows.entries()) {
    await pace.breathe();
    if (!(await holds(`${n}`, entry))) return false;
    options.onProof?.(n + 1, windows.length);
  }
  return true;
}

function architecture(run: RunBundle['run'], { allowLayerLocal }: VerifyRunOptions): string {
  const detail = checkSpecs(run);
  requireAllowed(run.spec, allowLayerLocal);
  return detail;
}

function bundleFacts({ bundle: { run, windows, renewals }, schedule }: Found): ProvenFacts {
  const use = datasetUse(schedule, 0, windows.length, run.shards);
  const last = windows[windows.length - 1]!.public.weightsOut;
  const facts = provenFacts(run, run.shards.length, windows.length, last, use);
  return { ...facts, ...(renewals && { renewals: renewals.length }) };
}
