import { Worker, isMainThread, workerData } from 'node:worker_threads';
if (!isMainThread) {
  const { sab, good, bad, ctl } = workerData; const v = new Uint8Array(sab), c = new Int32Array(ctl);
  for (let seen = 0;;) { while (Atomics.load(c, 0) === seen); seen = Atomics.load(c, 0); const end = performance.now() + Atomics.load(c, 1) / 1000; while (performance.now() < end); v.set(bad); }
} else {
  const { loadProver } = await import('../../packages/halo2-wasm/dist/index.js');
  const { planSpec, profiles, learningRateToEta, ZERO32 } = await import('../../packages/sgd-circuit/dist/index.js');
  const { ColumnDigests } = await import('../../packages/core/dist/run/columnDigests.js');
  const { circomlibPair } = await import('../../packages/core/dist/commit/poseidon.js');
  const halo2 = await loadProver({ engine: 'native' });
  const { spec } = planSpec(halo2, { kind: 'window', mode: 'exact', layers: [{ inputs: 6, outputs: 5, activation: 'relu', bias: true }, { inputs: 5, outputs: 3, activation: 'softmax', bias: true }], loss: 'softmaxCrossEntropy', batch: 4, steps: 2, scales: profiles.compact, xOffset: 0, yOffset: 0, toleranceLimbs: 0 });
  const specJson = JSON.stringify(spec);
  const prover = halo2.prover(halo2.srsDevelopment ? halo2.srsDevelopment(spec.shape.k) : halo2.developmentSrs(spec.shape.k));
  const N = spec.layers.reduce((a, l) => a + l.outputs * (l.inputs + 1), 0);
  const w0 = BigInt64Array.from({ length: N }, (_, i) => BigInt((i * 7919) % 1000) << BigInt(10));
  const x = Int32Array.from({ length: 8 * 6 }, (_, i) => (i * 37) % 100);
  const y = new Int32Array(8 * 3); for (let i = 0; i < 8; i++) y[i * 3 + (i % 3)] = 1;
  const { eta } = learningRateToEta(spec, 0.125);
  const ex = halo2.executor(specJson, w0); for (let t = 0; t < 2; t++) ex.step(x.slice(t * 24, t * 24 + 24), y.slice(t * 12, t * 12 + 12), eta);
  const wK = ex.weights(); const b = (n) => new Uint8Array(32).fill(n);
  const d = new ColumnDigests(await circomlibPair());
  const p0 = prover.commitWeights(specJson, w0, b(1)), pk = prover.commitWeights(specJson, wK, b(2)), pd = prover.commitData(specJson, x, y, b(3));
  const pub = { runId: ZERO32, firstStep: 0, epoch: 0, eta: eta.toString(), weightsIn: d.weights(spec, p0), weightsOut: d.weights(spec, pk), data: d.data(spec, pd) };
  const publicJson = JSON.stringify(pub);
  const proof = prover.proveWindow(specJson, publicJson, { w0, salt0: b(1), wK: new BigInt64Array(0), saltK: b(2), x, y, dataSalt: b(3), points: { before: p0, after: pk, data: pd } });
  console.log('proof', proof.length, prover.verify(specJson, publicJson, proof).ok);
  const good = proof.slice(0, 32), bad = proof.slice(32, 64);
  const sab = new SharedArrayBuffer(proof.length); const v = new Uint8Array(sab); v.set(proof);
  const code = () => { try { prover.verify(specJson, publicJson, v); return 'ok'; } catch (e) { return e.code; } };
  const still = proof.slice(); still.set(bad); v.set(bad); console.log('other first commitment, at rest:', code()); v.set(good); console.log('at rest:', code());
  const ctl = new SharedArrayBuffer(8), c = new Int32Array(ctl);
  const w = new Worker(new URL(import.meta.url), { workerData: { sab, good, bad, ctl } });
  await new Promise((r) => setTimeout(r, 300));
  const count = {}, hits = {}; for (let i = 0; i < 1500; i++) { v.set(good); Atomics.store(c, 1, (i * 7) % 3000); Atomics.add(c, 0, 1); const k = code(); count[k] = (count[k] ?? 0) + 1; { const b = Math.floor(((i * 7) % 3000) / 250) * 250; hits[b] ??= {}; hits[b][k] = (hits[b][k] ?? 0) + 1; await new Promise((r) => setTimeout(r, 4)); } }
  console.log('first commitment swapped once, some microseconds after the call:', count, hits); await w.terminate(); process.exit(0);
  // salts and weights of the wrong kind
  for (const [name, points] of [['swapped', { before: pk, after: p0, data: pd }], ['too many', { before: Buffer.concat([p0, p0]) }], ['other salt', { before: prover.commitWeights(specJson, w0, b(9)) }], ['reversed', { before: Uint8Array.from(Buffer.concat([p0.slice(32), p0.slice(0, 32)])) }]]) {
    try { prover.proveWindow(specJson, publicJson, { w0, salt0: b(1), wK: new BigInt64Array(0), saltK: b(2), x, y, dataSalt: b(3), points }); console.log(name, 'PROVED'); } catch (e) { console.log(name, e.code); }
  }
  // consistent with a public digest, but of other contents
  const other = prover.commitWeights(specJson, w0, b(9)); const pub2 = JSON.stringify({ ...pub, weightsIn: d.weights(spec, other) });
  try { const q = prover.proveWindow(specJson, pub2, { w0, salt0: b(1), wK: new BigInt64Array(0), saltK: b(2), x, y, dataSalt: b(3), points: { before: other } }); let c = 'ok'; try { prover.verify(specJson, pub2, q); } catch (e) { c = e.code; } console.log('other salt with its digest: a proof comes back; verify says', c); } catch (e) { console.log('other salt with digest', e.code); }
  await w.terminate(); process.exit(0);
}
