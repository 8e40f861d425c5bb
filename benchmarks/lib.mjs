import { randomBytes } from 'node:crypto';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { initialCheckpoint, optimizerNumbers, quantiseBase } from '@proof-of-training/lora-circuit';
import {
  learningRateToEta,
  planSpec,
  profiles,
  quantiseWeights,
  stateCount,
  weightCount,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import { ColumnDigests, poseidonPair } from '@proof-of-training/verifier/run';
import { loadEngine } from './engine.mjs';
import { adapterFields, localData, randomAdapters } from './loraWindow.mjs';

/** Milliseconds of a call by the clock and by the processor (other processes do not count there), and its value. */
export function timed(call) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const value = call();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, value };
}

/**
 * A window circuit's specification for a network of these widths. `loss`: softmax cross-entropy unless MSE is asked for.
 * `adapters`: `{ rank, alpha, local, optimizer }`, for a frozen base with an adapter on every layer; `optimizer` as
 * `optimizerNumbers` takes it, without the learning rate.
 */
export function specFor(
  widths,
  {
    batch,
    steps,
    profile = 'default',
    loss = 'softmaxCrossEntropy',
    bias = true,
    adapters,
    learningRate = LEARNING_RATE,
  },
) {
  const last = loss === 'meanSquaredError' ? 'linear' : 'softmax';
  const layers = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l],
    outputs,
    activation: l === widths.length - 2 ? last : 'relu',
    bias,
  }));
  const spec = {
    kind: 'window',
    mode: 'exact',
    layers,
    loss,
    batch,
    steps,
    scales: profiles[profile],
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 0,
    ...(adapters && adapterFields(layers, profiles[profile], adapters)),
  };
  if (!adapters?.optimizer) return spec;
  const { optimizer } = optimizerNumbers(spec, { ...adapters.optimizer, learningRate });
  return { ...spec, lora: { ...spec.lora, optimizer } };
}

/** Where a case does not say. */
const LEARNING_RATE = 0.125;

/** Glorot-uniform weights. */
function randomLayers({ layers }) {
  return layers.map(({ inputs, outputs, bias }, l) => {
    const limit = Math.sqrt(6 / (inputs + outputs));
    const kernel = Float32Array.from({ length: inputs * outputs }, () => (2 * Math.random() - 1) * limit);
    return { name: `layer${l}`, kernel, ...(bias && { bias: new Float32Array(outputs) }) };
  });
}

/** What is trained, as integers: the weights, or the adapters with the optimiser's state, 0. */
export function randomCheckpoint(spec) {
  return spec.lora
    ? initialCheckpoint(spec, randomAdapters(spec))
    : quantiseWeights(spec, randomLayers(spec));
}

/** Digits (or, for other widths, random pixels) as integers for one window. One-hot labels in units of 1, MSE targets of 2^a. */
export async function windowData(spec) {
  if (spec.lora?.local) return localData(spec);
  const samples = spec.batch * spec.steps;
  const inputs = spec.layers[0].inputs;
  const outputs = spec.layers.at(-1).outputs;
  const one = spec.loss === 'meanSquaredError' ? 2 ** spec.scales.a : 1;
  if (inputs === 784 && outputs === 10) {
    // Here, so that measurements without them do not hold the 10,000 images in memory.
    const { loadDigits } = await import('@proof-of-training/core');
    const { train } = loadDigits({ test: 0, train: samples });
    return {
      x: Int32Array.from(train.x, (v) => Math.round(v * 2 ** spec.scales.a)),
      y: Int32Array.from(train.y, (v) => v * one),
    };
  }
  const x = Int32Array.from({ length: samples * inputs }, () =>
    Math.floor(Math.random() * 2 ** spec.scales.a),
  );
  const y = new Int32Array(samples * outputs);
  for (let s = 0; s < samples; s++) y[s * outputs + Math.floor(Math.random() * outputs)] = one;
  return { x, y };
}

/** One window's specification, weights, batches and salts, with the weights that the integer executor makes of them. */
export async function windowCase(halo2, widths, options) {
  const { spec, info } = planSpec(halo2, specFor(widths, options), constraintsOf(options));
  const { eta } = learningRateToEta(spec, options.learningRate ?? LEARNING_RATE);
  const first = randomCheckpoint(spec);
  const base = spec.lora?.local === false ? quantiseBase(spec, randomLayers(spec)) : undefined;
  const data = await windowData(spec);
  const executor = halo2.executor(JSON.stringify(spec), first, base);
  const width = { x: spec.batch * spec.layers[0].inputs, y: spec.batch * spec.layers.at(-1).outputs };
  const step = (t, number) =>
    executor.step(
      data.x.slice(t * width.x, (t + 1) * width.x),
      data.y.slice(t * width.y, (t + 1) * width.y),
      eta,
      BigInt(number),
    );
  // A state as in the middle of a run, not 0.
  const firstStep = stateCount(spec) > 0 ? 1 : 0;
  if (firstStep > 0) step(0, 0);
  const w0 = executor.weights();
  const stepping = timed(() => {
    for (let t = 0; t < spec.steps; t++) step(t, firstStep + t);
  });
  const wK = executor.weights();
  executor.free();
  const [salt0, saltK, dataSalt] = [0, 1, 2].map(() => new Uint8Array(randomBytes(32)));
  const stepMs = stepping.ms / spec.steps;
  return { spec, info, eta, firstStep, w0, base, wK, ...data, salt0, saltK, dataSalt, stepMs };
}

/** Of all proofs here: that of new runs. */
const TRANSCRIPT = 'poseidon';

/** The public inputs of a window, its digests given; `base` where there is one. */
export function publicInputs({ eta, firstStep }, digests) {
  return { runId: ZERO32, firstStep, epoch: 0, eta: eta.toString(), ...digests };
}

/** What the planner may not choose. */
export const constraintsOf = ({ weightColumns }) => (weightColumns ? { weightColumns } : {});

/** Proves and verifies one window with an engine of engine.mjs; gives times (ms), sizes (bytes) and the plan. */
export async function proveOnce(widths, options) {
  const halo2 = await loadEngine(options.engine ?? 'wasm');
  const c = await windowCase(halo2, widths, options);
  const { spec } = c;
  const srs = await developmentSrs(halo2, spec.shape.k);
  const peakBefore = peakBytes();
  const prover = halo2.prover(srs.bytes);
  const specJson = JSON.stringify(spec);
  const digests = new ColumnDigests(poseidonPair);
  const commit = {
    after: () => prover.commitWeights(specJson, c.wK, c.saltK),
    data: () => prover.commitData(specJson, c.x, c.y, c.dataSalt),
  };
  const before = prover.commitWeights(specJson, c.w0, c.salt0);
  // Once for all windows and runs on this base.
  const base = c.base && timed(() => prover.commitBase(specJson, c.base, PUBLIC));
  const committing = timed(() => ({
    weightsIn: digests.weights(spec, before),
    weightsOut: digests.weights(spec, commit.after()),
    data: digests.data(spec, commit.data()),
    ...(base && { base: digests.base(spec, base.value) }),
  }));
  const statement = JSON.stringify(publicInputs(c, committing.value));
  const keygen = timed(() => prover.keygen(specJson));
  const { w0, salt0, saltK, x, y, dataSalt } = c;
  const witness = {
    w0,
    salt0,
    wK: new BigInt64Array(0),
    saltK,
    x,
    y,
    dataSalt,
    base: c.base,
    baseSalt: PUBLIC,
  };
  // What a window of a run costs: the commitment to the weights before it is that of the window before.
  const proofs = repeated(PROOFS, () => {
    const points = { before, after: commit.after(), data: commit.data(), base: base?.value };
    return prover.proveWindow(specJson, statement, { ...witness, points }, TRANSCRIPT);
  });
  const proof = proofs[0].value;
  prover.verify(specJson, statement, proof, TRANSCRIPT);
  const checks = repeated(CHECKS, () => prover.verify(specJson, statement, proof, TRANSCRIPT));
  const result = {
    weights: weightCount(spec),
    shape: spec.shape,
    plan: c.info,
    runs: proofs.length,
    stepMs: c.stepMs,
    commitMs: committing.ms,
    ...(base && { baseCommitMs: base.ms }),
    keygenMs: keygen.ms,
    keygenCpuMs: keygen.cpuMs,
    provingMs: median(proofs, 'ms'),
    provingCpuMs: median(proofs, 'cpuMs'),
    verifyingMs: median(checks, 'ms'),
    verifyingCpuMs: median(checks, 'cpuMs'),
    verifyingLeastMs: Math.min(...checks.map((r) => r.ms)),
    proofBytes: proof.length,
    memoryBytes: halo2.memoryBytes,
    peakBeforeBytes: peakBefore,
    peakBytes: peakBytes(),
  };
  prover.free();
  await halo2.close?.();
  return result;
}

/** The salt of a base that anyone may compute the digest of. */
const PUBLIC = new Uint8Array(32);
/** How often a proof is made: `atMost` times, until `enoughMs` are spent. */
const PROOFS = { atMost: 5, enoughMs: 3000 };
const CHECKS = { atMost: 15, enoughMs: 2000 };

function repeated({ atMost, enoughMs }, call) {
  const runs = [];
  for (
    let spent = 0;
    runs.length < atMost && (runs.length === 0 || spent < enoughMs);
    spent += runs.at(-1).ms
  ) {
    runs.push(timed(call));
  }
  return runs;
}

function median(runs, field) {
  const sorted = runs.map((r) => r[field]).sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Most memory that this process has held, in bytes. */
function peakBytes() {
  return process.resourceUsage().maxRSS * 1024;
}
