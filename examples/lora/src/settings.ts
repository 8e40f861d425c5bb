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
  pool: true,
  hidden: 32,
  rank: 8,
  alpha: 16,
  train: 4000,
  test: 2000,
  epochs: 3,
  learningRate: 0.075,
  batchSize: 8,
  // As many as fit into 2^14 rows, those of the ceremony's string.
  window: 8,
  steps: 160,
  seed: 1,
};

/** The same with four windows. */
export const SHORT: Settings = { ...DEMO, steps: 4 * DEMO.window };
