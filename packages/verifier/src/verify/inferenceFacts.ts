import type { GraphInfo, GraphValue } from '@proof-of-training/halo2-wasm';
import type { InferenceProof, Shown } from '../bundle/inference.js';
import { type ProvenCounts, provenCounts } from './counts.js';
import { type ProvenPredicate, provenPredicates } from './reveal.js';

/** What a verified proof of an inference establishes. */
export interface ProvenInference {
  /** Digest of the model's weights; absent where the graph has none. */
  weights?: string;
  /** Digest of its frozen weights; absent where the graph has none. */
  frozen?: string;
  /** What the proof is bound to. */
  context: string;
  /** Digest of the graph: what is computed. */
  graph: string;
  inputs: ShownValues;
  outputs: ShownValues;
  /** What the outputs are, where they are predicates of a model's outputs, which stay hidden. */
  predicates?: ProvenPredicate[];
  /** Of an evaluation what it counts over its samples, whose labels are among the inputs. */
  counts?: ProvenCounts;
  /** Id of the verified run that ended with these weights; absent where none was given. */
  run?: string;
}

/** As the prover chose to show them. */
export type ShownValues = { committed: string } | { values: NamedValues[] };

/** A tensor or an output. */
export interface NamedValues {
  name: string;
  shape: number[];
  /** The proven integers, row by row. */
  integers: number[];
  /** What they stand for: each divided by 2^bits. */
  numbers: number[];
}

/** The facts of a proof that holds. `run`: id of the run that its weights were found to be of. */
export function provenInference(
  { public: statement }: InferenceProof,
  info: GraphInfo,
  run: string | undefined,
): ProvenInference {
  const { weights, frozen, context } = statement;
  const { outputs } = statement;
  const shown = typeof outputs === 'object' && 'public' in outputs ? outputs.public : undefined;
  const predicates = provenPredicates(info.outputs, shown);
  const counts = provenCounts(info.outputs, shown);
  const inputs = info.tensors.filter(({ role }) => role === 'data' || role === 'label');
  return {
    ...(weights !== '' && { weights }),
    ...(frozen !== '' && { frozen }),
    context,
    graph: info.graphDigest,
    inputs: valuesOf(statement.inputs, inputs),
    outputs: valuesOf(outputs, info.outputs),
    ...(predicates && { predicates }),
    ...(counts && { counts }),
    ...(run !== undefined && { run }),
  };
}

function valuesOf(shown: Shown, values: GraphValue[]): ShownValues {
  if (shown === 'nothing') return { values: [] };
  if ('committed' in shown) return { committed: shown.committed };
  const named = values.map(({ name, shape, bits }, i) => {
    const integers = shown.public[i]!;
    if (integers.length !== shape.reduce((n, d) => n * d, 1))
      throw new Error(`${name}: not as many integers as its shape says`);
    return { name, shape, integers, numbers: integers.map((v) => v * 2 ** -bits) };
  });
  return { values: named };
}
