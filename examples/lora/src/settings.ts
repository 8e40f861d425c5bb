/** Sizes of the demonstration: its test takes smaller ones. */
export interface Settings {
  /** 14 x 14 pixels instead of 28 x 28. */
  pool: boolean;
  /** Units of the hidden layer. */
  hidden: number;
  rank: number;
  alpha: number;
  /** Images of all ten digits that the training sets are taken from, and the test sets. */
  train: number;
  test: number;
  /** Passes of the pre-training, in float32. */
  epochs: number;
  /** Fine-tuning: rate, images a step, steps a proof, steps in all. */
  learningRate: number;
  batchSize: number;
  window: number;
  steps: number;
  seed: number;
}

export const DEMO: Settings = {
  pool: false,
  hidden: 32,
  rank: 4,
  alpha: 8,
  train: 4000,
  test: 2000,
  epochs: 3,
  learningRate: 0.1,
  batchSize: 16,
  window: 16,
  steps: 96,
  seed: 1,
};
