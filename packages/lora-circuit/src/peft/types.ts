import type { PeftConfig } from './schema.js';

/** One linear layer's adapter: the layer gives `W x + (alpha / rank) B A x`. */
export interface PeftModule {
  /** The module's name in the base model, such as `model.layers.0.self_attn.q_proj`. */
  name: string;
  rank: number;
  alpha: number;
  inputs: number;
  outputs: number;
  /** `[rank][inputs]`, row by row. */
  A: Float32Array;
  /** `[outputs][rank]`, row by row; without the factor alpha / rank. */
  B: Float32Array;
}

export interface PeftAdapter {
  config: PeftConfig;
  /** In the order of their names in the file. */
  modules: PeftModule[];
}
