import { type Aggregate, checkTranscript } from '@proof-of-training/aggregator';
import { type Halo2, PotError, type Srs } from '@proof-of-training/halo2-wasm';
import { type DeriveKey, untilAborted } from '../aggregate/derivedOnce.js';
import { type AggregateFile, parseAggregate } from '../aggregate/file.js';
import { aggregationPin, deriveHere } from '../aggregate/key.js';
import { aggregatedRun, formOfFile } from '../aggregate/run.js';
import { decodeProof, type Readable } from '../bundle/parse.js';
import { sourceOf } from '../bundle/source.js';
import { merkleRootOfLast } from '../dataset/merkle.js';
import type { HashPair } from '../hash/pair.js';
import { poseidonPair } from '../hash/poseidon.js';
import { runIdFrom } from '../run/identity.js';
import { scheduleOf } from '../run/seeds.js';
import { requireAllowed } from './adapters.js';
import { endOf, windowsOf } from './aggregateEnd.js';
import { contentsIn } from './aggregateRenewals.js';
import { checkSchedule } from './aggregateSchedule.js';
import { checkStatement } from './aggregateStatement.js';
import { datasetUse } from './datasetUse.js';
import { checkExpected, type Expectations } from './expectations.js';
import { provenFacts } from './facts.js';
import { checkLimits, type LimitOptions } from './limits.js';
import { Pace, type PaceOptions } from './pace.js';
import { checkReference, type ReferenceOptions } from './reference.js';
import { checkRenewal } from './renewals.js';
import { Checklist, type ProvenFacts, reportOf, type Subject, type VerificationReport } from './report.js';
import { runOptions, runPins, runSubject } from './run.js';
import { checkStart, orderText } from './start.js';
import { checkGenesisStatement, checkSpecs } from './structure.js';
import { checkKeys, checkProof } from './underKeys.js';

export interface VerifyAggregateOptions extends ReferenceOptions, LimitOptions, PaceOptions {
  /** What the verifier knows already and insists on. */
  expected?: Expectations;
  /**
   * The hash of aggregation key and window key, 0x hex ({@link aggregationPin}; `pot aggregate` prints it), that the verifier has
   * made before or has from somebody it trusts. Without it the key is derived from the public architecture, which takes seconds natively and
   * more in WebAssembly, memory in gigabytes, and an SRS with as many points as the aggregation circuit has rows.
   */
  aggregationKey?: string;
  /**
   * Accept an aggregate that begins after the run's first step. It proves nothing of the steps before, nor that they led to the weights that
   * it begins with: `proven.part` says so. Whoever accepts one compares `firstStep` and `weightsBefore` (`expected`) with what the
   * aggregate before it, or a chain, says.
   */
  allowPart?: boolean;
  /** What derives the aggregation key where none is given; default: {@link deriveHere}. (In Node's entry: `derivedKey`.) */
  deriveKey?: DeriveKey;
  /** Largest file in bytes. */
  maxBytes?: number;
}

/**
 * Verifies a run from its aggregate alone: no window proofs, no weights, no data. The first failure ends it.
 *
 * Never throws for a bad file: `ok` is false and `failure` says why. Throws where verification itself
 * cannot run (`WASM_LOAD`, `ENGINE_*`, `THREADS_UNAVAILABLE`), and for wrong options (as `verifyTrainingRun`).
 *
 * @example
 * const report = await verifyAggregate(await readFile('aggregate.json'), { srs, aggregationKey });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function verifyAggregate(
  source: Readable,
  options: VerifyAggregateOptions = {},
): Promise<VerificationReport> {
  const checked = runOptions('verifyAggregate', options);
  const list = new Checklist(checked.signal);
  let file: AggregateFile | undefined;
  const ok = await verify(list, checked, source, (f) => {
    file = f;
  });
  const proven = ok ? factsProvenBy(file!) : undefined;
  const part = proven?.part && [proven.part.statement];
  const subject: Subject | undefined = file && {
    ...runSubject(file),
    kind: 'aggregate',
    notCompared: ['whether one shard is listed many times'],
    ...(part && { conditional: part }),
  };
  const pins = runPins(checked, file?.run, ['aggregationKey']);
  return reportOf(list, ok, subject, pins, { ...(proven && { proven }) });
}

function factsProvenBy(file: AggregateFile): ProvenFacts {
  const { run, aggregate } = file;
  const { firstStep, endStep, weightsIn, weightsOut } = aggregate.public;
  const schedule = scheduleOf(run, run.shardCount);
  const [from, end] = [firstStep, endStep].map((step) => step / run.spec.steps) as [number, number];
  const use = datasetUse(schedule, from, end);
  const facts = {
    ...provenFacts(run, run.shardCount, windowsOf(file), weightsOut, use),
    ...(file.renewed && { renewals: file.renewed.renewals.length }),
  };
  if (firstStep === 0) return facts;
  const statement = `A PART: steps ${firstStep} to ${endStep - 1}, from weights ${weightsIn}. Nothing is proven of the steps before, nor that they led to these weights.`;
  return { ...facts, weightsBefore: weightsIn, part: { firstStep, endStep, statement } };
}

async function verify(
  list: Checklist,
  options: VerifyAggregateOptions,
  source: Readable,
  keep: (file: AggregateFile) => void,
): Promise<boolean> {
  const pace = new Pace(options);
  await pace.breathe();
  let parsed: AggregateFile | undefined;
  const readable = await list.run('format', async () => {
    parsed = parseAggregate(await sourceOf(source), options.maxBytes);
    return `aggregate, version ${parsed.version}`;
  });
  if (!readable) return false;
  const file = parsed!;
  const { run, aggregate } = file;
  keep(file);

  const fits = await list.run('architecture', () => {
    const detail = checkSpecs(run);
    requireAllowed(run.spec);
    checkTranscript(run);
    return detail;
  });
  if (!fits) return false;

  if (!(await list.run('limits', () => checkLimits(run.spec, options)))) return false;
  const derives = options.aggregationKey === undefined;
  const { k } = run.spec.shape;
  const points = derives ? Math.max(k, aggregate.key.k) : k;
  const reference = await checkReference(list, run.srs, k, options, { points, all: derives });
  if (!reference) return false;
  const pair = poseidonPair;
  const schedule = scheduleOf(run, run.shardCount);

  if (!(await list.run('identity', () => checkIdentity(file, pair)))) return false;
  if (!(await list.run('dataset', () => checkShardCount(file, pair)))) return false;
  const contents = await contentsIn(list, file, schedule, pace);
  if (contents === 'refused') return false;
  const own = aggregatedRun(run, run.shardCount, pair, schedule, contents);
  if (!(await list.run('statement', () => checkStatement(file, own, options)))) return false;
  if (!(await list.run('expectations', () => checkExpected(run, endOf(file), options.expected))))
    return false;
  if (!(await list.run('genesis', () => checkGenesisStatement(file)))) return false;

  if (!(await checkProofs(list, file, reference, options, pace))) return false;
  await pace.breathe();
  return list.run('schedule', () => checkSchedule(file, own, schedule, pace));
}

/** What takes a second or more a check, in which nothing else is heard: whoever aborts is heard in between. */
async function checkProofs(
  list: Checklist,
  file: AggregateFile,
  { halo2, srs }: { halo2: Halo2; srs: Srs },
  options: VerifyAggregateOptions,
  pace: Pace,
): Promise<boolean> {
  const { run } = file;
  const heavy = async (name: string, check: () => string | Promise<string>) => {
    await pace.breathe();
    return list.run(name, check);
  };
  const prover = halo2.prover(srs.bytes);
  try {
    if (!(await heavy('keys', () => checkKeys(run, prover)))) return false;
    if (!(await heavy('first weights', () => checkStart(run, run.shardCount, prover, poseidonPair))))
      return false;
    if (!(await list.run('order', () => orderText(run, run.shardCount)))) return false;
    if (!(await heavy('aggregation key', () => checkAggregationKey(file, srs, options)))) return false;
    const genesis = () => checkProof(run, run.genesisSpec, file.genesis, prover);
    if (!(await heavy('proof genesis', genesis))) return false;
    for (const [n, { window: _, ...entry }] of (file.renewed?.renewals ?? []).entries()) {
      if (!(await heavy(`renewal ${n}`, () => checkRenewal(run, entry, prover)))) return false;
    }
  } finally {
    prover.free();
  }
  return heavy('proof aggregate', () => checkAggregateProof(file, halo2, srs));
}

/** Errors: `RUN_ID`. */
function checkIdentity({ run }: AggregateFile, pair: HashPair): string {
  if (runIdFrom(run, run.shardCount, pair) !== run.runId) {
    throw new PotError(
      'RUN_ID',
      'the run id does not belong to these settings, this dataset and this beginning',
    );
  }
  return 'run id binds dataset, first weights, architecture, learning rate and keys';
}

/**
 * The dataset has as many shards as the run says: not more, of which a schedule over fewer would leave some out. Errors: `DATASET_ROOT`.
 *
 * @example
 * import { poseidonPair } from '@proof-of-training/verifier/run';
 *
 * checkShardCount(parseAggregate(await readFile('aggregate.json')), poseidonPair);
 */
export function checkShardCount(
  { run, lastShard }: Pick<AggregateFile, 'run' | 'lastShard'>,
  pair: HashPair,
): string {
  const { digest, siblings } = lastShard;
  if (merkleRootOfLast(digest, run.shardCount - 1, siblings, pair) !== run.datasetRoot) {
    throw new PotError('DATASET_ROOT', `the dataset root is not that of ${run.shardCount} shards`);
  }
  return `the dataset has ${run.shardCount} shards`;
}

/** Errors: `AGGREGATE_KEY`; those of the derivation. */
async function checkAggregationKey(
  file: AggregateFile,
  srs: Srs,
  { aggregationKey, deriveKey = deriveHere, engine, signal, threads }: VerifyAggregateOptions,
): Promise<string> {
  const {
    run,
    aggregate: { key },
  } = file;
  // The windows' key has been compared with the specification's.
  const pin = aggregationPin(key.digest, run.keys.window);
  const { spec, keys } = run;
  const derive = () =>
    untilAborted(
      deriveKey(spec, srs, key.windowsPerProof, engine, signal, threads, formOfFile(file)),
      signal,
    );
  const own = aggregationKey ?? aggregationPin(await derive(), keys.window);
  if (own !== pin) {
    throw new PotError(
      'AGGREGATE_KEY',
      aggregationKey === undefined
        ? "the aggregation key is not that of the public architecture's circuit"
        : 'aggregation key and window key are not the pinned ones',
      { details: { own, aggregate: pin } },
    );
  }
  return aggregationKey === undefined
    ? 'aggregation key derived from the public architecture'
    : 'aggregation key and window key are the pinned ones';
}

/** The key's bytes have the digest that was checked, and the proof holds under them. Errors: `AGGREGATE_KEY`, `VERIFY_FAILED`, ... */
function checkAggregateProof({ run, aggregate }: AggregateFile, halo2: Halo2, srs: Srs): string {
  const verifier = halo2.aggregateVerifier(decodeProof(aggregate.key.bytes), srs.bytes);
  try {
    if (verifier.digest() !== aggregate.key.digest) {
      throw new PotError(
        'AGGREGATE_KEY',
        'the aggregation key in the file has not the digest that is said to be its own',
      );
    }
    const { public: statement, accumulator, proof } = aggregate;
    decodeProof(proof);
    const inner: Aggregate = { public: statement, accumulator, proof };
    verifier.verify(JSON.stringify(run.spec), JSON.stringify(inner));
  } finally {
    verifier.free();
  }
  return 'holds: every window proof that went into it does';
}
