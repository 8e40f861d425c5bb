import {
  learningRateToEta,
  type PublicInputs,
  planSpec,
  profiles,
  quantiseWeights,
  type SgdSpec,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import type { Halo2, Prover, WindowWitness } from 'halo2-wasm';
import { circomlibPair } from '../../src/commit/poseidon.js';
import { ColumnDigests } from '../../src/run/columnDigests.js';
import { seededRandom } from '../../src/train/random.js';
import { TOY, toyData } from './toy.js';

const bytes = (n: number) => new Uint8Array(32).fill(n);

/** A window of the toy problem as the prover takes it: integers, salts, statement. The same in every call. */
export interface ToyWindow {
  spec: SgdSpec;
  specJson: string;
  public: PublicInputs;
  publicJson: string;
  witness: WindowWitness;
}

/** The specification of one window of the toy problem. */
export function toySpec(halo2: Halo2): SgdSpec {
  const layers = [
    { inputs: TOY.inputs, outputs: TOY.hidden, activation: 'relu' as const, bias: true },
    { inputs: TOY.hidden, outputs: TOY.outputs, activation: 'softmax' as const, bias: true },
  ];
  const { batch, window: steps } = TOY;
  return planSpec(halo2, {
    kind: 'window',
    mode: 'exact',
    layers,
    loss: 'softmaxCrossEntropy',
    batch,
    steps,
    scales: profiles.compact,
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 0,
  }).spec;
}

/** Takes the window's steps with the executor and commits to both checkpoints and the data. */
export async function toyWindow(halo2: Halo2, prover: Prover): Promise<ToyWindow> {
  const spec = toySpec(halo2);
  const specJson = JSON.stringify(spec);
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
  const y = Int32Array.from(data.y);
  const { eta } = learningRateToEta(spec, 0.125);
  const executor = halo2.executor(specJson, w0);
  const [nx, ny] = [spec.batch * TOY.inputs, spec.batch * TOY.outputs];
  for (let t = 0; t < spec.steps; t++) {
    executor.step(x.slice(t * nx, (t + 1) * nx), y.slice(t * ny, (t + 1) * ny), eta);
  }
  const wK = executor.weights();
  executor.free();
  const witness = {
    w0,
    salt0: bytes(1),
    wK: new BigInt64Array(0),
    saltK: bytes(2),
    x,
    y,
    dataSalt: bytes(3),
  };
  const digests = new ColumnDigests(await circomlibPair());
  const statement = {
    runId: ZERO32,
    firstStep: 0,
    epoch: 0,
    eta: eta.toString(),
    weightsIn: digests.weights(spec, prover.commitWeights(specJson, w0, witness.salt0)),
    weightsOut: digests.weights(spec, prover.commitWeights(specJson, wK, witness.saltK)),
    data: digests.data(spec, prover.commitData(specJson, x, y, witness.dataSalt)),
  };
  return { spec, specJson, public: statement, publicJson: JSON.stringify(statement), witness };
}
