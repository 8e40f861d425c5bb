/* tslint:disable */
/* eslint-disable */

/**
 * Verifies aggregates of one key.
 */
export class AggregateVerifier {
    free(): void;
    [Symbol.dispose](): void;
    digest(): string;
    /**
     * `srs`: the string that everything was made with, of any size.
     */
    constructor(key: Uint8Array | number[], srs: Uint8Array | number[]);
    verify(spec_json: string, aggregate: string): void;
}

/**
 * An aggregator of one window circuit. Methods borrow it shared, as the prover's do.
 */
export class Aggregation {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `{"digest", "windowKey", "k", "places", "proofBytes"}`.
     */
    info(): string;
    /**
     * The verifying key.
     */
    key(): Uint8Array;
    /**
     * Makes the key. `places`: 0: as many windows a proof as fit the rows that two need.
     */
    constructor(srs: Uint8Array | number[], spec_json: string, places: number);
    /**
     * The next aggregate's JSON; `previous` is empty for the first.
     */
    prove(previous: string, members: string): string;
    verify(aggregate: string): void;
}

/**
 * The executor. Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
 */
export class Executor {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `base`: the frozen weights, empty where there are none.
     */
    constructor(spec_json: string, weights: BigInt64Array | bigint[], base: BigInt64Array | bigint[]);
    /**
     * Outputs before any activation, at scale a, `[samples][outputs]`.
     */
    predict(x: Int32Array | number[]): Int32Array;
    setWeights(weights: BigInt64Array | bigint[]): void;
    step(x: Int32Array | number[], y: Int32Array | number[], eta: bigint, number?: bigint | null): string;
    /**
     * A copy of the weights.
     */
    weights(): BigInt64Array;
}

/**
 * A prover and verifier over one reference string. Methods borrow it shared, as the executor's do.
 */
export class Prover {
    free(): void;
    [Symbol.dispose](): void;
    checkOwn(spec_json: string, public_json: string, proof: Uint8Array | number[], transcript: string): void;
    /**
     * Commitments to the frozen base's columns; an empty salt is that of a public base.
     */
    commitBase(spec_json: string, base: BigInt64Array | bigint[], salt: Uint8Array | number[]): Uint8Array;
    commitData(spec_json: string, x: Int32Array | number[], y: Int32Array | number[], salt: Uint8Array | number[]): Uint8Array;
    commitWeights(spec_json: string, weights: BigInt64Array | bigint[], salt: Uint8Array | number[]): Uint8Array;
    exportKey(spec_json: string): Uint8Array;
    /**
     * Drops all keys.
     */
    forgetKeys(): void;
    importKey(spec_json: string, bytes: Uint8Array | number[]): string;
    keyId(spec_json: string): string;
    keygen(spec_json: string): string;
    constructor(srs: Uint8Array | number[]);
    proveGenesis(spec_json: string, public_json: string, w0: BigInt64Array | bigint[], salt0: Uint8Array | number[], base: BigInt64Array | bigint[], base_salt: Uint8Array | number[], transcript: string): Uint8Array;
    /**
     * Proves a window. `w_k` is empty in exact mode. `points_*` are the commitments that `commitWeights` and
     * `commitData` gave for these contents and salts, or empty: then they are made again. Without a frozen base, `base` and its points are empty.
     */
    proveWindow(spec_json: string, public_json: string, w0: BigInt64Array | bigint[], salt0: Uint8Array | number[], w_k: BigInt64Array | bigint[], salt_k: Uint8Array | number[], x: Int32Array | number[], y: Int32Array | number[], data_salt: Uint8Array | number[], points0: Uint8Array | number[], points_k: Uint8Array | number[], points_data: Uint8Array | number[], base: BigInt64Array | bigint[], base_salt: Uint8Array | number[], points_base: Uint8Array | number[], transcript: string): Uint8Array;
    verify(spec_json: string, public_json: string, proof: Uint8Array | number[], transcript: string): string;
    vkDigest(spec_json: string): string;
}

export function install(): void;

export function limits(): string;

export function plan(spec_json: string, constraints_json: string): string;

export function poseidon(inputs: Uint8Array | number[]): Uint8Array;

export function srsCut(bytes: Uint8Array | number[], k: number): Uint8Array;

export function srsDevelopment(k: number): Uint8Array;

export function srsFromPtau(ptau: Uint8Array | number[], k: number): Uint8Array;

export function srsImport(file: Uint8Array | number[], k: number): Uint8Array;

export function srsInspect(bytes: Uint8Array | number[]): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_aggregateverifier_free: (a: number, b: number) => void;
    readonly __wbg_aggregation_free: (a: number, b: number) => void;
    readonly __wbg_executor_free: (a: number, b: number) => void;
    readonly __wbg_prover_free: (a: number, b: number) => void;
    readonly aggregateverifier_digest: (a: number) => [number, number, number, number];
    readonly aggregateverifier_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly aggregateverifier_verify: (a: number, b: number, c: number, d: number, e: number) => [number, number];
    readonly aggregation_info: (a: number) => [number, number, number, number];
    readonly aggregation_key: (a: number) => [number, number, number, number];
    readonly aggregation_new: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly aggregation_prove: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly aggregation_verify: (a: number, b: number, c: number) => [number, number];
    readonly executor_new: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly executor_predict: (a: number, b: number, c: number) => [number, number, number, number];
    readonly executor_setWeights: (a: number, b: number, c: number) => [number, number];
    readonly executor_step: (a: number, b: number, c: number, d: number, e: number, f: bigint, g: number, h: bigint) => [number, number, number, number];
    readonly executor_weights: (a: number) => [number, number, number, number];
    readonly install: () => void;
    readonly limits: () => [number, number, number, number];
    readonly plan: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly poseidon: (a: number, b: number) => [number, number, number, number];
    readonly prover_checkOwn: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number];
    readonly prover_commitBase: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly prover_commitData: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly prover_commitWeights: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly prover_exportKey: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_forgetKeys: (a: number) => [number, number];
    readonly prover_importKey: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly prover_keyId: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_keygen: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_new: (a: number, b: number) => [number, number, number];
    readonly prover_proveGenesis: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number, m: number, n: number, o: number) => [number, number, number, number];
    readonly prover_proveWindow: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number, m: number, n: number, o: number, p: number, q: number, r: number, s: number, t: number, u: number, v: number, w: number, x: number, y: number, z: number, a1: number, b1: number, c1: number, d1: number, e1: number, f1: number, g1: number) => [number, number, number, number];
    readonly prover_verify: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly prover_vkDigest: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsCut: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsDevelopment: (a: number) => [number, number, number, number];
    readonly srsFromPtau: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsImport: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsInspect: (a: number, b: number) => [number, number, number, number];
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
