import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { baseCount, type PublicInputs, publicInputsSchema } from '@proof-of-training/sgd-circuit';
import { decodeProof, parseTrainingProof, type Readable } from '../bundle/parse.js';
import type { TrainingProof } from '../bundle/schema.js';
import { sourceOf } from '../bundle/source.js';
import { provenAdapters, requireAllowed, TAKEN_AS_GIVEN } from './adapters.js';
import { checkLimits, type LimitOptions } from './limits.js';
import { verifierOptions } from './options.js';
import { readPublicExpectations } from './publicExpectations.js';
import { checkReference, type ReferenceOptions } from './reference.js';
import { Checklist, pinsOf, reportOf, type Subject, type VerificationReport } from './report.js';
import { checkRule, checkSize } from './structure.js';

export interface VerifyProofOptions extends ReferenceOptions, LimitOptions {
  /** Public inputs that the verifier insists on (run, step, epoch, commitments, eta). */
  expected?: Partial<PublicInputs>;
  /** Digest of the verifying key that the verifier pinned. */
  expectedKey?: string;
  /** Accept layer-local proofs of adapters, which take a layer's input and upstream gradient as given. */
  allowLayerLocal?: boolean;
  maxBytes?: number;
}

/**
 * Verifies one proof of training from its file alone. The key is derived from the public architecture.
 *
 * A single window is *conditional*: it says what happened to weights of bounded size. Only a run that begins
 * with a genesis proof, or an opened checkpoint, gives that bound: see `verifyTrainingRun`. The file may be a genesis proof by
 * itself, which trains nothing. The report's `kind` says which it is, and `conditional` on what.
 *
 * Throws as `verifyTrainingRun` does: for a bad file never, for wrong options.
 *
 * @example
 * const report = await verifyTrainingProof(file, { srs, expected: { weightsIn, weightsOut } });
 * if (!report.ok || report.kind !== 'window') throw new Error('no step is proven');
 */
export async function verifyTrainingProof(
  source: Readable,
  options: VerifyProofOptions = {},
): Promise<VerificationReport> {
  const checked = verifierOptions('verifyTrainingProof', options);
  const expected = readPublicExpectations(checked.expected);
  const list = new Checklist();
  let file: TrainingProof | undefined;
  const ok = await verify(list, { ...checked, expected }, source, (f) => {
    file = f;
  });
  const window = ok && file?.spec.kind === 'window';
  const lora =
    window && file ? provenAdapters({ spec: file.spec, ...file.public }, file.spec.steps) : undefined;
  const bound = file?.spec.kind === 'genesis' ? OF_GENESIS : Object.keys(publicInputsSchema.shape);
  const names = ['expectedSrsHash', 'expectedKey', ...bound];
  const pinnable = names.filter((name) => name !== 'base' || file?.public.base !== undefined);
  return reportOf(
    list,
    ok,
    file && proofSubject(file),
    pinsOf(pinnable, [...Object.keys(checked), ...Object.keys(expected)]),
    { ...(lora && { lora }) },
  );
}

/** Why a window by itself is no training. */
const WEIGHTS_OF_ANY_SIZE =
  'A single proof says what happened to weights of bounded size. That they are, only the genesis proof of a run or an opened ' +
  'commitment shows; by itself it says nothing of how training began or went on.';
const TRAINS_NOTHING =
  'A genesis proof trains nothing: it says that the first weights of a run lie in their range, and that is all.';

function proofSubject({ spec, srs, public: { eta } }: TrainingProof): Subject {
  if (spec.kind === 'genesis') return { kind: 'genesis', spec, eta, srs, conditional: [TRAINS_NOTHING] };
  const given = spec.lora?.local ? [TAKEN_AS_GIVEN] : [];
  return { kind: 'window', spec, eta, srs, conditional: [WEIGHTS_OF_ANY_SIZE, ...given] };
}

async function verify(
  list: Checklist,
  options: VerifyProofOptions,
  source: Readable,
  keep: (file: TrainingProof) => void,
): Promise<boolean> {
  let parsed: TrainingProof | undefined;
  const readable = await list.run('format', async () => {
    parsed = parseTrainingProof(await sourceOf(source), options.maxBytes);
    const what = parsed.spec.kind === 'genesis' ? 'genesis proof, trains nothing' : 'single proof';
    return `${what}, version ${parsed.version}`;
  });
  if (!readable) return false;
  const file = parsed!;
  keep(file);
  const expected = await list.run('expectations', () => expectPublic(file, options));
  if (!expected) return false;
  if (!(await list.run('limits', () => checkLimits(file.spec, options)))) return false;
  const reference = await checkReference(list, file.srs, file.spec.shape.k, options);
  if (!reference) return false;
  const { halo2, srs } = reference;
  const prover = halo2.prover(srs.bytes);
  try {
    const specJson = JSON.stringify(file.spec);
    const key = await list.run('key', () => {
      if (prover.vkDigest(specJson) !== file.key) {
        throw new PotError('KEY_DIGEST', 'the key is not the one of the public architecture');
      }
      return 'verifying key derived from the public architecture';
    });
    if (!key) return false;
    return await list.run('proof', () => {
      prover.verify(specJson, JSON.stringify(file.public), decodeProof(file.proof), file.transcript);
      return 'holds';
    });
  } finally {
    prover.free();
  }
}

/** Public inputs that a genesis proof is about; the others of its file are anybody's text. */
const OF_GENESIS: readonly string[] = ['runId', 'weightsIn', 'base'] satisfies (keyof PublicInputs)[];

/** Errors: `EXPECTED_UNBOUND` where something is expected that the proof does not bind. */
function requireBound(file: TrainingProof, expected: readonly string[]): void {
  if (file.spec.kind !== 'genesis') return;
  const name = expected.find((n) => !OF_GENESIS.includes(n));
  if (name === undefined) return;
  throw new PotError('EXPECTED_UNBOUND', `a genesis proof says nothing about ${name}`, {
    details: { name },
    hint: `It binds ${OF_GENESIS.join(', ')}. A window's proof, or the run, has the others.`,
  });
}

function expectPublic(file: TrainingProof, options: VerifyProofOptions): string {
  const { expected = {}, expectedKey } = options;
  checkSize(file.spec);
  checkRule(file.spec);
  if ((file.public.base !== undefined) !== baseCount(file.spec) > 0) {
    throw new PotError(
      'SPEC_BASE',
      'the public inputs name a base where there is none, or none where there is one',
    );
  }
  requireAllowed(file.spec, options.allowLayerLocal);
  requireBound(file, Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const found = file.public[name as keyof PublicInputs];
    if (found !== value) {
      throw new PotError('EXPECTED_MISMATCH', `${name} is not what the verifier expects`, {
        details: { name, expected: value, found },
      });
    }
  }
  if (expectedKey !== undefined && parsePin('key', file.key) !== expectedKey) {
    throw new PotError('EXPECTED_MISMATCH', 'the verifying key is not the pinned one');
  }
  const count = Object.keys(expected).length + (expectedKey === undefined ? 0 : 1);
  return count === 0 ? 'nothing pinned by the verifier' : `${count} expectations of the verifier hold`;
}
