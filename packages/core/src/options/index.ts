export { checkArgument } from '@proof-of-training/sgd-circuit';
export { checkOptions, type ShapeFor } from './checkOptions.js';
export { nearestName } from './nearest.js';
