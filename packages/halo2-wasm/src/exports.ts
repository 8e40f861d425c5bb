/**
 * The engine's API: what the WebAssembly module (packages/halo2-wasm/bindings) and the Node addon
 * (packages/halo2-wasm/native) export. `node scripts/engine/main.mjs` makes both Rust faces of this file; a test compares.
 *
 * Behind a name stands the Rust function or method of the same name in `api.rs` of pot-sgd, pot-circuit and pot-aggregator. Where a
 * constructor takes `threads`, the addon's object has threads of its own; the module ignores them. `@addon` marks what
 * only the addon has. Every object has `free()`.
 *
 * Weights are 64-bit integers in the flat order of docs/protocol/protocol.md; data `[step][sample][input]` and labels
 * `[step][sample][output]` are 32-bit integers; salts are 32 secret bytes, one for one content; `*Json` are the
 * JSON documents of docs/protocol/protocol.md, section 6.
 */

/** A whole number from 0 to 2^32 - 1. */
export type U32 = number;
/** A whole number of 64 bits with a sign. */
export type I64 = bigint;
/** A whole number from 0 to 2^64 - 1. */
export type U64 = bigint;

export interface WasmExports {
  /** Fills in a specification's shape: its JSON, with the estimates under `info`. */
  plan(specJson: string, constraintsJson: string): string;
  /** What the circuit takes and keeps for itself, as JSON. */
  limits(): string;
  /** The insecure development SRS of 2^k points. */
  srsDevelopment(k: U32): Uint8Array;
  /** The first 2^k powers of a `.ptau` file, checked. */
  srsFromPtau(ptau: Uint8Array, k: U32): Uint8Array;
  /** The first 2^k powers of a file of any known form, checked. */
  srsImport(file: Uint8Array, k: U32): Uint8Array;
  /** The SRS of the first 2^k powers, with its Lagrange basis. */
  srsCut(srs: Uint8Array, k: U32): Uint8Array;
  /** `{"k", "hash", "development"}` of an SRS. */
  srsInspect(srs: Uint8Array): string;
  /** Poseidon chain of domain 0 over 32-byte little-endian field elements: 32 bytes. */
  poseidon(inputs: Uint8Array): Uint8Array;
  /** What a graph can be made of (docs/operators/graph.md): version, limits, roles and operators, as JSON. */
  graphSchema(): string;
  /** The graph of a network of dense layers that goes forward, as its canonical text. */
  denseInference(networkJson: string): string;
  /** The settings of the cheapest circuit of a graph for `{"kind", "weights", "like"?}`, as their canonical text. */
  planGraph(graphJson: string, requestJson: string): string;
  /** The outputs that a graph makes of its tensors' entries, one after the other in the order of the nodes. */
  runGraph(graphJson: string, tensors: BigInt64Array): BigInt64Array;
  /** `base`: the frozen weights, empty where there are none. */
  Executor: new (
    specJson: string,
    weights: BigInt64Array,
    base: BigInt64Array,
  ) => WasmExecutor;
  Prover: new (srs: Uint8Array, threads?: U32) => WasmProver;
  /** `graphJson`, `settingsJson`: the canonical texts (docs/protocol/graph-proof.md, section 1). */
  GraphProver: new (
    srs: Uint8Array,
    graphJson: string,
    settingsJson: string,
    threads?: U32,
  ) => WasmGraphProver;
  /** `srs`: the SRS that everything was made with, of any size. Not in engines built before there was aggregation. */
  AggregateVerifier?: new (
    key: Uint8Array,
    srs: Uint8Array,
  ) => WasmAggregateVerifier;
  /**
   * Makes the key: seconds. `places`: windows a proof, 0: as many as fit the rows that two need. `formJson`: what the
   * windows of a run may differ in, `{"rates"?, "renewed"?}`; absent: in nothing. Not in engines built before there was
   * aggregation.
   */
  Aggregation?: new (
    srs: Uint8Array,
    specJson: string,
    places: U32,
    formJson?: string,
    threads?: U32,
  ) => WasmAggregation;
  /**
   * Makes the wrapper's key: a minute or two. `srs`: 2^20 points or more, of the SRS that everything was made with.
   * `formJson`: as for an aggregation.
   *
   * @addon
   */
  OnChain?: new (
    srs: Uint8Array,
    specJson: string,
    places: U32,
    formJson?: string,
    threads?: U32,
  ) => NativeOnChain;
}

/** What the addon exports besides: `{"asm", "wasm"}`, how it was built. */
export interface NativeExports extends WasmExports {
  info(): string;
}

/** The integer SGD executor. */
export interface WasmExecutor {
  /** One step in place: `{"loss", "correct"}` before the update. `number`: the step's, from 0, for Adam. */
  step(x: Int32Array, y: Int32Array, eta: I64, number?: U64): string;
  /** Outputs at scale a, `[samples][outputs]`; under a cross-entropy before softmax or sigmoid. */
  predict(x: Int32Array): Int32Array;
  /** A copy of the weights. */
  weights(): BigInt64Array;
  setWeights(weights: BigInt64Array): void;
  free(): void;
}

/** Everything secret that a window's proof is about. */
export interface WindowSecrets {
  /** Weights before the window. */
  w0: BigInt64Array;
  salt0: Uint8Array;
  /** Weights after the step in tolerance mode; empty in exact mode. */
  wK: BigInt64Array;
  saltK: Uint8Array;
  x: Int32Array;
  y: Int32Array;
  dataSalt: Uint8Array;
  /** The frozen base, where the specification has adapters on one. */
  base?: BigInt64Array;
  /** 32 bytes; without it the base is public: anyone who has it can recompute its digest. */
  baseSalt?: Uint8Array;
  /** Commitments that are known already, as `commitWeights` gave them for this very content and salt. */
  points0?: Uint8Array;
  /** As `points0`, of the weights after the window. */
  pointsK?: Uint8Array;
  /** As `commitData` gave them. */
  pointsData?: Uint8Array;
  /** As `commitBase` gave them. */
  pointsBase?: Uint8Array;
}

/** Everything secret that a genesis proof is about. */
export interface GenesisSecrets {
  /** The run's first weights. */
  w0: BigInt64Array;
  salt0: Uint8Array;
  /** The frozen base, where the specification has adapters on one. */
  base?: BigInt64Array;
  /** 32 bytes; without it the base is public: anyone who has it can recompute its digest. */
  baseSalt?: Uint8Array;
}

/** What a renewal commits to anew: a shard or a frozen base, whichever its public inputs name. */
export interface RenewalSecrets {
  /** Of a shard. */
  x?: Int32Array;
  y?: Int32Array;
  /** The frozen base. */
  base?: BigInt64Array;
  /** That of the old commitments. */
  salt: Uint8Array;
  /** That of the new ones, which no proof has used. */
  freshSalt: Uint8Array;
}

/** Keys, commitments and proofs over one structured reference string. `transcript`: `blake2b` or `poseidon`. */
export interface WasmProver {
  /**
   * Threads from the next call on.
   *
   * @addon
   */
  setThreads?(threads: U32): void;
  /** Makes and keeps the proving key: `{"vkDigest"}`. */
  keygen(specJson: string): string;
  /** Digest of the verifying key, derived from the specification alone. */
  vkDigest(specJson: string): string;
  /** What a key follows from, in one hash (64 hex digits): the name of the key in a cache. */
  keyId(specJson: string): string;
  /** The proving key as bytes, made now where there is none. */
  exportKey(specJson: string): Uint8Array;
  /** Takes an exported key, for proving alone: the digest of its verifying key. */
  importKey(specJson: string, key: Uint8Array): string;
  /** Commitments to a checkpoint's columns: concatenated 32-byte compressed points. */
  commitWeights(specJson: string, weights: BigInt64Array, salt: Uint8Array): Uint8Array;
  /** Commitments to the frozen base's columns; an empty salt is that of a public base. */
  commitBase(specJson: string, base: BigInt64Array, salt: Uint8Array): Uint8Array;
  /** Commitments to one shard's columns. */
  commitData(specJson: string, x: Int32Array, y: Int32Array, salt: Uint8Array): Uint8Array;
  /** Proves a window. */
  proveWindow(specJson: string, publicJson: string, secrets: WindowSecrets, transcript: string): Uint8Array;
  /** Proves the range of a run's first weights, and of its frozen base. */
  proveGenesis(specJson: string, publicJson: string, secrets: GenesisSecrets, transcript: string): Uint8Array;
  /**
   * Proves that a shard's, or a frozen base's, commitments under two salts are to one content. Not in engines built before there were
   * renewals.
   */
  proveRenewal?(
    specJson: string,
    publicJson: string,
    secrets: RenewalSecrets,
    transcript: string,
  ): Uint8Array;
  /** Verifies such a proof with the key that follows from the specification. */
  verifyRenewal?(specJson: string, publicJson: string, proof: Uint8Array, transcript: string): void;
  /** Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of its own commitments. */
  verify(specJson: string, publicJson: string, proof: Uint8Array, transcript: string): string;
  /** Checks a proof with the key that it was made with, which may be imported: for its maker alone. */
  checkOwn(specJson: string, publicJson: string, proof: Uint8Array, transcript: string): void;
  free(): void;
}

/** Everything secret that a proof of a graph is about. What has no salt is public. */
export interface GraphSecrets {
  /**
   * Entries of each of the graph's tensors, in their order; of a genesis proof of its weights alone; of further steps their data and
   * labels behind them, then an optimiser's states; of a step with a tolerance what is trained, as it is after the step.
   */
  tensors: BigInt64Array;
  /** 32 bytes that hide the trained weights. */
  weightsSalt?: Uint8Array;
  /** As `weightsSalt`, of the weights after a step. */
  afterSalt?: Uint8Array;
  frozenSalt?: Uint8Array;
  /** Of an optimiser's state before a step; there is none before a run's first, where all of it is 0. */
  stateSalt?: Uint8Array;
  /** The same after a step. */
  stateAfterSalt?: Uint8Array;
  /** Of data and labels, which the statement shows otherwise. */
  inputsSalt?: Uint8Array;
  outputsSalt?: Uint8Array;
}

/** Proves and verifies what one specification says. `transcript`: `blake2b` or `poseidon`. */
export interface WasmGraphProver {
  /**
   * What is proven, as JSON: `digest` and `graphDigest` of specification and graph; `kind`; `k`, log2 of the rows; `maxUses`, the proofs
   * that one salt may blind; `tensors` as the graph has them; `outputs` in the order of the nodes, each `{"name", "shape", "bits"}`.
   */
  info(): string;
  /** Makes and keeps the proving key: `{"vkDigest"}`. */
  keygen(): string;
  /** Digest of the verifying key, derived from the specification alone. */
  vkDigest(): string;
  /**
   * The digest that a statement shows of a group (`weights`, `weightsAfter`, `frozen`, `state`, `stateAfter`, `inputs`, `outputs`): of
   * the entries of its tensors, or outputs, in their order. An empty salt is 32 zeros.
   */
  digest(group: string, entries: BigInt64Array, salt: Uint8Array): string;
  /** A proof for `{"context", "rate"?, "firstStep"?, "uses"?}`: `{"statement", "proof"}`, the latter base64url. */
  prove(requestJson: string, secrets: GraphSecrets, transcript: string): string;
  /** Verifies one proof with the key that follows from the specification. */
  verify(statementJson: string, proof: Uint8Array, transcript: string): void;
  free(): void;
}

/** Verifies aggregates of one key. */
export interface WasmAggregateVerifier {
  /** Digest of the key: what says whose key it is. */
  digest(): string;
  verify(specJson: string, aggregateJson: string): void;
  free(): void;
}

/** Makes aggregates of one window circuit. */
export interface WasmAggregation {
  /** `{"digest", "windowKey", "k", "places", "proofBytes"}`. */
  info(): string;
  /** The verifying key. */
  key(): Uint8Array;
  /** The next aggregate's JSON; `previousJson` is empty for the first. */
  prove(previousJson: string, membersJson: string): string;
  verify(aggregateJson: string): void;
  free(): void;
}

/** Wraps aggregates of one circuit for a contract. */
export interface NativeOnChain {
  /** Solidity text of the contract that verifies. */
  contract(): string;
  /** The proof for the contract: `{"key", "proofBytes", "calldata"}`. Minutes. */
  wrap(aggregateJson: string): string;
  free(): void;
}
