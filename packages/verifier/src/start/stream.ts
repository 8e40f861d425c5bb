import { sha256, uint64 } from '../hash/sha256.js';

/** Random bytes that anyone can make again from a public seed: block i is SHA-256(seed, tensor, i), numbers big-endian. */
export class SeedStream {
  private block: DataView = new DataView(new ArrayBuffer(0));
  private at = 0;
  private count = 0n;
  private spare: number | undefined;

  /**
   * @param seed 32 bytes
   * @param tensor number of the tensor: each has a stream of its own, so that none depends on another's size
   */
  constructor(
    private readonly seed: Uint8Array,
    private readonly tensor: number,
  ) {}

  /** A multiple of 2^-53 in [0, 1): the first 53 of the next 64 bits. */
  uniform(): number {
    if (this.at === this.block.byteLength) this.next();
    const bits = this.block.getBigUint64(this.at) >> 11n;
    this.at += 8;
    return Number(bits) / 2 ** 53;
  }

  /** Of mean 0 and deviation 1: Marsaglia's polar method, as TensorFlow.js has it; two at a time. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const a = 2 * this.uniform() - 1;
      const b = 2 * this.uniform() - 1;
      const s = a * a + b * b;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * naturalLog(s)) / s);
      this.spare = b * factor;
      return a * factor;
    }
  }

  private next(): void {
    // The tensor's number in 4 bytes, then the block's in 8.
    const digest = sha256(this.seed, uint64(this.tensor).subarray(4), uint64(this.count++));
    this.block = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    this.at = 0;
  }
}

/** Last term of the series: the next one is below 2^-60 of the sum for |z| <= 1/5. */
const TERMS = 13;

/**
 * ln x of a normal double x > 0 by additions, multiplications and divisions alone, which are the same in every engine; the
 * last bits of Math.log are not. x = m 2^e with m in [2/3, 4/3); ln m = 2 (z + z^3/3 + ...), z = (m - 1)/(m + 1).
 */
export function naturalLog(x: number): number {
  let m = x;
  let e = 0;
  for (; m >= 4 / 3; e++) m /= 2;
  for (; m < 2 / 3; e--) m *= 2;
  const z = (m - 1) / (m + 1);
  const square = z * z;
  let sum = 0;
  for (let n = TERMS; n >= 0; n--) sum = sum * square + 1 / (2 * n + 1);
  return 2 * z * sum + e * Math.LN2;
}
