/**
 * Friedman's first regression problem (Friedman 1991, "Multivariate adaptive regression splines"), synthetic and
 * deterministic: ten inputs uniform in [0, 1), of which five matter, and Gaussian noise of deviation 1:
 * `10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5`. Targets are scaled to about [-1, 1]: (y - 14.4) / 12.
 */
export function friedman(seed, samples) {
  let state = (seed * 2654435761) % 2147483647 || 1;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const x = new Float32Array(samples * 10);
  const y = new Float32Array(samples);
  for (let s = 0; s < samples; s++) {
    const v = Array.from({ length: 10 }, random);
    const noise = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const value =
      10 * Math.sin(Math.PI * v[0] * v[1]) + 20 * (v[2] - 0.5) ** 2 + 10 * v[3] + 5 * v[4] + noise;
    x.set(v, 10 * s);
    y[s] = (value - 14.4) / 12;
  }
  return { x, y };
}
