import { randomBytes } from 'node:crypto';
import { loadDigits } from '@proof-of-training/core';
import { ColumnDigests, circomlibPair } from '@proof-of-training/core/internal';
import {
  learningRateToEta,
  planSpec,
  profiles,
  quantiseWeights,
  weightCount,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import { loadProver } from 'halo2-wasm';
import { developmentSrs } from 'halo2-wasm/node';

/** Milliseconds of a call by the clock and by the processor (other processes do not count there), and its value. */
export function timed(call) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const value = call();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, value };
}

/** A window circuit's specification for a network of these widths. */
export function specFor(widths, { batch, steps, profile = 'default' }) {
  const layers = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l],
    outputs,
    activation: l === widths.length - 2 ? 'softmax' : 'relu',
    bias: true,
  }));
  return {
    kind: 'window',
    mode: 'exact',
    layers,
    loss: 'softmaxCrossEntropy',
    batch,
    steps,
    scales: profiles[profile],
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 0,
  };
}

/** Glorot-uniform weights, as integers. */
export function randomWeights(spec) {
  return quantiseWeights(
    spec,
    spec.layers.map(({ inputs, outputs }, l) => {
      const limit = Math.sqrt(6 / (inputs + outputs));
      const kernel = Float32Array.from({ length: inputs * outputs }, () => (2 * Math.random() - 1) * limit);
      return { name: `layer${l}`, kernel, bias: new Float32Array(outputs) };
    }),
  );
}

/** Digits (or, for other widths, random pixels) as integers for one window. */
export function windowData(spec) {
  const samples = spec.batch * spec.steps;
  const inputs = spec.layers[0].inputs;
  const outputs = spec.layers.at(-1).outputs;
  if (inputs === 784 && outputs === 10) {
    const { train } = loadDigits({ test: 0, train: samples });
    return {
      x: Int32Array.from(train.x, (v) => Math.round(v * 2 ** spec.scales.a)),
      y: Int32Array.from(train.y),
    };
  }
  const x = Int32Array.from({ length: samples * inputs }, () =>
    Math.floor(Math.random() * 2 ** spec.scales.a),
  );
  const y = new Int32Array(samples * outputs);
  for (let s = 0; s < samples; s++) y[s * outputs + Math.floor(Math.random() * outputs)] = 1;
  return { x, y };
}

/**
 * Proves and verifies one window; gives times (ms), sizes (bytes) and the planner's info. `engine`: default wasm;
 * `threads` of the native engine: default all cores.
 */
export async function proveOnce(widths, options) {
  const { engine = 'wasm' } = options;
  const halo2 = await loadProver({ engine, threads: engine === 'wasm' ? (options.threads ?? 1) : 1 });
  const { spec, info } = planSpec(halo2, specFor(widths, options));
  const srs = await developmentSrs(halo2, spec.shape.k);
  const prover = halo2.prover(srs.bytes, { threads: options.threads ?? 0 });
  const specJson = JSON.stringify(spec);
  const { eta } = learningRateToEta(spec, options.learningRate ?? 0.125);
  const w0 = randomWeights(spec);
  const data = windowData(spec);
  const executor = halo2.executor(specJson, w0);
  const width = { x: spec.batch * spec.layers[0].inputs, y: spec.batch * spec.layers.at(-1).outputs };
  const stepping = timed(() => {
    for (let t = 0; t < spec.steps; t++) {
      executor.step(
        data.x.slice(t * width.x, (t + 1) * width.x),
        data.y.slice(t * width.y, (t + 1) * width.y),
        eta,
      );
    }
  });
  const wK = executor.weights();
  const [salt0, saltK, dataSalt] = [0, 1, 2].map(() => new Uint8Array(randomBytes(32)));
  const digests = new ColumnDigests(await circomlibPair());
  const statement = JSON.stringify({
    runId: ZERO32,
    firstStep: 0,
    epoch: 0,
    eta: eta.toString(),
    weightsIn: digests.weights(spec, prover.commitWeights(specJson, w0, salt0)),
    weightsOut: digests.weights(spec, prover.commitWeights(specJson, wK, saltK)),
    data: digests.data(spec, prover.commitData(specJson, data.x, data.y, dataSalt)),
  });
  const keygen = timed(() => prover.keygen(specJson));
  const witness = { w0, salt0, wK: new BigInt64Array(0), saltK, ...data, dataSalt };
  const proving = timed(() => prover.proveWindow(specJson, statement, witness));
  prover.verify(specJson, statement, proving.value);
  const verifying = timed(() => prover.verify(specJson, statement, proving.value));
  executor.free();
  prover.free();
  return {
    weights: weightCount(spec.layers),
    shape: spec.shape,
    info,
    stepMs: stepping.ms / spec.steps,
    keygenMs: keygen.ms,
    provingMs: proving.ms,
    provingCpuMs: proving.cpuMs,
    verifyingMs: verifying.cpuMs,
    proofBytes: proving.value.length,
    memoryBytes: halo2.memoryBytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** A line of the result table. */
export function row(name, r) {
  const s = (ms) => `${(ms / 1000).toFixed(2)} s`;
  return [
    name.padEnd(34),
    `k=${r.shape.k}`.padEnd(5),
    `prove ${s(r.provingMs)} (CPU ${s(r.provingCpuMs)})`.padEnd(30),
    `key ${s(r.keygenMs)}`.padEnd(13),
    `verify ${r.verifyingMs.toFixed(0)} ms`.padEnd(14),
    `proof ${r.proofBytes} B`.padEnd(14),
    `memory ${(r.memoryBytes / 2 ** 20).toFixed(0)} MiB`,
  ].join(' ');
}
