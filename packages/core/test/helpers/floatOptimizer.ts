import type { EffectiveHyperparameters } from '@proof-of-training/sgd-circuit';
import * as tf from '@tensorflow/tfjs';
import { tfOptimizer } from '../../src/session/optimizer.js';
import type { TrainingSession } from '../../src/session/trainingSession.js';
import { TOY } from './toy.js';

/** What of a model is trained: its adapters, or all of it. */
const trained = (model: tf.LayersModel) =>
  model.trainableWeights.map((w) => Float32Array.from(w.read().dataSync()));

/** One flat list of a model's adapters, or of all its weights. */
export async function flat(model: tf.LayersModel): Promise<number[]> {
  return trained(model).flatMap((values) => [...values]);
}

/** Compiles a model for an update rule, as TensorFlow.js has it. */
export function compileFor(model: tf.LayersModel, rule: EffectiveHyperparameters): void {
  model.compile({ optimizer: tfOptimizer(tf, rule), loss: 'categoricalCrossentropy' });
}

/** Takes the session's next steps, and the same ones with TensorFlow.js on `float`; weight decay beside its optimiser. */
export async function trainBeside(
  session: TrainingSession,
  float: tf.LayersModel,
  data: { x: Float32Array; y: Float32Array },
  steps: number,
): Promise<void> {
  const { learningRate, weightDecay, beta2, epsilon } = session.optimizer;
  const rows = (values: Float32Array, width: number, samples: number[]) =>
    tf.tensor2d(
      samples.flatMap((s) => [...values.subarray(s * width, (s + 1) * width)]),
      [samples.length, width],
    );
  for (let n = 0; n < steps; n++) {
    const { samples, step } = session.next();
    if (epsilon !== undefined) {
      // The circuit's is beside the root without bias correction (docs/operators/optimizers.md), TensorFlow.js's with it.
      const adam = float.optimizer as unknown as { epsilon: number };
      adam.epsilon = epsilon / Math.sqrt(1 - beta2! ** (step + 1));
    }
    await session.step();
    const before = trained(float);
    const batch = [rows(data.x, TOY.inputs, samples), rows(data.y, TOY.outputs, samples)] as const;
    await float.trainOnBatch(...batch);
    tf.dispose([...batch]);
    if (weightDecay === 0) continue;
    float.trainableWeights.forEach((weight, n) => {
      const now = weight.read();
      const decayed = now.sub(tf.tensor(before[n]!, now.shape).mul(learningRate * weightDecay));
      weight.write(decayed);
    });
  }
}

/** `|a - b| / |b - start|`, in Euclidean norm. */
export function relativeDifference(a: number[], b: number[], start: number[]): number {
  const norm = (p: number[], q: number[]) => Math.hypot(...p.map((v, i) => v - q[i]!));
  return norm(a, b) / norm(b, start);
}
