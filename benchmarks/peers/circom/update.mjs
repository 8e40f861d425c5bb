/** The update alone as a circom circuit, with an input: W' = W - lr G for `n` weights, W and G secret, W' public. */

/** Weights and gradients with 16 fractional bits, lr = 2^-4; the remainder of each division is range-checked. */
export function updateCircuit(n) {
  return `pragma circom 2.0.0;
template Num2Bits(n) {
  signal input in;
  signal output out[n];
  var lc = 0;
  var e = 1;
  for (var i = 0; i < n; i++) {
    out[i] <-- (in >> i) & 1;
    out[i] * (out[i] - 1) === 0;
    lc += out[i] * e;
    e = e + e;
  }
  lc === in;
}
template Update(n) {
  // 2^16 W - lr G = 2^16 W' + r, 0 <= r < 2^16; the offset keeps the integer that is divided positive.
  signal input W[n];
  signal input G[n];
  signal output Wn[n];
  signal r[n];
  component bits[n];
  var LR = 4096;
  var OFFSET = 1 << 40;
  for (var i = 0; i < n; i++) {
    var t = W[i] * 65536 - LR * G[i] + OFFSET * 65536;
    r[i] <-- t & 65535;
    Wn[i] <== 0 + (t - r[i]) * (1 / 65536) - OFFSET;
    bits[i] = Num2Bits(16);
    bits[i].in <== r[i];
  }
}
component main = Update(${n});
`;
}

const P = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Pseudorandom weights and gradients in [-1, 1), as field elements. */
export function updateInput(n) {
  let state = 12345;
  const element = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    const v = BigInt((state % 131072) - 65536);
    return String(v < 0n ? P + v : v);
  };
  const list = () => Array.from({ length: n }, element);
  return { W: list(), G: list() };
}
