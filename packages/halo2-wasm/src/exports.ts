/**
 * What the WebAssembly module exports (packages/halo2-wasm/bindings).
 *
 * Weights are 64-bit integers in the flat order of docs/protocol.md; data `[step][sample][input]` and labels
 * `[step][sample][output]` are 32-bit integers; salts are 32 secret bytes, one for one content; `*Json` are the
 * JSON documents of docs/protocol.md.
 */
export interface WasmExports {
  plan(specJson: string, constraintsJson: string): string;
  srsDevelopment(k: number): Uint8Array;
  srsFromPtau(ptau: Uint8Array, k: number): Uint8Array;
  srsInspect(srs: Uint8Array): string;
  poseidon(inputs: Uint8Array): Uint8Array;
  Executor: new (specJson: string, weights: BigInt64Array) => WasmExecutor;
  Prover: new (srs: Uint8Array) => WasmProver;
}

/** The integer SGD executor. */
export interface WasmExecutor {
  step(x: Int32Array, y: Int32Array, eta: bigint): string;
  predict(x: Int32Array): Int32Array;
  weights(): BigInt64Array;
  setWeights(weights: BigInt64Array): void;
  free(): void;
}

/** Keys, commitments and proofs over one structured reference string. */
export interface WasmProver {
  keygen(specJson: string): string;
  vkDigest(specJson: string): string;
  commitWeights(specJson: string, weights: BigInt64Array, salt: Uint8Array): Uint8Array;
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
  ): Uint8Array;
  proveGenesis(specJson: string, publicJson: string, w0: BigInt64Array, salt0: Uint8Array): Uint8Array;
  verify(specJson: string, publicJson: string, proof: Uint8Array): string;
  free(): void;
}
