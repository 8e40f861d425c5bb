import { type GraphInfo, PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { LIMITS } from '@proof-of-training/sgd-circuit';
import { type InferenceProof, parseInference } from '../bundle/inference.js';
import { decodeProof, type Readable } from '../bundle/parse.js';
import { sourceOf } from '../bundle/source.js';
import { checkContents, type InferenceContents } from './inferenceContents.js';
import { type ProvenInference, provenInference } from './inferenceFacts.js';
import { expectInference, type InferenceExpectations, readInferenceExpectations } from './inferencePins.js';
import { checkInferenceRange } from './inferenceRange.js';
import { checkInferenceRun, type OfRun, referenceOf } from './inferenceRun.js';
import { type LimitOptions, requirePrecision } from './limits.js';
import { verifierOptions } from './options.js';
import { checkReference } from './reference.js';
import { Checklist, pinsOf, reportOf, type Subject, type VerificationReport } from './report.js';

/**
 * `run`: the run that the model comes from, its bundle or aggregate, which is verified here too, with the same SRS. The proof must be about
 * the weights that it ended with. Without it the proof holds on a condition (the report's `conditional`).
 */
export interface VerifyInferenceOptions extends OfRun, Pick<LimitOptions, 'minPrecision'> {
  /** Of a model that no run trained: the genesis proof of its weights, which is verified here too. With it nothing is conditional. */
  genesis?: Readable;
  /** What the verifier knows from elsewhere. */
  expected?: InferenceExpectations;
  /** What the inputs must be, from whoever keeps them. */
  inputs?: InferenceContents;
  /** What the outputs must be. */
  outputs?: InferenceContents;
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
  const expected = readInferenceExpectations(checked.expected);
  const list = new Checklist();
  const found: Found = {};
  const ok = await verify(list, { ...checked, expected }, source, found);
  const { file, info } = found;
  const known = ok && (checked.run !== undefined || checked.genesis !== undefined);
  const asked = [...Object.keys(checked), ...Object.keys(expected)];
  const pinnable = [
    'expectedSrsHash',
    'expectedKey',
    'run',
    'genesis',
    'weights',
    'context',
    'inputs',
    'outputs',
  ];
  return {
    ...reportOf(
      list,
      ok,
      file && subjectOf(file, known ? [] : [WEIGHTS_OF_ANY_SIZE]),
      pinsOf(pinnable, asked),
    ),
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

type Checked = VerifyInferenceOptions & { expected: InferenceExpectations };

async function verify(list: Checklist, options: Checked, source: Readable, found: Found): Promise<boolean> {
  let k = 0;
  const readable = await list.run('format', async () => {
    found.file = parseInference(await sourceOf(source), options.maxBytes);
    k = rowsOf(found.file);
    return `proof of an inference, version ${found.file.version}`;
  });
  if (!readable) return false;
  const file = found.file!;
  if (!(await list.run('expectations', () => expectInference(file, options.expected, options.expectedKey))))
    return false;
  const reference = await checkReference(list, file.srs, k, options);
  if (!reference) return false;
  let prover: ReturnType<typeof reference.halo2.graphProver> | undefined;
  try {
    const read = await list.run('graph', () => {
      prover = reference.halo2.graphProver(reference.srs.bytes, file.graph, file.settings);
      found.info = prover.info();
      return `the graph ${found.info.graphDigest}`;
    });
    if (!read || !prover) return false;
    const [graphProver, info] = [prover, found.info!];
    const key = () => {
      if (parsePin('key', graphProver.vkDigest()) !== parsePin('key', file.key)) {
        throw new PotError('KEY_DIGEST', 'the key is not the one of the public graph and settings');
      }
      return 'verifying key derived from the public graph and settings';
    };
    const proof = () => {
      graphProver.verify(JSON.stringify(file.public), decodeProof(file.proof), file.transcript);
      return 'holds';
    };
    return (
      (await list.run('limits', () => checkNumbers(info, options))) &&
      (await list.run('key', key)) &&
      (await list.run('proof', proof)) &&
      (await checkContents(list, file, info, graphProver, options)) &&
      (await checkInferenceRange(list, file, options.genesis, referenceOf(options))) &&
      (await checkInferenceRun(list, file, options, (runId) => {
        found.runId = runId;
      }))
    );
  } finally {
    prover?.free();
  }
}

/** log2 of the rows, before anything is made of that size. Errors: `FORMAT_INVALID`. */
function rowsOf({ settings }: InferenceProof): number {
  let read: { kind?: unknown; shape?: { k?: unknown } } | null = null;
  try {
    read = JSON.parse(settings);
  } catch {}
  const k = read?.shape?.k;
  if (read?.kind !== 'infer') throw new PotError('FORMAT_INVALID', 'settings: they are not of an inference');
  if (typeof k === 'number' && Number.isInteger(k) && k >= 1 && k <= LIMITS.maxK) return k;
  throw new PotError('FORMAT_INVALID', `settings: shape.k must be a whole number from 1 to ${LIMITS.maxK}`);
}

function checkNumbers({ tensors }: GraphInfo, { minPrecision }: LimitOptions): string {
  const fewest = (roles: string[]) =>
    Math.min(...tensors.filter((t) => roles.includes(t.role)).map((t) => t.bits));
  const [activations, weights] = [fewest(['data']), fewest(['trained', 'frozen'])];
  requirePrecision({ weights, activations }, minPrecision);
  return `fractional bits: weights ${weights}, activations ${activations}`;
}
