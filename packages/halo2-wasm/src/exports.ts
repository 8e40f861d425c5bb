/**
 * What the WebAssembly module (packages/halo2-wasm/bindings) and the Node addon (packages/halo2-wasm/native) export.
 *
 * Weights are 64-bit integers in the flat order of docs/protocol/protocol.md; data `[step][sample][input]` and labels
 * `[step][sample][output]` are 32-bit integers; salts are 32 secret bytes, one for one content; `*Json` are the
 * JSON documents of docs/protocol/protocol.md, section 6.
 */
export interface WasmExports {
  plan(specJson: string, constraintsJson: string): string;
  limits(): string;
  srsDevelopment(k: number): Uint8Array;
  srsFromPtau(ptau: Uint8Array, k: number): Uint8Array;
  srsImport(file: Uint8Array, k: number): Uint8Array;
  srsCut(srs: Uint8Array, k: number): Uint8Array;
  srsInspect(srs: Uint8Array): string;
  poseidon(inputs: Uint8Array): Uint8Array;
  Executor: new (specJson: string, weights: BigInt64Array, base: BigInt64Array) => WasmExecutor;
  /** `threads` is the addon's: 0 or absent, all cores. */
  Prover: new (
    srs: Uint8Array,
    threads?: number,
  ) => WasmProver;
  /** Not in artifacts that were built before there was aggregation. */
  AggregateVerifier?: new (
    key: Uint8Array,
    srs: Uint8Array,
  ) => WasmAggregateVerifier;
  /** `threads` is the addon's: 0 or absent, all cores. Not in artifacts that were built before there was aggregation. */
  Aggregation?: new (
    srs: Uint8Array,
    specJson: string,
    places: number,
    threads?: number,
  ) => WasmAggregation;
  /** The addon's alone. */
  OnChain?: new (
    srs: Uint8Array,
    specJson: string,
    places: number,
    threads?: number,
  ) => NativeOnChain;
}

/** Verifies aggregates of one key. */
export interface WasmAggregateVerifier {
  digest(): string;
  verify(specJson: string, aggregateJson: string): void;
  free(): void;
}

/** Makes aggregates of one window circuit. */
export interface WasmAggregation {
  info(): string;
  key(): Uint8Array;
  prove(previousJson: string, membersJson: string): string;
  verify(aggregateJson: string): void;
  free(): void;
}

/** Wraps aggregates of one circuit for a contract. */
export interface NativeOnChain {
  contract(): string;
  wrap(aggregateJson: string): string;
  free(): void;
}

/** What the addon exports besides: `{"asm", "wasm"}`, how it was built. */
export interface NativeExports extends WasmExports {
  info(): string;
}

/** The integer SGD executor. */
export interface WasmExecutor {
  step(x: Int32Array, y: Int32Array, eta: bigint, number?: bigint): string;
  predict(x: Int32Array): Int32Array;
  weights(): BigInt64Array;
  setWeights(weights: BigInt64Array): void;
  free(): void;
}

/** Keys, commitments and proofs over one structured reference string. */
export interface WasmProver {
  /** The addon's alone. */
  setThreads?(threads: number): void;
  keygen(specJson: string): string;
  vkDigest(specJson: string): string;
  keyId(specJson: string): string;
  exportKey(specJson: string): Uint8Array;
  importKey(specJson: string, key: Uint8Array): string;
  commitWeights(specJson: string, weights: BigInt64Array, salt: Uint8Array): Uint8Array;
  commitBase(specJson: string, base: BigInt64Array, salt: Uint8Array): Uint8Array;
  commitData(specJson: string, x: Int32Array, y: Int32Array, salt: Uint8Array): Uint8Array;
  proveWindow(
    specJson: string,
    publicJson: string,
    w0: BigInt64Array,
    salt0: Uint8Array,
    wK: BigInt64Array,
    saltK: Uint8Array,
    x: Int32Array,
    y: Int32Array,
    dataSalt: Uint8Array,
    points0: Uint8Array,
    pointsK: Uint8Array,
    pointsData: Uint8Array,
    base: BigInt64Array,
    baseSalt: Uint8Array,
    pointsBase: Uint8Array,
    transcript: string,
  ): Uint8Array;
  proveGenesis(
    specJson: string,
    publicJson: string,
    w0: BigInt64Array,
    salt0: Uint8Array,
    base: BigInt64Array,
    baseSalt: Uint8Array,
    transcript: string,
  ): Uint8Array;
  verify(specJson: string, publicJson: string, proof: Uint8Array, transcript: string): string;
  checkOwn(specJson: string, publicJson: string, proof: Uint8Array, transcript: string): void;
  free(): void;
}
