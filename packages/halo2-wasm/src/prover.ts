import { PotError } from '@proof-of-training/errors';
import type { WasmProver } from './exports.js';
import { taken } from './taken.js';
import { guarded } from './wasmError.js';

/**
 * The hash that turns a proof's messages into challenges. Keys do not depend on it; a proof verifies with its own alone.
 * `poseidon`: a circuit can verify the proof, so it can be aggregated (docs/protocol/aggregation.md). `blake2b`: a program verifies it.
 */
export type Transcript = 'blake2b' | 'poseidon';

/** Of a proof that names none. */
export const DEFAULT_TRANSCRIPT: Transcript = 'blake2b';

/** The frozen base, where the specification has adapters on one. */
export interface BaseWitness {
  base?: BigInt64Array;
  /** 32 bytes; without it the base is public: anyone who has it can recompute its digest. */
  baseSalt?: Uint8Array;
}

/** Everything secret that a window's proof is about. */
export interface WindowWitness extends BaseWitness {
  w0: BigInt64Array;
  salt0: Uint8Array;
  /** Weights after the step in tolerance mode; empty in exact mode. */
  wK: BigInt64Array;
  saltK: Uint8Array;
  x: Int32Array;
  y: Int32Array;
  dataSalt: Uint8Array;
  /** Commitments that are known already, so that they need not be made again. */
  points?: WindowPoints;
}

/** Everything secret that a genesis proof is about. */
export interface GenesisWitness extends BaseWitness {
  /** The run's first weights. */
  w0: BigInt64Array;
  salt0: Uint8Array;
}

/**
 * What {@link Prover.commitWeights}, {@link Prover.commitData} and {@link Prover.commitBase} gave for a window's very
 * contents and salts. Others make a proof that does not verify.
 */
export interface WindowPoints {
  before?: Uint8Array;
  after?: Uint8Array;
  data?: Uint8Array;
  base?: Uint8Array;
}

/** What a renewal commits to anew: a shard or a frozen base, whichever its public inputs name; the other is left out. */
export interface RenewalWitness {
  x?: Int32Array;
  y?: Int32Array;
  base?: BigInt64Array;
  /** That of the old commitments. */
  salt: Uint8Array;
  /** That of the new ones, which no proof has used. */
  freshSalt: Uint8Array;
}

const SECRETS = {
  w0: BigInt64Array,
  salt0: Uint8Array,
  wK: BigInt64Array,
  saltK: Uint8Array,
  x: Int32Array,
  y: Int32Array,
  dataSalt: Uint8Array,
};
const BASE = { base: BigInt64Array, baseSalt: Uint8Array };
const SALTS = { salt: Uint8Array, freshSalt: Uint8Array };
const RENEWED = { x: Int32Array, y: Int32Array, base: BigInt64Array };
const POINTS = { before: Uint8Array, after: Uint8Array, data: Uint8Array, base: Uint8Array };

/** Digests that a verified proof commits to (0x-prefixed big-endian hex field elements). */
export interface VerifiedProof {
  ok: true;
  weightsIn: string;
  weightsOut: string;
  data: string;
  /** There where the specification has a frozen base. */
  base?: string;
}

/**
 * Keys, commitments and proofs over one SRS, in this thread.
 *
 * @example
 * const halo2 = await loadProver();
 * const prover = halo2.prover(halo2.srsDevelopment(12));
 * const digest = prover.keygen(specJson); // of the verifying key
 * const proof = prover.proveWindow(specJson, publicJson, witness);
 * prover.verify(specJson, publicJson, proof); // throws where it does not hold
 * prover.free();
 */
export class Prover {
  constructor(
    private readonly inner: WasmProver,
    private readonly isOpen: () => boolean = () => true,
  ) {}

  /**
   * Threads inside one proof from the next call on, with the native engine; 0: all cores. No effect on the
   * WebAssembly module. Errors: `THREADS_UNAVAILABLE`.
   */
  setThreads(threads: number): void {
    checkThreads(threads);
    guarded(() => this.inner.setThreads?.(threads));
  }

  /** Makes the proving key and keeps it; gives the verifying key's digest. */
  keygen(specJson: string): string {
    return (JSON.parse(guarded(() => this.inner.keygen(specJson))) as { vkDigest: string }).vkDigest;
  }

  /** The verifying key's digest, derived from the specification alone. */
  vkDigest(specJson: string): string {
    return guarded(() => this.inner.vkDigest(specJson));
  }

  /**
   * What the key follows from (sources of the circuit, SRS, specification) in one hash, 64 hex digits, the
   * same with every engine: the key's name in a cache.
   */
  keyId(specJson: string): string {
    return guarded(() => this.inner.keyId(specJson));
  }

  /** The proving key as bytes for {@link importKey}, made now where there is none. Holds nothing secret. */
  exportKey(specJson: string): Uint8Array {
    return guarded(() => this.inner.exportKey(specJson));
  }

  /**
   * Takes an exported key of the same {@link keyId}; gives its verifying key's digest. It serves for proving and
   * {@link checkOwn} alone: a key of unknown origin could be a forged one, so {@link verify} and {@link vkDigest} go on
   * deriving theirs.
   *
   * Errors: `KEY_INVALID` where it is damaged, cut short, or another circuit's or SRS's.
   */
  importKey(specJson: string, key: Uint8Array): string {
    return guarded(() => this.inner.importKey(specJson, key));
  }

  /** Column commitments of weights under a salt: concatenated 32-byte compressed points. */
  commitWeights(specJson: string, weights: BigInt64Array, salt: Uint8Array): Uint8Array {
    return guarded(() => this.inner.commitWeights(specJson, weights, salt));
  }

  /** Column commitments of the frozen base; an empty salt is that of a public base. */
  commitBase(specJson: string, base: BigInt64Array, salt: Uint8Array): Uint8Array {
    return guarded(() => this.inner.commitBase(specJson, base, salt));
  }

  /** Column commitments of one window's data under a salt. */
  commitData(specJson: string, x: Int32Array, y: Int32Array, salt: Uint8Array): Uint8Array {
    return guarded(() => this.inner.commitData(specJson, x, y, salt));
  }

  /**
   * Proves a window. Errors: `OPTION_INVALID` for a witness of other arrays; those of the circuit for one that does not
   * hold.
   */
  proveWindow(
    specJson: string,
    publicJson: string,
    witness: WindowWitness,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): Uint8Array {
    const { points } = witness ?? {};
    const secrets = taken(witness, 'proveWindow', 'witness', { must: SECRETS, may: BASE });
    const known = taken(points ?? {}, 'proveWindow', 'witness.points', { must: {}, may: POINTS });
    const { before: points0, after: pointsK, data: pointsData, base: pointsBase } = known;
    return guarded(() =>
      this.inner.proveWindow(
        specJson,
        publicJson,
        {
          ...secrets,
          ...(points0 && { points0 }),
          ...(pointsK && { pointsK }),
          ...(pointsData && { pointsData }),
          ...(pointsBase && { pointsBase }),
        },
        transcript,
      ),
    );
  }

  /** Proves the range of a run's first weights, and of its frozen base. Errors: as of {@link Prover.proveWindow}. */
  proveGenesis(
    specJson: string,
    publicJson: string,
    witness: GenesisWitness,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): Uint8Array {
    const must = { w0: SECRETS.w0, salt0: SECRETS.salt0 };
    const secrets = taken(witness, 'proveGenesis', 'witness', { must, may: BASE });
    return guarded(() => this.inner.proveGenesis(specJson, publicJson, secrets, transcript));
  }

  /**
   * Proves that a shard's, or a frozen base's, commitments under two salts are to one content (docs/protocol/renewal.md). It opens each
   * of them once. Errors: `ENGINE_UNAVAILABLE`; `OPTION_INVALID` for a witness of other arrays; `VERIFY_DIGEST` where a digest is another content's or salt's.
   */
  proveRenewal(
    specJson: string,
    publicJson: string,
    witness: RenewalWitness,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): Uint8Array {
    const secrets = taken(witness, 'proveRenewal', 'witness', { must: SALTS, may: RENEWED });
    const { inner } = this;
    if (!inner.proveRenewal) throw builtWithout();
    return guarded(() => inner.proveRenewal!(specJson, publicJson, secrets, transcript));
  }

  /** Verifies a renewal. Throws as {@link verify} does, and `ENGINE_UNAVAILABLE`. */
  verifyRenewal(
    specJson: string,
    publicJson: string,
    proof: Uint8Array,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): void {
    const { inner } = this;
    if (!inner.verifyRenewal) throw builtWithout();
    guarded(() => inner.verifyRenewal!(specJson, publicJson, proof, transcript));
  }

  /** Verifies one proof against the public inputs. Throws a `PotError` with a code `VERIFY_*` where it fails. */
  verify(
    specJson: string,
    publicJson: string,
    proof: Uint8Array,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): VerifiedProof {
    return JSON.parse(
      guarded(() => this.inner.verify(specJson, publicJson, proof, transcript)),
    ) as VerifiedProof;
  }

  /**
   * Checks a proof with the key that it was made with, which may be imported: for whoever has just made it. It says
   * nothing about proofs from elsewhere. Throws as {@link verify} does.
   */
  checkOwn(
    specJson: string,
    publicJson: string,
    proof: Uint8Array,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): void {
    guarded(() => this.inner.checkOwn(specJson, publicJson, proof, transcript));
  }

  free(): void {
    // A closed instance has gone, and with it this; its address may be another's in the next one.
    if (this.isOpen()) this.inner.free();
  }
}

function builtWithout(): PotError {
  return new PotError('ENGINE_UNAVAILABLE', 'this engine was built without renewals of commitments', {
    hint: 'Build it from this version of the library.',
  });
}

/** Errors: `THREADS_UNAVAILABLE` for anything but a whole number from 0. */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 0 && threads <= 1024) return;
  throw new PotError('THREADS_UNAVAILABLE', `${threads} is no number of threads`, {
    hint: 'Give a whole number up to 1024; 0 is one a core.',
  });
}
