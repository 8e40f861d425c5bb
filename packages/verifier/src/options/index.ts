// Checking the options of public functions: which there are, and what each must be.

export { checkArgument } from '@proof-of-training/sgd-circuit';
export { checkOptions, type ShapeFor } from './checkOptions.js';
export * from './kinds.js';
export * as kinds from './kinds.js';
export { nearestName } from './nearest.js';
