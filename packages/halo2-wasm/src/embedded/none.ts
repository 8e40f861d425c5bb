/** A bundle finds this package's files by their addresses: no copies. */
import type { Embedded } from './types.js';

export type { Name } from './types.js';
export const embedded: Embedded | undefined = undefined;
