import { type Halo2, IGNITION, PotError } from '@proof-of-training/halo2-wasm';
import { planGenesis, planSpec, type SgdSpec, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { inferenceNetwork, weightsDigestOf } from '@proof-of-training/verifier/run';

/** Columns of a circuit of an inference, by what they hold, as the engine plans them. */
export interface CircuitShape {
  k: number;
  weightColumns: number;
  frozenColumns: number;
  dataColumns: number;
  outputColumns: number;
  lanes: number;
  laneColumns: number;
}

/** The circuits of a model: of its inferences, and of the proof that its weights are in range. */
export interface CircuitPlan {
  /** log2 of the rows. */
  k: number;
  rows: number;
  /** Samples of one proof. */
  samples: number;
  shape: CircuitShape;
  /** Of the genesis proof, as its planner says: what `proveRange` makes once. */
  genesis: { proofBytes: number; memoryBytes: number };
  /** Whether the ceremony's powers that come with this library suffice. */
  ceremony: boolean;
}

/** The same with what is computed on. */
export interface Planned {
  spec: SgdSpec;
  plan: CircuitPlan;
}

/** Cells of fixed columns that the engine makes keys for (packages/circuit/rust/src/circuit/size.rs). */
const MAX_FIXED_CELLS = 2 ** 25;

/**
 * Plans what `commitModel`, `proveRange` and `proveInference` will: the same specification, the same graph, the same shape.
 *
 * Errors: `SPEC_INVALID`, `CIRCUIT_TOO_LARGE`, `GRAPH_*`.
 */
export function planModel(halo2: Halo2, unplanned: UnplannedSpec): Planned {
  const { spec } = planSpec(halo2, unplanned);
  const { info } = planGenesis(halo2, spec);
  const { k, weightColumns } = spec.shape;
  const graph = graphOf(halo2, spec, spec.batch);
  const request = { kind: 'infer', weights: weightsDigestOf(spec.loss), like: { k, weightColumns } };
  const { shape } = JSON.parse(halo2.planGraph(graph, JSON.stringify(request))) as { shape: CircuitShape };
  requireKey(spec);
  const { proofBytes, memoryBytes } = info;
  const genesis = { proofBytes, memoryBytes };
  const plan = { k, rows: 2 ** k, samples: spec.batch, shape, genesis, ceremony: k <= IGNITION.k };
  return { spec, plan };
}

/** The graph of so many samples, as its canonical text. Errors: `GRAPH_*`. */
export function graphOf(halo2: Halo2, spec: SgdSpec, samples: number): string {
  return halo2.denseInference(JSON.stringify(inferenceNetwork(spec, samples)));
}

/** No plan says how many fixed columns a key has: four a tensor of weights and these at most. Errors: `CIRCUIT_TOO_LARGE`. */
function requireKey({ layers, shape }: SgdSpec): void {
  const columns = 8 * layers.length + 30;
  if (columns * 2 ** shape.k <= MAX_FIXED_CELLS) return;
  throw new PotError(
    'CIRCUIT_TOO_LARGE',
    `${layers.length} layers in 2^${shape.k} rows may be more than a key can be made for`,
    { hint: 'Use fewer samples a proof, or fewer layers.' },
  );
}
