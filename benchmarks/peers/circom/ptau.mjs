/**
 * A prepared powers-of-tau file for circuits whose domain has exactly 2^k points, from secrets that
 * stand below: INSECURE, for measuring only. snarkjs's own preparation takes many minutes at 2^15; this a minute or two.
 */
import { open, rename } from 'node:fs/promises';

const [TAU, ALPHA, BETA] = [0x123456789abcdef0fedcba987654321n, 0xa1fan, 0xbe7an];
const WINDOW = 8;

/** Writes the file. `ffjavascript`: the module that snarkjs does its arithmetic with. */
export async function writePtau(ffjavascript, path, k) {
  const curve = await ffjavascript.buildBn128(true);
  const { G1, G2, F1, r } = curve;
  const [times1, times2] = [fixedBase(G1), fixedBase(G2)];
  const [values, finer] = [lagrange(curve, k), lagrange(curve, k + 1)];
  const header = new Uint8Array(4 + F1.n8 + 8);
  const view = new DataView(header.buffer);
  view.setUint32(0, F1.n8, true);
  ffjavascript.Scalar.toRprLE(header, 4, curve.q, F1.n8);
  view.setUint32(4 + F1.n8, k, true);
  view.setUint32(8 + F1.n8, k, true);
  const scaled = (by) => times1(values.map((v) => (v * by) % r));
  // Prepared sections hold every smaller power first: a hole here.
  const hole = 2 ** k - 1;
  const sections = [
    [1, 0, header],
    [2, 0, times1([1n])],
    [3, 0, times2([1n])],
    [4, 0, times1([ALPHA])],
    [5, 0, times1([BETA])],
    [6, 0, times2([BETA])],
    [7, 0, new Uint8Array(4)],
    [12, hole * 64, times1([...values, ...finer])],
    [13, hole * 128, times2(values)],
    [14, hole * 64, scaled(ALPHA)],
    [15, hole * 64, scaled(BETA)],
  ];
  await curve.terminate();
  const file = await open(`${path}.tmp`, 'w');
  try {
    await file.write(prefix('ptau', 1, sections.length), 0, 12, 0);
    let at = 12;
    for (const [id, empty, data] of sections) {
      const head = new DataView(new ArrayBuffer(12));
      head.setUint32(0, id, true);
      head.setBigUint64(4, BigInt(empty + data.length), true);
      await file.write(new Uint8Array(head.buffer), 0, 12, at);
      await file.write(data, 0, data.length, at + 12 + empty);
      at += 12 + empty + data.length;
    }
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

function prefix(magic, version, sections) {
  const view = new DataView(new ArrayBuffer(12));
  [...magic].forEach((c, i) => {
    view.setUint8(i, c.charCodeAt(0));
  });
  view.setUint32(4, version, true);
  view.setUint32(8, sections, true);
  return new Uint8Array(view.buffer);
}

/** Lagrange polynomials of the domain of 2^k points at tau. */
function lagrange({ Fr, r }, k) {
  const n = 2 ** k;
  const root = Fr.toObject(Fr.w[k]);
  const top = ((power(TAU, BigInt(n), r) - 1n) * power(BigInt(n), r - 2n, r)) % r;
  const points = [1n];
  for (let i = 1; i < n; i++) points.push((points[i - 1] * root) % r);
  const inverses = invertAll(
    points.map((w) => (TAU - w + r) % r),
    r,
  );
  return points.map((w, i) => (((top * w) % r) * inverses[i]) % r);
}

/** Multiples of a group's generator by table look-ups; gives affine points as ptau files have them. */
function fixedBase(G) {
  const tables = [];
  for (let base = G.g, bit = 0; bit < 256; bit += WINDOW) {
    const row = [G.zero];
    for (let i = 1; i < 2 ** WINDOW; i++) row.push(G.add(row[i - 1], base));
    tables.push(row);
    base = G.add(row.at(-1), base);
  }
  const size = G.F.n8 * 2;
  return (scalars) => {
    const out = new Uint8Array(scalars.length * size);
    scalars.forEach((scalar, n) => {
      let sum = G.zero;
      for (let w = 0, rest = scalar; rest > 0n; w++, rest >>= BigInt(WINDOW)) {
        sum = G.add(sum, tables[w][Number(rest & 255n)]);
      }
      G.toRprLEM(out, n * size, sum);
    });
    return out;
  };
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus) {
    if (e & 1n) result = (result * b) % modulus;
  }
  return result;
}

function invertAll(values, modulus) {
  const products = [1n];
  for (const v of values) products.push((products.at(-1) * v) % modulus);
  let inverse = power(products.at(-1), modulus - 2n, modulus);
  const out = new Array(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    out[i] = (inverse * products[i]) % modulus;
    inverse = (inverse * values[i]) % modulus;
  }
  return out;
}
