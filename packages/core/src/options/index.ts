export { checkArgument, checkOptions, type ShapeFor } from './checkOptions.js';
export { nearestName } from './nearest.js';
