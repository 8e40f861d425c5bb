export type { Dtype } from './dtype.js';
export { MAX_HEADER_BYTES } from './header.js';
export { parseSafetensors, type Safetensors, type Tensor } from './parse.js';
export { serialiseSafetensors } from './serialise.js';
