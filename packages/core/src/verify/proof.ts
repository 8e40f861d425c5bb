import { baseCount, canonicalJson, type PublicInputs } from '@proof-of-training/sgd-circuit';
import { PotError } from 'halo2-wasm';
import { decodeProof, parseTrainingProof, type Readable } from '../bundle/parse.js';
import type { TrainingProof } from '../bundle/schema.js';
import { provenAdapters, requireAllowed } from './adapters.js';
import { checkReference, type ReferenceOptions } from './reference.js';
import { Checklist, type VerificationReport } from './report.js';
import { checkAdapters, checkSize } from './structure.js';

export interface VerifyProofOptions extends ReferenceOptions {
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
 * with a genesis proof, or an opened checkpoint, gives that bound: see `verifyTrainingRun`.
 */
export async function verifyTrainingProof(
  source: Readable,
  options: VerifyProofOptions = {},
): Promise<VerificationReport> {
  const list = new Checklist();
  let file: TrainingProof | undefined;
  const ok = await verify(list, options, source, (f) => {
    file = f;
  });
  const window = ok && file?.spec.kind === 'window';
  const lora =
    window && file ? provenAdapters({ spec: file.spec, ...file.public }, file.spec.steps) : undefined;
  return {
    ok,
    checks: list.checks,
    ...(list.failure && { failure: list.failure }),
    developmentSrs: file?.srs.development ?? false,
    ...(list.ceremony && { ceremony: list.ceremony }),
    ...(lora && { lora }),
  };
}

async function verify(
  list: Checklist,
  options: VerifyProofOptions,
  source: Readable,
  keep: (file: TrainingProof) => void,
): Promise<boolean> {
  let parsed: TrainingProof | undefined;
  const readable = await list.run('format', () => {
    parsed = parseTrainingProof(source, options.maxBytes);
    return `proof file, version ${parsed.version}`;
  });
  if (!readable) return false;
  const file = parsed!;
  keep(file);
  const expected = await list.run('expectations', () => expectPublic(file, options));
  if (!expected) return false;
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

function expectPublic(file: TrainingProof, options: VerifyProofOptions): string {
  const { expected = {}, expectedKey } = options;
  checkSize(file.spec);
  checkAdapters(file.spec);
  if ((file.public.base !== undefined) !== baseCount(file.spec) > 0) {
    throw new PotError(
      'SPEC_BASE',
      'the public inputs name a base where there is none, or none where there is one',
    );
  }
  requireAllowed(file.spec, options.allowLayerLocal);
  for (const [name, value] of Object.entries(expected)) {
    const found = file.public[name as keyof PublicInputs];
    if (canonicalJson(found) !== canonicalJson(value)) {
      throw new PotError('EXPECTED_MISMATCH', `${name} is not what the verifier expects`, {
        details: { name, expected: value, found },
      });
    }
  }
  if (expectedKey !== undefined && file.key !== expectedKey) {
    throw new PotError('EXPECTED_MISMATCH', 'the verifying key is not the pinned one');
  }
  return 'as the verifier expects';
}
