import type { Halo2, Prover, WindowWitness } from '@proof-of-training/halo2-wasm';
import {
  learningRateToEta,
  planGenesis,
  planSpec,
  profiles,
  quantiseWeights,
  type SgdSpec,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import { ColumnDigests } from '@proof-of-training/verifier/run';
import { circomlibPair } from '../../src/commit/poseidon.js';
import type { ProverTask } from '../../src/prove/tasks.js';
import { seededRandom } from '../../src/trainConfig/random.js';
import { TOY, toyData } from './toy.js';

export const KINDS = ['window', 'genesis', 'tolerance'] as const;
export type StatementKind = (typeof KINDS)[number];

/** Something to prove about the toy problem, the same in every call, and what the engine made on the way. */
export interface Statement {
  spec: SgdSpec;
  specJson: string;
  publicJson: string;
  witness: WindowWitness;
  /** The executor's. */
  after: BigInt64Array;
  reports: unknown[];
  predicted: Int32Array;
  /** Commitments to the weights before and after and to the data. */
  points: [Uint8Array, Uint8Array, Uint8Array];
}

/** The toy problem's specification of one kind, planned by this engine. */
export function toySpec(halo2: Halo2, kind: StatementKind): SgdSpec {
  const tolerance = kind === 'tolerance';
  const { spec } = planSpec(halo2, {
    kind: 'window',
    mode: tolerance ? 'tolerance' : 'exact',
    layers: [
      { inputs: TOY.inputs, outputs: TOY.hidden, activation: 'relu', bias: true },
      { inputs: TOY.hidden, outputs: TOY.outputs, activation: 'softmax', bias: true },
    ],
    loss: 'softmaxCrossEntropy',
    batch: TOY.batch,
    steps: tolerance ? 1 : TOY.window,
    scales: profiles.compact,
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: tolerance ? 2 : 0,
  });
  return kind === 'genesis' ? planGenesis(halo2, spec).spec : spec;
}

/** Takes the steps with this engine's executor and commits with its prover. */
export async function toyStatement(halo2: Halo2, prover: Prover, kind: StatementKind): Promise<Statement> {
  const spec = toySpec(halo2, kind);
  const specJson = JSON.stringify(spec);
  const { eta } = learningRateToEta(spec, 0.125);
  const { w0, x, y } = toyIntegers(spec);
  const executor = halo2.executor(specJson, w0);
  const [nx, ny] = [spec.batch * TOY.inputs, spec.batch * TOY.outputs];
  const reports = Array.from({ length: spec.steps }, (_, t) =>
    executor.step(x.slice(t * nx, (t + 1) * nx), y.slice(t * ny, (t + 1) * ny), eta),
  );
  const after = executor.weights();
  const predicted = executor.predict(x);
  executor.free();
  // In tolerance mode, the weights of a framework that rounds otherwise.
  const framework = after.map((w, i) => w + BigInt(((i * 37) % 101) - 50));
  const salt = (n: number) => new Uint8Array(32).fill(n);
  const wK = kind === 'tolerance' ? framework : new BigInt64Array(0);
  const witness = { w0, salt0: salt(1), wK, saltK: salt(2), x, y, dataSalt: salt(3) };
  const points: Statement['points'] = [
    prover.commitWeights(specJson, w0, witness.salt0),
    prover.commitWeights(specJson, kind === 'tolerance' ? framework : after, witness.saltK),
    kind === 'genesis' ? new Uint8Array(0) : prover.commitData(specJson, x, y, witness.dataSalt),
  ];
  const digests = new ColumnDigests(await circomlibPair());
  const genesis = kind === 'genesis';
  const publicJson = JSON.stringify({
    runId: ZERO32,
    firstStep: 0,
    epoch: 0,
    eta: eta.toString(),
    weightsIn: digests.weights(spec, points[0]),
    weightsOut: genesis ? ZERO32 : digests.weights(spec, points[1]),
    data: genesis ? ZERO32 : digests.data(spec, points[2]),
  });
  return { spec, specJson, publicJson, witness, after, reports, predicted, points };
}

/** The proof of a statement. */
export function prove(prover: Prover, { spec, specJson, publicJson, witness }: Statement): Uint8Array {
  return spec.kind === 'genesis'
    ? prover.proveGenesis(specJson, publicJson, witness)
    : prover.proveWindow(specJson, publicJson, witness);
}

function toyIntegers(spec: SgdSpec) {
  const random = seededRandom(3);
  const w0 = quantiseWeights(
    spec,
    spec.layers.map(({ inputs, outputs }, l) => ({
      name: `layer${l}`,
      kernel: Float32Array.from({ length: inputs * outputs }, () => random() - 0.5),
      bias: new Float32Array(outputs),
    })),
  );
  const data = toyData(1, spec.batch * spec.steps);
  const x = Int32Array.from(data.x, (v) => Math.round(v * 2 ** spec.scales.a));
  return { w0, x, y: Int32Array.from(data.y) };
}

/** A window as the task that proves it. */
export function windowTaskOf({
  spec,
  publicJson,
  witness,
}: Pick<Statement, 'spec' | 'publicJson' | 'witness'>): Extract<ProverTask, { kind: 'window' }> {
  return {
    kind: 'window',
    spec,
    public: JSON.parse(publicJson),
    before: witness.w0,
    saltBefore: witness.salt0,
    after: witness.wK,
    saltAfter: witness.saltK,
    x: witness.x,
    y: witness.y,
    dataSalt: witness.dataSalt,
  };
}
