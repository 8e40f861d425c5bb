import { PotError } from '@proof-of-training/errors';
import { type AggregateForm, formJson } from './aggregateForm.js';
import { AggregateVerifier, Aggregation, OnChain } from './aggregation.js';
import { requireArgument, requireBytes, requireK, requireText, requireWhole } from './argument.js';
import type { EngineName } from './engine.js';
import { Executor } from './executor.js';
import type { WasmExports } from './exports.js';
import { GraphProver } from './graph.js';
import { checkThreads, Prover } from './prover.js';
import { guarded } from './wasmError.js';

/** What {@link Halo2.srsInspect} says about an SRS. */
export interface SrsInfo {
  /** log2 of the largest number of rows. */
  k: number;
  /** SHA-256 (hex) over its content, with `[s]_2`. */
  hash: string;
  /** Whether it is the insecure development SRS: decided by comparison, not by a flag. */
  development: boolean;
}

/** Who works on a proof. `asked`: threads of each native object that is told nothing else. */
interface Crew {
  threads: number;
  asked?: number;
  memory?: WebAssembly.Memory;
  end?: () => Promise<void>;
}

const CLOSED = new Proxy({} as WasmExports, {
  get() {
    throw new PotError('PROVER_CLOSED', 'the prover is closed');
  },
});

/**
 * The prover's functions, instantiated in this thread. Get it with `loadProver()`.
 *
 * @example
 * const halo2 = await loadProver();
 * const { k, development } = halo2.srsInspect(srs);
 * console.log(`${halo2.engine}: 2^${k} points${development ? ', insecure' : ''}`);
 */
export class Halo2 {
  constructor(
    private wasm: WasmExports,
    /** The compiled module, to be shared with workers; undefined for the native engine. */
    readonly module: WebAssembly.Module | undefined,
    private readonly memory: () => number,
    /** What does the work. */
    readonly engine: EngineName = 'wasm',
    private readonly crew: Crew = { threads: 1 },
  ) {}

  /**
   * Threads that work on one proof: those that there are, which a browser may make fewer than were asked for. With the
   * native engine those that a prover of it has unless it is told otherwise: as many as this was loaded for, else one a core.
   */
  get threads(): number {
    return this.crew.threads;
  }

  /**
   * Ends the other threads of a WebAssembly prover with several, and gives its memory back; every later call of it, of
   * its provers and executors gives `PROVER_CLOSED`. Without it the threads end with the process, or with the worker
   * that loaded them. Any other prover has nothing to end and stays open.
   */
  async close(): Promise<void> {
    if (!this.crew.end || this.wasm === CLOSED) return;
    this.wasm = CLOSED;
    await this.crew.end();
  }

  private readonly isOpen = () => this.wasm !== CLOSED;

  /**
   * Bytes of WebAssembly memory that this instance has taken so far; it never gives any back. With the native engine,
   * whose memory is the process's, the bytes that the process holds.
   */
  get memoryBytes(): number {
    return this.memory();
  }

  /** What the circuit takes and what it keeps for itself, as JSON: sgd-circuit's `LIMITS` are made of it. */
  limits(): string {
    return guarded(() => this.wasm.limits());
  }

  /** Chooses rows and columns for a specification without shape; both sides are JSON (docs/protocol/protocol.md, section 6). */
  plan(specJson: string, constraintsJson = '{}'): string {
    requireText(specJson, 'plan', 'specJson');
    requireText(constraintsJson, 'plan', 'constraintsJson');
    return guarded(() => this.wasm.plan(specJson, constraintsJson));
  }

  /** The deterministic INSECURE development SRS for `2^k` rows: anyone can forge proofs under it. */
  srsDevelopment(k: number): Uint8Array {
    requireK(k, 'srsDevelopment');
    return guarded(() => this.wasm.srsDevelopment(k));
  }

  /** The SRS for `2^k` rows from a powers-of-tau file, its powers checked by pairings. */
  srsFromPtau(ptau: Uint8Array, k: number): Uint8Array {
    requireBytes(ptau, 'srsFromPtau', 'ptau');
    requireK(k, 'srsFromPtau');
    return guarded(() => this.wasm.srsFromPtau(ptau, k));
  }

  /**
   * The first 2^k powers of a file of any known form, checked by pairings: a `.ptau` file, arkworks's uncompressed KZG10 parameters, or
   * compressed powers ({@link ignitionPowers}). With its Lagrange basis where the file is a `.ptau`, otherwise without.
   *
   * Errors: `SRS_INVALID` (damaged, too small, bytes behind the end), `SRS_SECRET_KNOWN` (nobody contributed, or everyone can find tau).
   */
  srsImport(file: Uint8Array, k: number): Uint8Array {
    requireBytes(file, 'srsImport', 'file');
    requireK(k, 'srsImport');
    return guarded(() => this.wasm.srsImport(file, k));
  }

  /** The SRS of the first 2^k powers, with its Lagrange basis: seconds where it has none of this size. Errors: `SRS_TOO_SMALL`, `SRS_INVALID`. */
  srsCut(srs: Uint8Array, k: number): Uint8Array {
    requireBytes(srs, 'srsCut', 'srs');
    requireK(k, 'srsCut');
    return guarded(() => this.wasm.srsCut(srs, k));
  }

  /** Size, hash and kind of an SRS. */
  srsInspect(srs: Uint8Array): SrsInfo {
    requireBytes(srs, 'srsInspect', 'srs');
    return JSON.parse(guarded(() => this.wasm.srsInspect(srs))) as SrsInfo;
  }

  /** Poseidon chain of domain 0 (circomlib's parameters) over 32-byte little-endian field elements. */
  poseidon(inputs: Uint8Array): Uint8Array {
    requireBytes(inputs, 'poseidon', 'inputs');
    if (inputs.length === 0 || inputs.length % 32 !== 0) {
      throw new PotError('POSEIDON_INPUT', `Poseidon takes 32-byte elements, not ${inputs.length} bytes`);
    }
    return guarded(() => this.wasm.poseidon(inputs));
  }

  /**
   * An integer executor; call its `free()` when done. `base`: the frozen weights, where the specification has adapters
   * on a base.
   */
  executor(specJson: string, weights: BigInt64Array, base: BigInt64Array = new BigInt64Array()): Executor {
    return new Executor(
      guarded(() => new this.wasm.Executor(specJson, weights, base)),
      this.isOpen,
    );
  }

  /**
   * A prover and verifier over one SRS; call its `free()` when done.
   *
   * `threads`: threads of its own inside one proof, with the native engine; 0: all cores; default: as
   * many as `loadProver` was asked for, else all cores. A WebAssembly prover has those that it was loaded with. Errors:
   * `THREADS_UNAVAILABLE`; `SRS_INVALID`.
   */
  prover(srs: Uint8Array, { threads = this.crew.asked ?? 0 }: { threads?: number } = {}): Prover {
    checkThreads(threads);
    return new Prover(
      guarded(() => new this.wasm.Prover(srs, threads)),
      this.isOpen,
    );
  }

  /** What a graph can be made of (docs/operators/graph.md): version, limits, roles and operators, as JSON. */
  graphSchema(): string {
    return guarded(() => this.wasm.graphSchema());
  }

  /**
   * The graph of a network of dense layers that goes forward, as its canonical text. `networkJson`: sizes, layers and number
   * formats (docs/operators/graph.md, section 6). Errors: `SPEC_INVALID`, `GRAPH_INVALID`, `GRAPH_BOUNDS`.
   */
  denseInference(networkJson: string): string {
    requireText(networkJson, 'denseInference', 'networkJson');
    return guarded(() => this.wasm.denseInference(networkJson));
  }

  /**
   * The settings of the cheapest circuit of a graph, as their canonical text (docs/protocol/graph-proof.md, section 1). `requestJson`:
   * `kind`, `weights`, and under `like` what the shape is to have in common with another's (`k`, `weightColumns`, `frozenColumns`).
   *
   * Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`, `GRAPH_UNSUPPORTED`, `SPEC_INVALID`, `CIRCUIT_TOO_LARGE`.
   */
  planGraph(graphJson: string, requestJson: string): string {
    requireText(graphJson, 'planGraph', 'graphJson');
    requireText(requestJson, 'planGraph', 'requestJson');
    return guarded(() => this.wasm.planGraph(graphJson, requestJson));
  }

  /**
   * The outputs that a graph makes of the entries of its tensors, one after the other. Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`; those
   * of the executor (`INPUT_SHAPE`, `DATA_RANGE`, `WEIGHT_RANGE`, `VALUE_RANGE`).
   */
  runGraph(graphJson: string, tensors: BigInt64Array): BigInt64Array {
    requireText(graphJson, 'runGraph', 'graphJson');
    requireArgument(tensors instanceof BigInt64Array, 'runGraph', 'tensors', 'be a BigInt64Array', tensors);
    return guarded(() => this.wasm.runGraph(graphJson, tensors));
  }

  /**
   * A prover and verifier of one specification over one SRS; call its `free()` when done. `threads`: as for {@link Halo2.prover}.
   *
   * Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`, `SPEC_INVALID`, `SRS_INVALID`, `THREADS_UNAVAILABLE`.
   */
  graphProver(
    srs: Uint8Array,
    graphJson: string,
    settingsJson: string,
    { threads = this.crew.asked ?? 0 }: { threads?: number } = {},
  ): GraphProver {
    requireBytes(srs, 'graphProver', 'srs');
    requireText(graphJson, 'graphProver', 'graphJson');
    requireText(settingsJson, 'graphProver', 'settingsJson');
    checkThreads(threads);
    return new GraphProver(
      guarded(() => new this.wasm.GraphProver(srs, graphJson, settingsJson, threads)),
      this.isOpen,
    );
  }

  /**
   * The aggregation circuit for windows of a specification, `places` of them a proof at most (0: as many as fit the rows that two need), with its verifying key: seconds.
   * The proving key, of gigabytes (docs/operate/aggregating.md), is made with the first proof. `srs`: the windows' own SRS, with at least as many points as this circuit has rows.
   *
   * `threads`: as for {@link Halo2.prover}. `form`: what the windows of a run may differ in; default: in nothing. Errors:
   * `AGGREGATE_UNSUPPORTED` (windows that cannot be aggregated), `AGGREGATE_PLACES` (more than 32 a proof), `SRS_TOO_SMALL`; `AGGREGATION_TOO_LARGE` (more than WebAssembly's memory); `OPTION_INVALID`;
   * `AGGREGATION_UNAVAILABLE` where the engine was built without.
   */
  aggregation(
    srs: Uint8Array,
    specJson: string,
    places: number,
    { threads = this.crew.asked ?? 0, form }: { threads?: number; form?: AggregateForm | undefined } = {},
  ): Aggregation {
    requireBytes(srs, 'aggregation', 'srs');
    requireText(specJson, 'aggregation', 'specJson');
    requireWhole(places, 'aggregation', 'places');
    checkThreads(threads);
    const Inner = this.wasm.Aggregation;
    if (!Inner) throw this.builtWithout();
    return new Aggregation(
      guarded(() => new Inner(srs, specJson, places, formJson(form, 'aggregation'), threads)),
      this.isOpen,
    );
  }

  /**
   * The on-chain form of an aggregation circuit's aggregates, with the wrapper's keys: a minute or two, and 4.3 GB with the proof. `srs`: 2^20
   * points or more, of the SRS that everything was made with; `places` and `form` as in {@link Halo2.aggregation}. The native engine alone: the
   * wrapper's circuit needs more memory than WebAssembly has.
   *
   * Errors: those of {@link Halo2.aggregation}; `AGGREGATION_UNAVAILABLE` with the WebAssembly engine.
   */
  onChain(
    srs: Uint8Array,
    specJson: string,
    places: number,
    { threads = this.crew.asked ?? 0, form }: { threads?: number; form?: AggregateForm | undefined } = {},
  ): OnChain {
    requireBytes(srs, 'onChain', 'srs');
    requireText(specJson, 'onChain', 'specJson');
    requireWhole(places, 'onChain', 'places');
    checkThreads(threads);
    const Native = this.wasm.OnChain;
    if (!Native) {
      throw new PotError('AGGREGATION_UNAVAILABLE', 'aggregates are wrapped by the native engine alone', {
        hint: 'Ask for it (engine: native, ZK_ENGINE); docs/operate/engines.md says where it comes from.',
      });
    }
    return new OnChain(guarded(() => new Native(srs, specJson, places, formJson(form, 'onChain'), threads)));
  }

  /**
   * A verifier of aggregates made with this key ({@link Aggregation.key}). `srs`: the SRS that everything was made with,
   * of any size. Errors: `KEY_INVALID`, `SRS_INVALID`; `AGGREGATION_UNAVAILABLE` where the engine was built without.
   */
  aggregateVerifier(key: Uint8Array, srs: Uint8Array): AggregateVerifier {
    const Verifier = this.wasm.AggregateVerifier;
    if (!Verifier) throw this.builtWithout();
    return new AggregateVerifier(
      guarded(() => new Verifier(key, srs)),
      this.isOpen,
    );
  }

  private builtWithout(): PotError {
    return new PotError(
      'AGGREGATION_UNAVAILABLE',
      `this ${this.engine} engine was built without aggregation`,
      {
        hint: 'Build it from this version of the library.',
      },
    );
  }
}
