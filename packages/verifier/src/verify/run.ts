import { parseBundle, type Readable } from '../bundle/parse.js';
import type { ProofEntry, RunBundle } from '../bundle/schema.js';
import { sourceOf } from '../bundle/source.js';
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
import { checkReference, type ReferenceOptions } from './reference.js';
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

export interface VerifyRunOptions extends ReferenceOptions, LimitOptions {
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
  signal?: AbortSignal;
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
  const list = new Checklist();
  let bundle: RunBundle | undefined;
  const ok = await verify(list, checked, source, (b) => {
    bundle = b;
  });
  return reportOf(list, ok, bundle && runSubject(bundle), runPins(checked, bundle?.run), {
    ...(ok && { proven: bundleFacts(bundle!) }),
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

/** What a verifier of a run pinned and did not; a run without a base has none that could be pinned. */
export function runPins(
  options: { expected?: Expectations; expectedSrsHash?: string },
  run: Pick<Run, 'base'> | undefined,
  more: readonly string[] = [],
): { pinned: string[]; notPinned: string[] } {
  const names = [
    'expectedSrsHash',
    ...EXPECTATIONS.filter((n) => n !== 'base' || run?.base !== undefined),
    ...more,
  ];
  return pinsOf(names, [...Object.keys(options), ...Object.keys(options.expected ?? {})]);
}

/** A run's description for a report. */
export function runSubject({ run }: { run: Omit<Run, 'shards'> }): Subject {
  const { spec, eta, srs } = run;
  return { kind: 'run', spec, eta, srs, ...(spec.lora?.local && { conditional: [TAKEN_AS_GIVEN] }) };
}

async function verify(
  list: Checklist,
  options: VerifyRunOptions,
  source: Readable,
  keep: (bundle: RunBundle) => void,
): Promise<boolean> {
  let parsed: RunBundle | undefined;
  const readable = await list.run('format', async () => {
    parsed = parseBundle(await sourceOf(source), options.maxBytes);
    return `run bundle, version ${parsed.version}, ${parsed.windows.length} proofs`;
  });
  if (!readable) return false;
  const bundle = parsed!;
  const { run } = bundle;
  keep(bundle);

  if (!(await list.run('architecture', () => architecture(run, options)))) return false;

  if (!(await list.run('limits', () => checkLimits(run.spec, options)))) return false;
  const reference = await checkReference(list, run.srs, run.spec.shape.k, options);
  if (!reference) return false;
  const { halo2, srs } = reference;
  const pair = poseidonPair;

  if (!(await list.run('identity', () => checkIdentity(run, pair)))) return false;
  const distinct = () => checkDistinctShards(run.shards, options.allowRepeatedShards);
  if (!(await list.run('dataset', distinct))) return false;
  if (!(await list.run('expectations', () => checkExpectations(bundle, options.expected)))) return false;
  if (!(await list.run('chain', () => checkChain(bundle)))) return false;
  if (!(await list.run('genesis', () => checkGenesisStatement(bundle)))) return false;
  const others = await readOthers(list, bundle, options, pair);
  if (!others) return false;

  const prover = halo2.prover(srs.bytes);
  try {
    if (!(await list.run('keys', () => checkKeys(run, prover)))) return false;
    if (!(await list.run('first weights', () => checkStart(run, run.shards.length, prover, pair))))
      return false;
    if (!(await list.run('order', () => orderText(run, run.shards.length)))) return false;
    const holds = (name: string, entry: ProofEntry, spec = run.spec) =>
      list.run(`proof ${name}`, () => checkProof(run, spec, entry, prover));
    if (!(await holds('genesis', bundle.genesis, run.genesisSpec))) return false;
    for (const [n, entry] of bundle.windows.entries()) {
      options.signal?.throwIfAborted();
      if (!(await holds(`${n}`, entry))) return false;
      options.onProof?.(n + 1, bundle.windows.length);
      if (n % 8 === 7) await new Promise((resume) => setTimeout(resume, 0));
    }
    if (!(await checkForks(list, bundle, others, prover))) return false;
  } finally {
    prover.free();
  }
  return true;
}

function architecture(run: RunBundle['run'], { allowLayerLocal }: VerifyRunOptions): string {
  const detail = checkSpecs(run);
  requireAllowed(run.spec, allowLayerLocal);
  return detail;
}

function bundleFacts({ run, windows }: RunBundle): ProvenFacts {
  const schedule = scheduleOf(run, run.shards.length);
  const use = datasetUse(schedule, 0, windows.length, run.shards);
  const last = windows[windows.length - 1]!.public.weightsOut;
  return provenFacts(run, run.shards.length, windows.length, last, use);
}
