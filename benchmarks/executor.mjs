// The integer executor's step against one of tfjs, same network and batch.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { learningRateToEta, planSpec } from '@proof-of-training/sgd-circuit';
import { loadEngine } from './engine.mjs';
import { randomCheckpoint, specFor, windowData } from './lib.mjs';

const WIDTHS = [784, 128, 10];
const BATCH = 32;
const ROUNDS = 40;
tf.enableProdMode();

const halo2 = await loadEngine('wasm');
const { spec } = planSpec(halo2, specFor(WIDTHS, { batch: BATCH, steps: 1 }));
const executor = halo2.executor(JSON.stringify(spec), randomCheckpoint(spec));
const { eta } = learningRateToEta(spec, 0.1);
const data = await windowData(spec);
const times = { executor: median(() => executor.step(data.x, data.y, eta)) };

for (const backend of ['cpu', 'wasm']) {
  try {
    if (!(await tf.setBackend(backend))) throw new Error('not available');
  } catch (e) {
    console.error(`backend ${backend}: ${e.message}`);
    continue;
  }
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  const x = tf.tensor2d(
    Float32Array.from(data.x, (v) => v / 256),
    [BATCH, 784],
  );
  const y = tf.tensor2d(Float32Array.from(data.y), [BATCH, 10]);
  const samples = [];
  for (let n = 0; n < ROUNDS; n++) {
    const start = performance.now();
    await model.trainOnBatch(x, y);
    samples.push(performance.now() - start);
  }
  times[`tfjs ${backend}`] = samples.sort((a, b) => a - b)[ROUNDS >> 1];
}
console.log(JSON.stringify(times));

function median(call) {
  const samples = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
  return samples.sort((a, b) => a - b)[ROUNDS >> 1];
}
