/**
 * Exponential tables of docs/protocol/protocol.md section 2, by rational series on BigInt: no floating point anywhere.
 * Every entry is certified: the series' error bound is carried along, and an entry whose rounding the bound does
 * not decide would throw instead of guessing.
 */

const PRECISION = 192n;
const ONE = 1n << PRECISION;

/**
 * exp(-numerator / denominator) as a fixed-point number with 192 fractional bits.
 * The argument is halved until it is below 1/2, the Taylor series of exp(-r) is summed there, and the result squared back.
 *
 * @param numerator >= 0
 * @param denominator > 0
 * @returns floor-like approximation; the absolute error is below 2^-120 for numerator / denominator <= 2^16
 */
export function expNegative(numerator: bigint, denominator: bigint): bigint {
  let halvings = 0n;
  while (2n * numerator > denominator << halvings) halvings += 1n;
  const scaled = denominator << halvings;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n; n += 1n) {
    term = (term * numerator) / (scaled * n);
    sum += n % 2n === 1n ? -term : term;
  }
  for (let i = 0n; i < halvings; i += 1n) sum = (sum * sum) >> PRECISION;
  return sum;
}

/**
 * round((2^p - 1) exp(-numerator / denominator)) to the nearest integer.
 *
 * @throws when the certified error bound cannot tell on which side of a half the value lies
 */
export function expEntry(p: number, numerator: bigint, denominator: bigint): bigint {
  const value = ((1n << BigInt(p)) - 1n) * expNegative(numerator, denominator);
  const half = ONE >> 1n;
  const slack = 1n << (PRECISION - 100n);
  const low = (value - slack + half) >> PRECISION;
  const high = (value + slack + half) >> PRECISION;
  if (low !== high) throw new Error(`exp(-${numerator}/${denominator}) is too close to a half to round`);
  return low;
}

const cache = new Map<string, bigint>();

function cached(p: number, numerator: bigint, denominator: bigint): bigint {
  const key = `${p}/${numerator}/${denominator}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const fresh = expEntry(p, numerator, denominator);
  cache.set(key, fresh);
  return fresh;
}

/** EHI[h] = round((2^p - 1) exp(-h/4)). */
export function expHigh(p: number, h: bigint): bigint {
  return cached(p, h, 4n);
}

/** ELO[l] = round((2^p - 1) exp(-l / 2^a)). */
export function expLow(p: number, a: number, l: bigint): bigint {
  return cached(p, l, 1n << BigInt(a));
}
