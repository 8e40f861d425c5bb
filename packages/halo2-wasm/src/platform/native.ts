import type { NativeExports } from '../exports.js';

/** The native engine's functions, and how many threads it works with. */
export interface Native {
  addon: NativeExports;
  threads: number;
}
