import { type GraphInfo, type GraphProver, PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { LIMITS } from '@proof-of-training/sgd-circuit';
import { type InferenceProof, parseInference } from '../bundle/inference.js';
import { decodeProof, type Readable } from '../bundle/parse.js';
import { sourceOf } from '../bundle/source.js';
import { checkContents, type InferenceContents } from './inferenceContents.js';
import { type ProvenInference, provenInference } from './inferenceFacts.js';
import { expectInference, type InferenceExpectations, readInferenceExpectations } from './inferencePins.js';
import { expectPredicates } from './inferencePredicates.js';
import { checkInferenceRange } from './inferenceRange.js';
import {
  type ClaimedRun,
  checkRunGraph,
  type OfRun,
  readRun,
  referenceOf,
  verifyRun,
} from './inferenceRun.js';
import { type InferenceSettings, readSettings } from './inferenceSettings.js';
import { type LimitOptions, requirePrecision } from './limits.js';
import { verifierOptions } from './options.js';
import { checkReference, type Reference } from './reference.js';
import { Checklist, pinsOf, reportOf, type Subject, type VerificationReport } from './report.js';
import type { Reveal } from './reveal.js';

/**
 * `run`: the run that the model comes from, its bundle or aggregate, which is verified here too, with the same SRS. The proof must be about
 * the weights that it ended with. Without it the proof holds on a condition (the report's `conditional`).
 */
export interface VerifyInferenceOptions extends OfRun {
  /** log2 of the rows that the circuit may have; default: 17 where the run is not given. Keys of larger ones take minutes and gigabytes. */
  maxK?: number;
  /** Of a model that no run trained: the genesis proof of its weights, which is verified here too. With it nothing is conditional. */
  genesis?: Readable;
  /** What the verifier knows from elsewhere. */
  expected?: InferenceExpectations;
  /** What the inputs must be, from whoever keeps them. */
  inputs?: InferenceContents;
  /** What the outputs must be. */
  outputs?: InferenceContents;
  /** What the proof must show in the place of the outputs, and nothing else: a proof of other predicates, or of outputs, is refused. */
  reveal?: Reveal | readonly Reveal[];
  /** Digest of the verifying key that the verifier pinned. */
  expectedKey?: string;
  maxBytes?: number;
}

/** `inference` is there only where everything holds. */
export interface InferenceReport extends VerificationReport {
  inference?: ProvenInference;
}

/**
 * Verifies a proof that a model, hidden behind its digest, gives outputs for inputs: from the file alone, or against the run that the
 * model comes from. The key is derived from graph and settings, which are public.
 *
 * Never throws for a bad file: `ok` is false and `failure` says why. Throws as `verifyTrainingRun` does for options that are wrong.
 *
 * @param source text, bytes, or value of the file; a `Response` or `Blob`, which is then read
 *
 * @example
 * const report = await verifyInference(file, { run: bundle, srs });
 * if (!report.ok || !report.inference?.run) throw new Error(report.failure?.message);
 * console.log(report.inference.outputs);
 */
export async function verifyInference(
  source: Readable,
  options: VerifyInferenceOptions = {},
): Promise<InferenceReport> {
  const checked = verifierOptions('verifyInference', options);
  requireRun(checked);
  const expected = readInferenceExpectations(checked.expected);
  const list = new Checklist();
  const found: Found = {};
  const ok = await verify(list, { ...checked, expected }, source, found);
  const { file, info } = found;
  // Of a public model, as trees are, there are no weights to be said anything of.
  const weightless = file?.public.weights === '' && file.public.frozen === '';
  const shown = weightless || checked.run !== undefined || checked.genesis !== undefined;
  const conditional = shown ? [] : [WEIGHTS_OF_ANY_SIZE];
  const given = Object.entries(checked).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const asked = [...given, ...Object.keys(expected)];
  const pinnable = [
    'expectedSrsHash',
    'expectedKey',
    ...(weightless ? ['graph'] : ['run', 'genesis', 'weights']),
    'context',
    'inputs',
    'outputs',
    ...(info?.outputs.some(({ says }) => says) || checked.reveal !== undefined ? ['reveal'] : []),
  ];
  return {
    ...reportOf(list, ok, file && subjectOf(file, conditional), pinsOf(pinnable, asked)),
    ...(ok && file && info && { inference: provenInference(file, info, found.runId) }),
  };
}

/** What a verification has found so far. */
interface Found {
  file?: InferenceProof;
  info?: GraphInfo;
  runId?: string;
}

/** Why an inference by itself holds on a condition. */
const WEIGHTS_OF_ANY_SIZE =
  'The proof says what weights of bounded size give. That they are, the run shows that ended with them (run), or their genesis proof (genesis).';

function subjectOf({ srs }: InferenceProof, conditional: string[]): Subject {
  return { kind: 'inference', srs, conditional };
}

/** Without a run these would say nothing. */
const OF_RUNS = ['aggregationKey', 'maxTolerance', 'allowRepeatedShards'] as const;

/** Errors: `OPTION_INVALID`. */
function requireRun(options: VerifyInferenceOptions): void {
  const name = OF_RUNS.find((n) => options[n] !== undefined);
  if (options.run !== undefined || name === undefined) return;
  throw new PotError('OPTION_INVALID', `verifyInference: ${name} is about the run, and there is none`, {
    details: { where: 'verifyInference', option: name },
  });
}

type Checked = VerifyInferenceOptions & { expected: InferenceExpectations };

/** log2 of the rows that are accepted where no run says otherwise. */
const MAX_K = 17;

async function verify(list: Checklist, options: Checked, source: Readable, found: Found): Promise<boolean> {
  let settings: InferenceSettings | undefined;
  const readable = await list.run('format', async () => {
    found.file = parseInference(await sourceOf(source), options.maxBytes);
    const most = options.maxK ?? (options.run === undefined ? MAX_K : LIMITS.maxK);
    settings = readSettings(found.file.settings, most);
    return `proof of an inference, version ${found.file.version}`;
  });
  if (!readable) return false;
  const file = found.file!;
  if (!(await list.run('expectations', () => expectInference(file, options.expected, options.expectedKey))))
    return false;
  let run: ClaimedRun | undefined;
  const asClaimed = async () => {
    run = await readRun(file, settings!, options);
    return 'SRS, rows, columns and last weights are those that the run says';
  };
  if (options.run !== undefined && !(await list.run('run file', asClaimed))) return false;
  const reference = await checkReference(list, file.srs, settings!.shape.k, options);
  if (!reference) return false;
  return verifyUnder(list, reference, { file, run, found }, options);
}

/** What must hold under the verifier's own SRS. */
async function verifyUnder(
  list: Checklist,
  { halo2, srs }: Reference,
  { file, run, found }: { file: InferenceProof; run: ClaimedRun | undefined; found: Found },
  options: Checked,
): Promise<boolean> {
  let prover: GraphProver | undefined;
  try {
    const read = await list.run('graph', () => {
      prover = halo2.graphProver(srs.bytes, file.graph, file.settings);
      found.info = prover.info();
      if (run) checkRunGraph(halo2, file, found.info, run.spec);
      return run ? "the run's network" : `the graph ${found.info.graphDigest}`;
    });
    if (!read || !prover) return false;
    const [graphProver, info] = [prover, found.info!];
    return (
      (await list.run('limits', () => checkNumbers(info, options))) &&
      (options.reveal === undefined ||
        (await list.run('reveal', () => expectPredicates(file, info, options.reveal!)))) &&
      (await list.run('key', () => checkKey(file, graphProver))) &&
      (await list.run('proof', () => checkHolds(file, graphProver))) &&
      (await checkContents(list, file, graphProver, options)) &&
      (await checkInferenceRange(list, file, options.genesis, referenceOf(options))) &&
      (!run ||
        (await list.run('run', async () => {
          found.runId = await verifyRun(file, run, options);
          return `the weights are those that the run ${found.runId} ended with`;
        })))
    );
  } finally {
    prover?.free();
  }
}

/** Errors: `KEY_DIGEST`. */
function checkKey({ key }: InferenceProof, prover: GraphProver): string {
  if (parsePin('key', prover.vkDigest()) !== parsePin('key', key)) {
    throw new PotError('KEY_DIGEST', 'the key is not the one of the public graph and settings');
  }
  return 'verifying key derived from the public graph and settings';
}

/** Errors: those of `GraphProver.verify`. */
function checkHolds({ public: statement, proof, transcript }: InferenceProof, prover: GraphProver): string {
  prover.verify(JSON.stringify(statement), decodeProof(proof), transcript);
  return 'holds';
}

function checkNumbers({ tensors }: GraphInfo, { minPrecision }: LimitOptions): string {
  const fewest = (roles: string[]) =>
    Math.min(...tensors.filter((t) => roles.includes(t.role)).map((t) => t.bits));
  const [activations, weights] = [fewest(['data']), fewest(['trained', 'frozen'])];
  if (weights === Number.POSITIVE_INFINITY && minPrecision === undefined) return 'the graph has no weights';
  requirePrecision({ weights, activations }, minPrecision);
  return `fractional bits: weights ${weights}, activations ${activations}`;
}
