import { loadWithThreads, PotError } from '@proof-of-training/halo2-wasm';
import {
  checkModel,
  commitModel,
  proveInference,
  proveRange,
  readOnnx,
  verifyInference,
} from '@proof-of-training/inference/node';
import { inputWidth, outputWidth, quantiseInputs } from '@proof-of-training/sgd-circuit';
import { readOpening } from '@proof-of-training/verifier';
import { type CheckpointOpening, decodeOpening, parseInference } from '@proof-of-training/verifier/files';
import { openCommitment } from '@proof-of-training/verifier/node';
import { inferenceNetwork } from '@proof-of-training/verifier/run';
import type { Inspected, Job, JobOf, ModelSource, OnnxSource, Opened, Results, Setup, Take } from './job.js';

/** Does one job. Errors: those of the functions that do it. */
export async function perform(setup: Setup, job: Job, take: Take): Promise<Results[keyof Results]> {
  switch (job.kind) {
    case 'ready':
      return { engine: (await loadWithThreads(how(setup))).engine };
    case 'inspect':
      return inspected(setup, job.model);
    case 'compile':
      return compiled(setup, job, take);
    case 'prove':
      return proveInference({ ...reference(setup), ...job.order, uses: { take } });
    case 'infer':
      return inferred(setup, job.order);
    case 'verify':
      return verified(setup, job.order);
  }
}

const how = ({ engine, threads }: Setup) => ({ ...(engine && { engine }), threads });

function reference(setup: Setup) {
  const { development, srs, config } = setup;
  return {
    ...how(setup),
    ...(development && { allowDevelopmentSrs: true }),
    ...(srs && { srs }),
    ...(config && { config }),
  };
}

async function inspected(setup: Setup, source: ModelSource): Promise<Inspected> {
  if ('opening' in source) return ofOpening(setup, source.opening);
  const { ok, problems, model } = await checkModel({
    ...how(setup),
    ...(setup.config && { config: setup.config }),
    ...source,
    calibrate: false,
  });
  // What some inputs may need is found when they come; everything else forbids the model.
  const fatal = ok ? undefined : problems.find(({ code }) => code !== 'VALUE_RANGE');
  if (fatal) throw PotError.fromJSON(fatal);
  const { network, parameters } = model;
  return {
    features: network[0]!,
    outputs: network[network.length - 1]!,
    parameters,
    network,
    warnings: problems.map(({ message }) => message),
  };
}

/** Errors: `OPENING_*`, `INFERENCE_MODEL`. */
async function ofOpening(setup: Setup, given: CheckpointOpening): Promise<Inspected> {
  const opening = readOpening(given);
  const { spec } = opening;
  inferenceNetwork(spec, 1);
  await openCommitment(opening, opening.commitment, reference(setup));
  const parameters = spec.layers.reduce((n, l) => n + l.outputs * (l.inputs + Number(l.bias)), 0);
  return {
    features: inputWidth(spec),
    outputs: outputWidth(spec),
    parameters,
    network: [inputWidth(spec), ...spec.layers.map(({ outputs }) => outputs)],
    warnings: [],
  };
}

async function compiled(setup: Setup, { model, range }: JobOf<'compile'>, take: Take): Promise<Opened> {
  const opening = 'opening' in model ? model.opening : await committed(setup, model);
  if (!range) return { opening };
  return { opening, genesis: await proveRange({ ...reference(setup), opening, uses: { take } }) };
}

function committed(setup: Setup, { onnx, output, ...options }: OnnxSource) {
  const { development, srs, config } = setup;
  const chosen = development ? ('development' as const) : srs;
  return commitModel({
    ...how(setup),
    ...(config && { config }),
    ...options,
    model: readOnnx(onnx, output === undefined ? {} : { output }),
    ...(chosen && { srs: chosen }),
  });
}

/** The integers that a proof would be about, without one. Errors: those of `proveInference` that come before the proof. */
async function inferred(
  setup: Setup,
  { opening, inputs }: JobOf<'infer'>['order'],
): Promise<Results['infer']> {
  const { spec } = opening;
  const x = BigInt64Array.from(quantiseInputs(spec, inputs), BigInt);
  const network = inferenceNetwork(spec, x.length / inputWidth(spec));
  const halo2 = await loadWithThreads(how(setup));
  const { weights } = decodeOpening(opening);
  const tensors = new BigInt64Array(x.length + weights.length);
  tensors.set(x);
  tensors.set(weights, x.length);
  const values = halo2.runGraph(halo2.denseInference(JSON.stringify(network)), tensors);
  const [width, unit] = [outputWidth(spec), 2 ** -spec.scales.a];
  const row = (i: number) =>
    Float64Array.from(values.subarray(i * width, (i + 1) * width), (v) => Number(v) * unit);
  return { outputs: Array.from({ length: values.length / width }, (_, i) => row(i)) };
}

async function verified(setup: Setup, { model, proof, ...given }: JobOf<'verify'>['order']) {
  // Read first: what the model is, decides which proof of its range belongs to it.
  const file = parseInference(proof as string);
  const own = model?.find(({ commitment }) => commitment === file.public.weights);
  if (model && !own) {
    throw new PotError('EXPECTED_MISMATCH', 'the proof is not about this model', {
      details: { name: 'weights' },
    });
  }
  const genesis = given.genesis ?? own?.genesis;
  const report = await verifyInference(file, {
    ...reference(setup),
    ...(given as object),
    ...(genesis !== undefined && { genesis: genesis as string }),
  });
  return { report, file };
}
