export {
  type AdapterFiles,
  CONFIG_FILE,
  MAX_ADAPTER_BYTES,
  parsePeftAdapter,
  serialisePeftAdapter,
  WEIGHTS_FILE,
} from './adapter.js';
export { MAX_CONFIG_BYTES, parsePeftConfig } from './config.js';
export { createPeftAdapter, type NewPeftAdapter } from './create.js';
export { matchPeftModules, type NamedLayer, type PeftBase } from './match.js';
export {
  type Dtype,
  MAX_HEADER_BYTES,
  parseSafetensors,
  type Safetensors,
  serialiseSafetensors,
  type Tensor,
} from './safetensors/index.js';
export type { PeftConfig } from './schema.js';
export type { PeftAdapter, PeftModule } from './types.js';
