import { requireArgument } from './argument.js';
import type { GraphSecrets, WasmGraphProver } from './exports.js';
import { DEFAULT_TRANSCRIPT, type Transcript } from './prover.js';
import { guarded } from './wasmError.js';

/** A group of columns that has one digest in a statement (docs/protocol/graph-proof.md, section 2). */
export type GraphGroup =
  | 'weights'
  | 'weightsAfter'
  | 'frozen'
  | 'state'
  | 'stateAfter'
  | 'inputs'
  | 'outputs';

/** How a graph's trained tensors follow from their gradients: factors of the limbs' fractional bits (docs/operators/optimizers.md). */
export type GraphOptimizer =
  | { rule: 'sgd'; decay: number }
  | { rule: 'momentum' | 'nesterov'; momentum: number; decay: number }
  | { rule: 'adam'; beta1: number; beta2: number; epsilon: number; decay: number }
  | { rule: 'rmsprop'; rho: number; momentum: number; epsilon: number; decay: number };

/** What a value holds: integers, row by row, of so many fractional bits. */
export interface GraphValue {
  name: string;
  shape: number[];
  bits: number;
}

/**
 * What is shown of each row of a value: which entry is the largest, whether it is this one, whether an entry is within limits; or of all
 * rows how often which entry is the largest where which label is.
 */
export type GraphPredicate =
  | { argmax: Record<never, never> }
  | { class: { class: number } }
  | { threshold: { output: number; least?: number; most?: number } }
  | { confusion: Record<never, never> };

/** What a graph gives. */
export interface GraphOutput extends GraphValue {
  /** Of a predicate (docs/operators/predicates.md): of which value, of so many fractional bits, it is. */
  says?: { of: string; bits: number; predicate: GraphPredicate };
}

/** What a graph is given. */
export interface GraphTensor extends GraphValue {
  role: 'data' | 'label' | 'trained' | 'frozen';
  /** What is added to data and labels before they are stored; absent: 0. */
  offset?: number;
}

/** What {@link GraphProver.info} says of a specification. */
export interface GraphInfo {
  /** Digest of the specification, 0x hex: in the public inputs of every proof of it. */
  digest: string;
  /** Digest of the graph alone. */
  graphDigest: string;
  /** What a proof says of the graph. */
  kind:
    | 'infer'
    | 'genesis'
    | { train: { rateBits: number; steps: number; optimizer?: GraphOptimizer } }
    | {
        local: {
          rateBits: number;
          steps: number;
          optimizer?: GraphOptimizer;
          toleranceLimbs?: number;
        };
      }
    | { step: { rateBits: number; toleranceLimbs: number } };
  /** log2 of the rows. */
  k: number;
  /** Proofs that one salt may blind. */
  maxUses: number;
  tensors: GraphTensor[];
  outputs: GraphOutput[];
}

/** What a proof is to be bound to. */
export interface GraphProofRequest {
  /** A field element, 0x hex: of a run and step, of a request. */
  context: string;
  /** Of a step of training, as an integer. */
  rate?: number;
  /** The number of the first step in its run, from 0, where the optimiser corrects rates; default 0. */
  firstStep?: number;
  /** In how many proofs each salt was used before; default: none. */
  uses?: Partial<
    Record<'weights' | 'after' | 'frozen' | 'state' | 'stateAfter' | 'inputs' | 'outputs', number>
  >;
}

/** Everything secret that a proof of a graph is about: what the engine takes. What has no salt is public. */
export type GraphWitness = GraphSecrets;

/** A proof, and what it says (docs/protocol/graph-proof.md, section 2). */
export interface ProvenGraph {
  statement: unknown;
  /** base64url without padding. */
  proof: string;
}

const SALTS = [
  'weightsSalt',
  'afterSalt',
  'frozenSalt',
  'stateSalt',
  'stateAfterSalt',
  'inputsSalt',
  'outputsSalt',
] as const;

/**
 * Proves and verifies what one specification (a graph and its settings) says, over one SRS, in this thread. Keys are made when they are
 * needed first, and kept. Get it with `Halo2.graphProver`.
 *
 * @example
 * const settings = halo2.planGraph(graph, JSON.stringify({ kind: 'infer', weights: 'graph' }));
 * const prover = halo2.graphProver(srs, graph, settings);
 * const { statement, proof } = prover.prove({ context: ZERO }, { tensors, weightsSalt });
 * prover.verify(JSON.stringify(statement), Buffer.from(proof, 'base64url')); // throws where it does not hold
 * prover.free();
 */
export class GraphProver {
  constructor(
    private readonly inner: WasmGraphProver,
    private readonly isOpen: () => boolean,
  ) {}

  info(): GraphInfo {
    return JSON.parse(guarded(() => this.inner.info())) as GraphInfo;
  }

  /** Makes the proving key and keeps it; gives the verifying key's digest. Errors: `SRS_TOO_SMALL`, `GRAPH_*`, `CIRCUIT_*`. */
  keygen(): string {
    return (JSON.parse(guarded(() => this.inner.keygen())) as { vkDigest: string }).vkDigest;
  }

  /** The verifying key's digest, derived from the specification alone. Errors: as of {@link keygen}. */
  vkDigest(): string {
    return guarded(() => this.inner.vkDigest());
  }

  /**
   * The digest that a statement shows of a group's content: of the entries of its tensors, or outputs, one after the other. Without a
   * salt that of a public content. Errors: `INPUT_SHAPE`, `DATA_RANGE`, `WEIGHT_RANGE`, `VALUE_RANGE`; those of {@link keygen}.
   */
  digest(group: GraphGroup, entries: BigInt64Array, salt: Uint8Array = new Uint8Array()): string {
    requireArgument(entries instanceof BigInt64Array, 'digest', 'entries', 'be a BigInt64Array', entries);
    requireArgument(salt instanceof Uint8Array, 'digest', 'salt', 'be a Uint8Array', salt);
    return guarded(() => this.inner.digest(group, entries, salt));
  }

  /**
   * A proof, and what it says. Whoever keeps a salt counts its proofs: a failure may count too.
   *
   * Errors: `OPTION_INVALID` for a witness of other arrays; `SALT_EXHAUSTED`; those of the executor for tensors that do not fit
   * (`INPUT_SHAPE`, `DATA_RANGE`, `WEIGHT_RANGE`, `VALUE_RANGE`); those of {@link keygen}.
   */
  prove(
    request: GraphProofRequest,
    witness: GraphWitness,
    transcript: Transcript = DEFAULT_TRANSCRIPT,
  ): ProvenGraph {
    const { tensors } = witness;
    requireArgument(
      tensors instanceof BigInt64Array,
      'prove',
      'witness.tensors',
      'be a BigInt64Array',
      tensors,
    );
    const salts = SALTS.flatMap((name) => {
      const salt = witness[name];
      if (salt === undefined) return [];
      // An empty one would make it public.
      const right = salt instanceof Uint8Array && salt.length === 32;
      requireArgument(right, 'prove', `witness.${name}`, 'be a Uint8Array of 32 bytes', salt);
      return [[name, salt] as const];
    });
    const secrets = { tensors, ...Object.fromEntries(salts) };
    return JSON.parse(
      guarded(() => this.inner.prove(JSON.stringify(request), secrets, transcript)),
    ) as ProvenGraph;
  }

  /** Verifies one proof against a statement. Throws a `PotError` (`PUBLIC_INVALID`, `VERIFY_*`) where it does not hold. */
  verify(statementJson: string, proof: Uint8Array, transcript: Transcript = DEFAULT_TRANSCRIPT): void {
    guarded(() => this.inner.verify(statementJson, proof, transcript));
  }

  free(): void {
    // A closed instance has gone, and with it this; its address may be another's in the next one.
    if (this.isOpen()) this.inner.free();
  }
}
