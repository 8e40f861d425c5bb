import { parseTrainConfig, type TrainConfig } from '@proof-of-training/core';

/** What is trained: a network on handwritten digits, in windows that a worker proves in seconds. */
export function trainingOf(short: boolean): TrainConfig {
  return parseTrainConfig({
    name: 'Handwritten digits, proven by workers',
    data: { digits: { train: short ? 16 : 512, test: 500, pool: true } },
    layers: short
      ? [{ units: 10, activation: 'softmax' }]
      : [
          { units: 16, activation: 'relu' },
          { units: 10, activation: 'softmax' },
        ],
    loss: 'categoricalCrossentropy',
    learningRate: 0.1,
    batchSize: short ? 4 : 8,
    window: short ? 2 : 8,
    epochs: short ? 2 : 2,
    seed: 1,
    profile: 'compact',
  });
}
