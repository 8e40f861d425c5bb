/* tslint:disable */
/* eslint-disable */

/**
 * Verifies aggregates of one key.
 *
 * Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
 */
export class AggregateVerifier {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Digest of the key: what says whose key it is.
     */
    digest(): string;
    /**
     * `srs`: the SRS that everything was made with, of any size. Not in engines built before there was aggregation.
     */
    constructor(key: Uint8Array | number[], srs: Uint8Array | number[]);
    verify(spec_json: string, aggregate_json: string): void;
}

/**
 * Makes aggregates of one window circuit.
 *
 * Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
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
     * Makes the key: seconds. `places`: windows a proof, 0: as many as fit the rows that two need. `formJson`: what the
     * windows of a run may differ in, `{"rates"?, "renewed"?}`; absent: in nothing. Not in engines built before there was
     * aggregation.
     */
    constructor(srs: Uint8Array | number[], spec_json: string, places: number, form_json?: string | null);
    /**
     * The next aggregate's JSON; `previousJson` is empty for the first.
     */
    prove(previous_json: string, members_json: string): string;
    verify(aggregate_json: string): void;
}

/**
 * The integer SGD executor.
 *
 * Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
 */
export class Executor {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `base`: the frozen weights, empty where there are none.
     */
    constructor(spec_json: string, weights: BigInt64Array | bigint[], base: BigInt64Array | bigint[]);
    /**
     * Outputs at scale a, `[samples][outputs]`; under a cross-entropy before softmax or sigmoid.
     */
    predict(x: Int32Array | number[]): Int32Array;
    setWeights(weights: BigInt64Array | bigint[]): void;
    /**
     * One step in place: `{"loss", "correct"}` before the update. `number`: the step's, from 0, for Adam.
     */
    step(x: Int32Array | number[], y: Int32Array | number[], eta: bigint, number?: bigint | null): string;
    /**
     * A copy of the weights.
     */
    weights(): BigInt64Array;
}

/**
 * Proves and verifies what one specification says. `transcript`: `blake2b` or `poseidon`.
 *
 * Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
 */
export class GraphProver {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The digest that a statement shows of a group (`weights`, `weightsAfter`, `frozen`, `state`, `stateAfter`, `inputs`, `outputs`): of
     * the entries of its tensors, or outputs, in their order. An empty salt is 32 zeros.
     */
    digest(group: string, entries: BigInt64Array | bigint[], salt: Uint8Array | number[]): string;
    /**
     * What is proven, as JSON: `digest` and `graphDigest` of specification and graph; `kind`; `k`, log2 of the rows; `maxUses`, the proofs
     * that one salt may blind; `tensors` as the graph has them; `outputs` in the order of the nodes, each `{"name", "shape", "bits"}`.
     */
    info(): string;
    /**
     * Makes and keeps the proving key: `{"vkDigest"}`.
     */
    keygen(): string;
    /**
     * `graphJson`, `settingsJson`: the canonical texts (docs/protocol/graph-proof.md, section 1).
     */
    constructor(srs: Uint8Array | number[], graph_json: string, settings_json: string);
    /**
     * A proof for `{"context", "rate"?, "firstStep"?, "uses"?}`: `{"statement", "proof"}`, the latter base64url.
     */
    prove(request_json: string, secrets: any, transcript: string): string;
    /**
     * Verifies one proof with the key that follows from the specification.
     */
    verify(statement_json: string, proof: Uint8Array | number[], transcript: string): void;
    /**
     * Digest of the verifying key, derived from the specification alone.
     */
    vkDigest(): string;
}

/**
 * Keys, commitments and proofs over one structured reference string. `transcript`: `blake2b` or `poseidon`.
 *
 * Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
 */
export class Prover {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Checks a proof with the key that it was made with, which may be imported: for its maker alone.
     */
    checkOwn(spec_json: string, public_json: string, proof: Uint8Array | number[], transcript: string): void;
    /**
     * Commitments to the frozen base's columns; an empty salt is that of a public base.
     */
    commitBase(spec_json: string, base: BigInt64Array | bigint[], salt: Uint8Array | number[]): Uint8Array;
    /**
     * Commitments to one shard's columns.
     */
    commitData(spec_json: string, x: Int32Array | number[], y: Int32Array | number[], salt: Uint8Array | number[]): Uint8Array;
    /**
     * Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
     */
    commitWeights(spec_json: string, weights: BigInt64Array | bigint[], salt: Uint8Array | number[]): Uint8Array;
    /**
     * The proving key as bytes, made now where there is none.
     */
    exportKey(spec_json: string): Uint8Array;
    /**
     * Takes an exported key, for proving alone: the digest of its verifying key.
     */
    importKey(spec_json: string, key: Uint8Array | number[]): string;
    /**
     * What a key follows from, in one hash (64 hex digits): the name of the key in a cache.
     */
    keyId(spec_json: string): string;
    /**
     * Makes and keeps the proving key: `{"vkDigest"}`.
     */
    keygen(spec_json: string): string;
    constructor(srs: Uint8Array | number[]);
    /**
     * Proves the range of a run's first weights, and of its frozen base.
     */
    proveGenesis(spec_json: string, public_json: string, secrets: any, transcript: string): Uint8Array;
    /**
     * Proves that a shard's, or a frozen base's, commitments under two salts are to one content. Not in engines built before there were
     * renewals.
     */
    proveRenewal(spec_json: string, public_json: string, secrets: any, transcript: string): Uint8Array;
    /**
     * Proves a window.
     */
    proveWindow(spec_json: string, public_json: string, secrets: any, transcript: string): Uint8Array;
    /**
     * Verifies such a proof with the key that follows from the specification.
     */
    verifyRenewal(spec_json: string, public_json: string, proof: Uint8Array | number[], transcript: string): void;
    /**
     * Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of its own commitments.
     */
    verify(spec_json: string, public_json: string, proof: Uint8Array | number[], transcript: string): string;
    /**
     * Digest of the verifying key, derived from the specification alone.
     */
    vkDigest(spec_json: string): string;
}

/**
 * The graph of a network of dense layers that goes forward, as its canonical text.
 */
export function denseInference(network_json: string): string;

/**
 * What a graph can be made of (docs/operators/graph.md): version, limits, roles and operators, as JSON.
 */
export function graphSchema(): string;

export function install(): void;

/**
 * What the circuit takes and keeps for itself, as JSON.
 */
export function limits(): string;

/**
 * Fills in a specification's shape: its JSON, with the estimates under `info`.
 */
export function plan(spec_json: string, constraints_json: string): string;

/**
 * The settings of the cheapest circuit of a graph for `{"kind", "weights", "like"?}`, as their canonical text.
 */
export function planGraph(graph_json: string, request_json: string): string;

/**
 * Poseidon chain of domain 0 over 32-byte little-endian field elements: 32 bytes.
 */
export function poseidon(inputs: Uint8Array | number[]): Uint8Array;

/**
 * The outputs that a graph makes of its tensors' entries, one after the other in the order of the nodes.
 */
export function runGraph(graph_json: string, tensors: BigInt64Array | bigint[]): BigInt64Array;

/**
 * The SRS of the first 2^k powers, with its Lagrange basis.
 */
export function srsCut(srs: Uint8Array | number[], k: number): Uint8Array;

/**
 * The insecure development SRS of 2^k points.
 */
export function srsDevelopment(k: number): Uint8Array;

/**
 * The first 2^k powers of a `.ptau` file, checked.
 */
export function srsFromPtau(ptau: Uint8Array | number[], k: number): Uint8Array;

/**
 * The first 2^k powers of a file of any known form, checked.
 */
export function srsImport(file: Uint8Array | number[], k: number): Uint8Array;

/**
 * `{"k", "hash", "development"}` of an SRS.
 */
export function srsInspect(srs: Uint8Array | number[]): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_aggregateverifier_free: (a: number, b: number) => void;
    readonly __wbg_aggregation_free: (a: number, b: number) => void;
    readonly __wbg_executor_free: (a: number, b: number) => void;
    readonly __wbg_graphprover_free: (a: number, b: number) => void;
    readonly __wbg_prover_free: (a: number, b: number) => void;
    readonly aggregateverifier_digest: (a: number) => [number, number, number, number];
    readonly aggregateverifier_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly aggregateverifier_verify: (a: number, b: number, c: number, d: number, e: number) => [number, number];
    readonly aggregation_info: (a: number) => [number, number, number, number];
    readonly aggregation_key: (a: number) => [number, number, number, number];
    readonly aggregation_new: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number];
    readonly aggregation_prove: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly aggregation_verify: (a: number, b: number, c: number) => [number, number];
    readonly denseInference: (a: number, b: number) => [number, number, number, number];
    readonly executor_new: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly executor_predict: (a: number, b: number, c: number) => [number, number, number, number];
    readonly executor_setWeights: (a: number, b: number, c: number) => [number, number];
    readonly executor_step: (a: number, b: number, c: number, d: number, e: number, f: bigint, g: number, h: bigint) => [number, number, number, number];
    readonly executor_weights: (a: number) => [number, number, number, number];
    readonly graphSchema: () => [number, number, number, number];
    readonly graphprover_digest: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly graphprover_info: (a: number) => [number, number, number, number];
    readonly graphprover_keygen: (a: number) => [number, number, number, number];
    readonly graphprover_new: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly graphprover_prove: (a: number, b: number, c: number, d: any, e: number, f: number) => [number, number, number, number];
    readonly graphprover_verify: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number];
    readonly graphprover_vkDigest: (a: number) => [number, number, number, number];
    readonly install: () => void;
    readonly limits: () => [number, number, number, number];
    readonly plan: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly planGraph: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly poseidon: (a: number, b: number) => [number, number, number, number];
    readonly prover_checkOwn: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number];
    readonly prover_commitBase: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly prover_commitData: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly prover_commitWeights: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly prover_exportKey: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_importKey: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
    readonly prover_keyId: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_keygen: (a: number, b: number, c: number) => [number, number, number, number];
    readonly prover_new: (a: number, b: number) => [number, number, number];
    readonly prover_proveGenesis: (a: number, b: number, c: number, d: number, e: number, f: any, g: number, h: number) => [number, number, number, number];
    readonly prover_proveRenewal: (a: number, b: number, c: number, d: number, e: number, f: any, g: number, h: number) => [number, number, number, number];
    readonly prover_proveWindow: (a: number, b: number, c: number, d: number, e: number, f: any, g: number, h: number) => [number, number, number, number];
    readonly prover_verify: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly prover_verifyRenewal: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number];
    readonly prover_vkDigest: (a: number, b: number, c: number) => [number, number, number, number];
    readonly runGraph: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly srsCut: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsDevelopment: (a: number) => [number, number, number, number];
    readonly srsFromPtau: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsImport: (a: number, b: number, c: number) => [number, number, number, number];
    readonly srsInspect: (a: number, b: number) => [number, number, number, number];
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
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
