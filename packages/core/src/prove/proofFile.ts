import { createHash } from 'node:crypto';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import {
  encodeProof,
  FORMAT_VERSION,
  PROOF_FORMAT,
  type TrainingProof,
} from '@proof-of-training/verifier/files';
import { type DualCommitment, treeOf } from '../commit/index.js';
import type { Salted } from './border.js';
import type { TaskOptions } from './checks.js';
import type { ProofExecutor } from './executor.js';
import { proveStated, stateWindow, type Window } from './proveWindow.js';

/** Salts of the commitments: keep them to open a checkpoint, never publish them. Each serves one content. */
export interface StepSecrets {
  saltBefore: Uint8Array;
  saltAfter: Uint8Array;
  dataSalt: Uint8Array;
}

/** A proof in a file of its own, and what its owner keeps. */
export interface ProofFile {
  proof: TrainingProof;
  /** SHA-256 (hex) over the proof file's canonical JSON. */
  proofHash: string;
  /** `base`: digest of the frozen base, there where the model has adapters on one. */
  commitments: { before: DualCommitment; after: DualCommitment; data: string; base?: string };
  secrets: StepSecrets;
  /** Milliseconds of proving, and of key generation where it was needed. */
  timing: { proveMs: number; keygenMs: number };
}

/** Threads for circuits of any size, and the digests of their keys. */
export interface FileProver {
  /** Threads over an SRS for `2^k` rows. */
  at(k: number): Promise<{ pool: ProofExecutor; srs: Srs }>;
  /** The digest of a circuit's verifying key. */
  keyDigest(spec: SgdSpec, options?: TaskOptions): Promise<string>;
}

/** Proves a window that is no part of a run's bundle. The proof is verified before it is returned. Errors: those of the pool. */
export async function proveToFile(
  prover: FileProver,
  window: Window,
  options: TaskOptions = {},
): Promise<ProofFile> {
  const { spec, before, after, data } = window;
  const { pool, srs } = await prover.at(spec.shape.k);
  const [key, stated] = await Promise.all([
    prover.keyDigest(spec, options),
    stateWindow(pool, window, options),
  ]);
  const made = await proveStated(pool, window, stated, options);
  const { statement } = stated;
  const proof: TrainingProof = {
    format: PROOF_FORMAT,
    version: FORMAT_VERSION,
    spec,
    srs: { k: srs.k, hash: srs.hash, development: srs.development },
    key,
    public: statement,
    proof: encodeProof(made.proof),
  };
  return {
    proof,
    proofHash: createHash('sha256').update(canonicalJson(proof)).digest('hex'),
    commitments: {
      before: { poseidon: statement.weightsIn, sha256: rootOf(before) },
      after: { poseidon: statement.weightsOut, sha256: rootOf(after) },
      data: statement.data,
      ...(statement.base !== undefined && { base: statement.base }),
    },
    secrets: { saltBefore: before.salt, saltAfter: after.salt, dataSalt: data.salt },
    timing: { proveMs: made.ms, keygenMs: made.keygenMs },
  };
}

function rootOf({ weights, salt }: Salted): string {
  return treeOf({ kind: 'weights', weights }, salt).root;
}
