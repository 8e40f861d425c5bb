import type { EngineName, PotErrorJson, Transcript, WindowPoints } from '@proof-of-training/halo2-wasm';
import type { PublicInputs, RenewalInputs, SgdSpec } from '@proof-of-training/sgd-circuit';
import type { KeyCacheOptions } from '../config/apply.js';
import type { KeyOrigin } from '../metrics/snapshot.js';

/** What every worker starts with: the compiled prover and the SRS, shared, not copied. */
export interface WorkerSetup {
  engine: EngineName;
  /** With the WebAssembly engine: the one for one thread. */
  module?: WebAssembly.Module;
  srs: SharedArrayBuffer;
  /** Where proving keys are kept; without it, each thread makes its own. */
  keyCache?: KeyCacheOptions;
}

/** A frozen base as a proof needs it: there where the specification has one. */
export interface BaseWitness {
  /** At `baseBits` fractional bits, flat order. Over shared memory ({@link sharedBase}), threads do not copy it. */
  base?: BigInt64Array;
  /** Of its commitment; 32 zero bytes for a public base. */
  baseSalt?: Uint8Array;
}

/** How a proof is made or was made: absent, `blake2b`. */
export interface ProofTranscript {
  transcript?: Transcript;
}

/** One piece of work for a prover's thread. Salts and weights stay inside the process. */
export type ProverTask =
  | { kind: 'commitWeights'; spec: SgdSpec; weights: BigInt64Array; salt: Uint8Array }
  | { kind: 'commitBase'; spec: SgdSpec; base: BigInt64Array; salt: Uint8Array }
  | { kind: 'commitData'; spec: SgdSpec; x: Int32Array; y: Int32Array; salt: Uint8Array }
  | { kind: 'vkDigest'; spec: SgdSpec }
  | (BaseWitness &
      ProofTranscript & {
        kind: 'genesis';
        spec: SgdSpec;
        public: PublicInputs;
        weights: BigInt64Array;
        salt: Uint8Array;
      })
  | (BaseWitness &
      ProofTranscript & {
        kind: 'window';
        spec: SgdSpec;
        public: PublicInputs;
        before: BigInt64Array;
        saltBefore: Uint8Array;
        /** Weights after the step in tolerance mode; empty in exact mode, where the prover computes them. */
        after: BigInt64Array;
        saltAfter: Uint8Array;
        x: Int32Array;
        y: Int32Array;
        dataSalt: Uint8Array;
        /** Commitments made before for these contents and salts. */
        points?: WindowPoints;
      })
  | (ProofTranscript & {
      kind: 'renewal';
      spec: SgdSpec;
      public: RenewalInputs;
      /** Of a shard. */
      x?: Int32Array;
      y?: Int32Array;
      /** The frozen base. */
      base?: BigInt64Array;
      /** Of the old commitments, and of the new ones. */
      salt: Uint8Array;
      freshSalt: Uint8Array;
    })
  | (ProofTranscript & { kind: 'verify'; spec: SgdSpec; public: PublicInputs; proof: Uint8Array });

/** What a task gives. */
export interface ProverResult {
  proof?: Uint8Array;
  /** Of the commitment or the verifying key, 0x hex. */
  digest?: string;
  /** Column commitments, 32 bytes each. */
  points?: Uint8Array;
  /** Time of the work itself, without waiting, in milliseconds; making or reading the key apart. */
  ms: number;
  keygenMs?: number;
  key?: KeyOrigin;
}

/** A task as it goes to a worker, with the threads that it may use (threads.ts). */
export type WorkerTask = ProverTask & { threads: number };

/** How results cross the thread boundary: errors as plain objects. */
export type ProverReply = { ok: true; result: ProverResult } | { ok: false; error: PotErrorJson };
