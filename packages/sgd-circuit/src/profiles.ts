import type { Scales } from './spec.js';

/** Number formats to choose from; docs/protocol/protocol.md section 2, docs/operate/accuracy.md for what they cost in accuracy. */
export const profiles = {
  /** 36-bit weights in 12-bit limbs: as accurate as float32 on the digits. */
  default: { a: 8, d: 14, e: 14, b: 12, p: 12 },
  /** 36-bit weights in 9-bit limbs: small tables, for small circuits (2^10 rows). Inputs below 2. */
  compact: { a: 8, d: 14, e: 14, b: 9, p: 9 },
  /** 42-bit weights in 14-bit limbs: finer activations and learning rates, larger tables. */
  precise: { a: 10, d: 16, e: 16, b: 14, p: 14 },
} as const satisfies Record<string, Scales>;

export type ProfileName = keyof typeof profiles;
