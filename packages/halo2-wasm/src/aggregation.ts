import type { NativeOnChain, WasmAggregateVerifier, WasmAggregation } from './exports.js';
import { guarded } from './wasmError.js';

/** What {@link Aggregation.info} says of an aggregation circuit. */
export interface AggregationInfo {
  /** Digest of its key, 0x hex: what aggregates made with it expose. */
  digest: string;
  /** Digest of the verifying key of the windows that it takes. */
  windowKey: string;
  /** log2 of its rows. */
  k: number;
  /** Windows that one proof takes in, at most. */
  places: number;
  /** Of each aggregate's proof. */
  proofBytes: number;
}

/**
 * The aggregation circuit of one window circuit, with its keys; the proving key is made with the first proof. Get it with `Halo2.aggregation`.
 *
 * @example
 * const aggregation = halo2.aggregation(srs, specJson, 2);
 * const first = aggregation.prove('', membersJson);
 * const next = aggregation.prove(first, moreMembersJson); // it stands for all of them
 * aggregation.free();
 */
export class Aggregation {
  constructor(
    private readonly inner: WasmAggregation,
    private readonly isOpen: () => boolean,
  ) {}

  info(): AggregationInfo {
    return JSON.parse(guarded(() => this.inner.info())) as AggregationInfo;
  }

  /** The verifying key for {@link AggregateVerifier}: about a kilobyte. */
  key(): Uint8Array {
    return guarded(() => this.inner.key());
  }

  /**
   * The next aggregate, as JSON: `previousJson`, an aggregate or empty, continued by `membersJson`, an array of
   * `{ public, proof, shard, siblings, named? }`; `named`: what the run has where its windows have their own. Seconds or more, without giving the thread back.
   *
   * Errors: `AGGREGATE_*`, `PUBLIC_INVALID`, `VERIFY_*`; `details.window` counts from the first of these members.
   */
  prove(previousJson: string, membersJson: string): string {
    return guarded(() => this.inner.prove(previousJson, membersJson));
  }

  /** Throws what {@link AggregateVerifier.verify} throws. */
  verify(aggregateJson: string): void {
    guarded(() => this.inner.verify(aggregateJson));
  }

  free(): void {
    if (this.isOpen()) this.inner.free();
  }
}

/**
 * Verifies aggregates made with one key. Get it with `Halo2.aggregateVerifier`.
 *
 * @example
 * const verifier = halo2.aggregateVerifier(key, srs);
 * if (verifier.digest() !== pinned) throw new Error('another circuit');
 * verifier.verify(specJson, aggregateJson); // throws where it does not hold
 * verifier.free();
 */
export class AggregateVerifier {
  constructor(
    private readonly inner: WasmAggregateVerifier,
    private readonly isOpen: () => boolean,
  ) {}

  /** Digest of the key. Whose key it is, this alone says: derive it, or compare it with a pinned one. */
  digest(): string {
    return guarded(() => this.inner.digest());
  }

  /**
   * Verifies an aggregate of windows of this specification.
   *
   * Errors: `AGGREGATE_INVALID`, `AGGREGATE_KEY`, `AGGREGATE_ACCUMULATOR`, `PUBLIC_INVALID`, `VERIFY_FAILED`.
   */
  verify(specJson: string, aggregateJson: string): void {
    guarded(() => this.inner.verify(specJson, aggregateJson));
  }

  free(): void {
    if (this.isOpen()) this.inner.free();
  }
}

/** A proof that a contract verifies: {@link OnChain.wrap}. */
export interface WrappedAggregate {
  /** Digest of the wrapper's key. */
  key: string;
  /** Of the proof alone. */
  proofBytes: number;
  /** Public inputs and proof as the contract takes them, 0x hex. */
  calldata: string;
}

/**
 * Aggregates of one circuit in the form that a contract verifies: native alone. Get it with `Halo2.onChain`.
 *
 * @example
 * const onChain = halo2.onChain(srs, specJson, 2);
 * const solidity = onChain.contract();
 * const { calldata } = onChain.wrap(aggregateJson); // what the contract is called with
 * onChain.free();
 */
export class OnChain {
  constructor(private readonly inner: NativeOnChain) {}

  /** Solidity text (solc 0.8.19) of the contract: the same for the same circuit and SRS. */
  contract(): string {
    return guarded(() => this.inner.contract());
  }

  /**
   * Verifies the aggregate, and proves to the contract that it did: minutes, without giving the thread back.
   *
   * Errors: those of {@link AggregateVerifier.verify}; `WRAPPER_PROOF`.
   */
  wrap(aggregateJson: string): WrappedAggregate {
    return JSON.parse(guarded(() => this.inner.wrap(aggregateJson))) as WrappedAggregate;
  }

  free(): void {
    this.inner.free();
  }
}
