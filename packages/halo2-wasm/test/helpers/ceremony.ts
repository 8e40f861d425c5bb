/** Plain arithmetic of BN254's base field, apart from the library's own: what the ceremony's file is checked against. */

/** The base field's modulus. */
export const Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;

type Fq2 = readonly [bigint, bigint];

const mod = (a: bigint) => ((a % Q) + Q) % Q;

function pow(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % Q) if (e & 1n) result = (result * b) % Q;
  return result;
}

/** Throws where there is none: then no point has this x. */
function sqrt(a: bigint): bigint {
  const root = pow(a, (Q + 1n) / 4n);
  if ((root * root) % Q !== mod(a)) throw new Error('no square root');
  return root;
}

const mul = ([a, b]: Fq2, [c, d]: Fq2): Fq2 => [mod(a * c - b * d), mod(a * d + b * c)];

/** By the square root of the norm: (a + b u) = (x + y u)^2 with x^2 = (a + |.|) / 2. */
function sqrt2([a, b]: Fq2): Fq2 {
  const norm = sqrt(mod(a * a + b * b));
  const half = (Q + 1n) / 2n;
  for (const n of [norm, Q - norm]) {
    const square = mod((a + n) * half);
    const x = pow(square, (Q + 1n) / 4n);
    if ((x * x) % Q !== square || x === 0n) continue;
    const root: Fq2 = [x, mod(b * half * pow(x, Q - 2n))];
    const [c, d] = mul(root, root);
    if (c === a && d === b) return root;
  }
  throw new Error('no square root');
}

const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const little = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex').reverse();

const G2 = [
  10857046999023057135944570762232829481370756359578518086990519993285655852781n,
  11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  8495653923123431417604973247489272438418190587263600148770280649306958101930n,
  4082367875863433681332203403145435568316851327593401208105741076214120093531n,
];
/** 3 / (9 + u). */
const B2: Fq2 = [
  19485874751759354771024239261021720505790618469301721065564631296452457478373n,
  266929791119991161246907387137283842545076965332900288569378510910307636690n,
];

/** The file's points uncompressed: x, y of each power; then [1]_2 and [tau]_2, each x.c0, x.c1, y.c0, y.c1. */
export function expand(file: Uint8Array): Buffer {
  const powers = (file.length - 64) / 32;
  const out: Buffer[] = [];
  for (let i = 0; i < powers; i++) {
    const [x, odd] = split(file.subarray(32 * i, 32 * i + 32));
    const y = sqrt(mod(x * x * x + 3n));
    out.push(little(x), little((y & 1n) === odd ? y : Q - y));
  }
  out.push(...G2.map(little));
  const c0 = number(file.subarray(32 * powers, 32 * powers + 32));
  const [c1, odd] = split(file.subarray(32 * powers + 32));
  const x: Fq2 = [c0, c1];
  const [r, i] = mul(x, mul(x, x));
  const y = sqrt2([mod(r + B2[0]), mod(i + B2[1])]);
  const sign = (y[0] & 1n) === odd ? y : ([mod(-y[0]), mod(-y[1])] as const);
  out.push(...[...x, ...sign].map(little));
  return Buffer.concat(out);
}

/** An x and the bit above it. */
function split(bytes: Uint8Array): [bigint, bigint] {
  const all = number(bytes);
  return [all & ((1n << 254n) - 1n), (all >> 254n) & 1n];
}

/** A powers-of-tau file of the first 2^k powers, which says that it has 2^power. */
export function ptauOf(raw: Buffer, power: number, k: number): Uint8Array {
  const montgomery = (at: number) => little((number(raw.subarray(at, at + 32)) << 256n) % Q);
  const coordinates = (from: number, count: number) =>
    Buffer.concat(Array.from({ length: count }, (_, i) => montgomery(from + 32 * i)));
  const u32 = (n: number) => Buffer.from(Uint32Array.of(n).buffer);
  const section = (kind: number, body: Buffer) =>
    Buffer.concat([u32(kind), Buffer.from(BigUint64Array.of(BigInt(body.length)).buffer), body]);
  return Buffer.concat([
    Buffer.from('ptau'),
    u32(1),
    u32(3),
    section(1, Buffer.concat([u32(32), little(Q), u32(power), u32(power)])),
    section(2, coordinates(0, 2 << k)),
    section(3, coordinates(raw.length - 256, 8)),
  ]);
}

/** As arkworks writes the parameters of KZG10 (uncompressed), with the first `count` powers. */
export function arkworksOf(raw: Buffer, count: number): Uint8Array {
  const u64 = (n: number) => Buffer.from(BigUint64Array.of(BigInt(n)).buffer);
  const flagged = (point: Buffer) => {
    const out = Buffer.from(point);
    const half = out.length / 2;
    // Of y; in G2 the second coordinate decides, and the first where that is 0.
    const parts = Array.from({ length: half / 32 }, (_, i) =>
      number(out.subarray(half + 32 * i, half + 32 * i + 32)),
    );
    const deciding = parts.reverse().find((c) => c !== 0n) ?? 0n;
    if (deciding > (Q - 1n) / 2n) out[out.length - 1]! |= 0x80;
    return out;
  };
  const powers = Array.from({ length: count }, (_, i) => flagged(raw.subarray(64 * i, 64 * i + 64)));
  const [h, tau] = [256, 128].map((back) =>
    flagged(raw.subarray(raw.length - back, raw.length - back + 128)),
  );
  return new Uint8Array(Buffer.concat([u64(count), ...powers, u64(0), h!, tau!, u64(0)]));
}

const G1 = Buffer.concat([little(1n), little(2n)]);
const H = Buffer.concat(G2.map(little));

/** 128 powers of a ceremony to which nobody contributed, in the form of {@link expand}. */
export const UNTOUCHED = Buffer.concat([...Array.from({ length: 128 }, () => G1), H, H]);

/** The same powers of -1. */
export function negated(raw: Buffer): Buffer {
  const out = Buffer.from(raw);
  const flip = (at: number) => little(mod(-number(raw.subarray(at, at + 32)))).copy(out, at);
  const end = raw.length - 256;
  for (let at = 64; at < end; at += 128) flip(at + 32);
  flip(raw.length - 64);
  flip(raw.length - 32);
  return out;
}
