import type { Engine } from '@proof-of-training/halo2-wasm';
import type { PotConfig } from '../config/schema.js';
import type { ProverMetrics } from '../metrics/proverMetrics.js';

/** What sessions and single steps are told alike about what proves. */
export interface ProverOptions {
  /** Settings of `loadConfig`; the options here go before them. */
  config?: PotConfig;
  /** What proves: `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto` (docs/operate/engines.md). */
  engine?: Engine;
  /** What the running proofs may need together; default: three quarters of the memory that is available. */
  memoryBudgetMb?: number;
  /** Where the prover threads count. */
  metrics?: ProverMetrics;
}
