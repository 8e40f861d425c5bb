export { loraOf, type ModelAdapter, writeAdapters } from './adapters.js';
export { applyLora, registerLora } from './applyLora.js';
export type { AdapterValues, LoraInit } from './init.js';
export { mergeLora } from './mergeLora.js';
export type { LoraOptions } from './options.js';
