/**
 * Poseidon's constants for BN254's scalar field, t = 3, from the Grain LFSR: those of circomlib. The generator is the
 * reference script's (`generate_parameters_grain.sage 1 0 254 3 8 57 r`): Poseidon, Grassi et al., USENIX Security
 * 2021, appendix E (the LFSR) and section 2.3 (the Cauchy matrix).
 */

/** Modulus of BN254's scalar field. */
export const MODULUS = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
export const WIDTH = 3;
export const FULL_ROUNDS = 8;
export const PARTIAL_ROUNDS = 57;

const FIELD_BITS = 254;
const TAPS = [62, 51, 38, 23, 13, 0];

/** The self-shrinking 80-bit LFSR. */
class Grain {
  private readonly state: number[];
  private at = 0;

  constructor() {
    // Field kind (1: prime), S-box (0: power), field bits, t, rounds of both kinds, thirty ones; each in so many bits.
    const fields: [value: number, bits: number][] = [
      [1, 2],
      [0, 4],
      [FIELD_BITS, 12],
      [WIDTH, 12],
      [FULL_ROUNDS, 10],
      [PARTIAL_ROUNDS, 10],
      [2 ** 30 - 1, 30],
    ];
    this.state = fields.flatMap(([value, bits]) =>
      Array.from({ length: bits }, (_, i) => (value >> (bits - 1 - i)) & 1),
    );
    for (let i = 0; i < 160; i++) this.clock();
  }

  private clock(): number {
    const { state, at } = this;
    const bit = TAPS.reduce((sum, tap) => sum ^ state[(at + tap) % 80]!, 0);
    state[at] = bit;
    this.at = (at + 1) % 80;
    return bit;
  }

  /** Bits come in pairs: the second counts where the first is set. */
  private bit(): number {
    while (this.clock() === 0) this.clock();
    return this.clock();
  }

  /** 254 bits, most significant first. */
  number(): bigint {
    let value = 0n;
    for (let i = 0; i < FIELD_BITS; i++) value = (value << 1n) | BigInt(this.bit());
    return value;
  }

  /** A uniform field element: numbers from the modulus on are drawn again. */
  uniform(): bigint {
    for (;;) {
      const value = this.number();
      if (value < MODULUS) return value;
    }
  }
}

export interface PoseidonConstants {
  /** `[round][cell]`. */
  rounds: bigint[][];
  matrix: bigint[][];
}

export function poseidonConstants(): PoseidonConstants {
  const grain = new Grain();
  const row = (make: () => bigint) => Array.from({ length: WIDTH }, make);
  const rounds = Array.from({ length: FULL_ROUNDS + PARTIAL_ROUNDS }, () => row(() => grain.uniform()));
  // For the matrix numbers are reduced, not drawn again.
  const [x, y] = [row(() => grain.number() % MODULUS), row(() => grain.number() % MODULUS)];
  return { rounds, matrix: x.map((a) => y.map((b) => inverse((a + b) % MODULUS))) };
}

/** By Fermat: value^(p-2). */
function inverse(value: bigint): bigint {
  let result = 1n;
  let power = value;
  for (let e = MODULUS - 2n; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * power) % MODULUS;
    power = (power * power) % MODULUS;
  }
  return result;
}
