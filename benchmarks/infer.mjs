/**
 * What a network gives, proven: plan, keys, proof, verification. node infer.mjs '[784,128,10]' '{"samples":1,"engine":"native"}'
 *
 * `window`: the shape's rows and columns of weights are those of a window with this batch, as for the weights that a run ended with;
 * without it the planner chooses.
 */
import { randomBytes } from 'node:crypto';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { planSpec, quantiseWeights, ZERO32 } from '@proof-of-training/sgd-circuit';
import { inferenceNetwork } from '@proof-of-training/verifier/run';
import { loadEngine } from './engine.mjs';
import { specFor, timed } from './lib.mjs';

const PROOFS = 3;
const CHECKS = 5;

/** Random weights below 1 / sqrt(inputs), and random inputs from 0 to 1. */
function contents(spec, samples) {
  const layers = spec.layers.map(({ inputs, outputs, bias }, l) => {
    const values = (n) => Float32Array.from({ length: n }, () => (2 * Math.random() - 1) / Math.sqrt(inputs));
    return { name: `layer ${l}`, kernel: values(inputs * outputs), ...(bias && { bias: values(outputs) }) };
  });
  const one = 2 ** spec.scales.a;
  const x = BigInt64Array.from({ length: samples * spec.layers[0].inputs }, () =>
    BigInt(Math.floor(Math.random() * one)),
  );
  const weights = quantiseWeights(spec, layers);
  const tensors = new BigInt64Array(x.length + weights.length);
  tensors.set(x);
  tensors.set(weights, x.length);
  return tensors;
}

const median = (times, name) => times.map((t) => t[name]).sort((a, b) => a - b)[times.length >> 1];

async function measure(widths, { samples, window, profile = 'default', engine }) {
  const halo2 = await loadEngine(engine);
  const unplanned = specFor(widths, { batch: window ?? samples, steps: 1, profile });
  const like = window && planSpec(halo2, unplanned).spec.shape;
  const graph = halo2.denseInference(JSON.stringify(inferenceNetwork(unplanned, samples)));
  const request = {
    kind: 'infer',
    weights: unplanned.loss,
    ...(like && { like: { k: like.k, weightColumns: like.weightColumns } }),
  };
  const planning = timed(() => halo2.planGraph(graph, JSON.stringify(request)));
  const settings = planning.value;
  const { shape } = JSON.parse(settings);
  const srs = await developmentSrs(halo2, shape.k);
  const prover = halo2.graphProver(srs.bytes, graph, settings);
  const keygen = timed(() => prover.keygen());
  const tensors = contents(unplanned, samples);
  const proofs = Array.from({ length: PROOFS }, () =>
    timed(() =>
      prover.prove(
        { context: ZERO32 },
        { tensors, weightsSalt: randomBytes(32), inputsSalt: randomBytes(32) },
      ),
    ),
  );
  const { statement, proof } = proofs[0].value;
  const verifier = halo2.graphProver(srs.bytes, graph, settings);
  const verifyingKey = timed(() => verifier.vkDigest());
  const bytes = new Uint8Array(Buffer.from(proof, 'base64url'));
  const checks = Array.from({ length: CHECKS }, () =>
    timed(() => verifier.verify(JSON.stringify(statement), bytes)),
  );
  return {
    shape,
    planningMs: planning.ms,
    keygenMs: keygen.ms,
    verifyingKeyMs: verifyingKey.ms,
    provingMs: median(proofs, 'ms'),
    provingCpuMs: median(proofs, 'cpuMs'),
    verifyingMs: median(checks, 'ms'),
    proofBytes: bytes.length,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

const [widths, options] = process.argv.slice(2).map((v) => JSON.parse(v));
console.log(JSON.stringify(await measure(widths, options)));
