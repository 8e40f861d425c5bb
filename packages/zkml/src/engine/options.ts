import { availableParallelism } from 'node:os';
import type { Engine, Srs, Transcript } from '@proof-of-training/halo2-wasm';
import type { Reveal, UseCounter, Visibility } from '@proof-of-training/inference/node';
import { type ProfileName, profiles } from '@proof-of-training/sgd-circuit';
import { type InferenceContents, revealKind } from '@proof-of-training/verifier';
import type { CheckpointOpening, InferenceProof, TrainingProof } from '@proof-of-training/verifier/files';
import { type CacheSettings, referenceShape } from '@proof-of-training/verifier/node';
import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';

/** How many there may be of each. */
export interface ZkmlLimits {
  /** Registered models; default: 50. */
  models: number;
  /** Bytes of a model's file; default: 64 MiB. */
  modelBytes: number;
  /** Jobs that wait for a process; default: 1024. */
  waiting: number;
  /** Requests of one `executeInferences`; default: 1024. */
  batch: number;
  /** Answers that the cache keeps; default: 256; 0: none. */
  cached: number;
}

/** Seconds that each may take, work alone but for `inference`, which is all of an `executeInference` with waiting. */
export interface ZkmlTimeouts {
  /** Default: 1200. */
  compile: number;
  /** Default: 1800. */
  prove: number;
  /** Default: 600. */
  verify: number;
  /** Default: 900. */
  inference: number;
}

export interface ZkmlEngineOptions {
  /** Processes that prove and verify, one job each at a time; default: one a core, at most 4. */
  workers?: number;
  /** Threads inside each; default: an equal share of the cores. */
  threads?: number;
  engine?: Engine;
  /** An SRS (`readSrs`), or the word for the INSECURE one, which is then accepted too; default: the Ignition ceremony's. */
  srs?: Srs | 'development';
  limits?: Partial<ZkmlLimits>;
  timeouts?: Partial<ZkmlTimeouts>;
  /** Settings of caches on disk, as `loadConfig` gives them or in part. */
  config?: CacheSettings;
}

/** A model to be registered: an ONNX file's bytes, or what opens the commitment that a run ended with. */
export interface RegisterModelOptions {
  /** The model's name in this engine: 1 to 64 letters, digits, `.`, `_`, `-`. */
  id: string;
  onnx?: Uint8Array;
  /** SHA-256 that the file must have, hexadecimal. */
  sha256?: string;
  /** Which of the graph's outputs; default: the only one that can be proven. */
  output?: string;
  /** Smallest and largest input that there will be; default: as far as the number format goes to both sides of 0. */
  inputRange?: readonly [number, number];
  /** Number by which inputs are divided first: here inputs are given as the model takes them. */
  inputScale?: number;
  /** Samples that one proof is to hold; default: 16. */
  samples?: number;
  profile?: ProfileName;
  /** In the place of `onnx`: secret. */
  opening?: CheckpointOpening;
  /** Of an opening: counts its proofs (`fileUses`). */
  uses?: UseCounter;
  /** Of an opening: the proof that its weights are in range, where there is one. */
  genesis?: TrainingProof;
}

/** A request for a proof. */
export interface ProveOptions {
  model: string;
  /** Of each sample as many numbers as the model has features: rows, or one after the other. */
  inputs: ArrayLike<number> | readonly (readonly number[])[];
  show?: { inputs?: Visibility; outputs?: Visibility };
  reveal?: Reveal | readonly Reveal[];
  context?: string;
  transcript?: Transcript;
  /** Ends the work. */
  signal?: AbortSignal;
}

/** A request for an answer. */
export interface ExecuteOptions extends ProveOptions {
  /** Whether there is a proof; default: true. */
  proof?: boolean;
  /** Who asks, as the service knows: what is cached for one is given to nobody else. Without it nothing is cached. */
  owner?: string;
}

/** What is verified, and what it must be. */
export interface VerifyOptions {
  /** The registered model that the proof must be about. */
  model?: string;
  expected?: { weights?: string; context?: string };
  expectedKey?: string;
  genesis?: TrainingProof | string | Uint8Array;
  /** The run that the model comes from: its bundle or aggregate. */
  run?: object | string | Uint8Array;
  reveal?: Reveal | readonly Reveal[];
  inputs?: InferenceContents;
  outputs?: InferenceContents;
  signal?: AbortSignal;
}

/** A proof as a value, text or bytes. */
export type ProofFile = InferenceProof | string | Uint8Array;

const count = kinds.whole(1, 1e9).optional();
/** A day: longer ones no timer holds for sure. */
const seconds = kinds.is<number>(
  'a number of seconds above 0, at most 86400',
  (v) => Number.isFinite(v) && (v as number) > 0 && (v as number) <= 86_400,
);
const visibility = kinds.oneOf<Visibility>('public', 'committed').optional();
const readable = kinds.is(
  'a file as value, text or bytes',
  (v) => typeof v === 'string' || (typeof v === 'object' && v !== null),
);
const contents = kinds.is<InferenceContents>(
  'entries and salt',
  (v) => (v as Partial<InferenceContents> | null)?.entries instanceof BigInt64Array,
);

/** A name of a model. */
export const modelName = kinds.is<string>(
  'a name of 1 to 64 letters, digits, dots, _ and -',
  (v) => typeof v === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(v),
);

export const engineShape = {
  workers: kinds.whole(1, 64).optional(),
  threads: referenceShape.threads,
  engine: referenceShape.engine,
  srs: kinds.srsChoice.optional(),
  limits: z
    .strictObject({
      models: count,
      modelBytes: count,
      waiting: count,
      batch: count,
      cached: kinds.whole(0, 1e6).optional(),
    } satisfies ShapeFor<ZkmlLimits>)
    .optional(),
  timeouts: z
    .strictObject({
      compile: seconds.optional(),
      prove: seconds.optional(),
      verify: seconds.optional(),
      inference: seconds.optional(),
    } satisfies ShapeFor<ZkmlTimeouts>)
    .optional(),
  config: referenceShape.config,
} satisfies ShapeFor<ZkmlEngineOptions>;

export const registerShape = {
  id: modelName,
  onnx: kinds.bytes().optional(),
  sha256: kinds
    .is<string>('64 hexadecimal digits', (v) => typeof v === 'string' && /^[0-9a-fA-F]{64}$/.test(v))
    .optional(),
  output: kinds.text.optional(),
  inputRange: z.unknown().optional(),
  inputScale: kinds.positive.optional(),
  samples: kinds.whole(1, 4096).optional(),
  profile: kinds.oneOf(...(Object.keys(profiles) as ProfileName[])).optional(),
  opening: kinds.object.optional(),
  uses: kinds
    .is<UseCounter>(
      'a counter of proofs (fileUses)',
      (v) => typeof (v as UseCounter | null)?.take === 'function',
    )
    .optional(),
  genesis: kinds.object.optional(),
} satisfies ShapeFor<RegisterModelOptions>;

export const proveShape = {
  model: modelName,
  inputs: kinds.is(
    'numbers, or rows of numbers',
    (v) => typeof v === 'object' && v !== null && (v as ArrayLike<unknown>).length > 0,
  ),
  show: z.strictObject({ inputs: visibility, outputs: visibility }).optional(),
  reveal: revealKind.optional(),
  context: kinds.text.optional(),
  transcript: kinds.oneOf<Transcript>('blake2b', 'poseidon').optional(),
  signal: kinds.signal.optional(),
} satisfies ShapeFor<ProveOptions>;

export const executeShape = {
  ...proveShape,
  proof: kinds.flag.optional(),
  owner: kinds
    .is<string>('a text of 1 to 256 characters', (v) => typeof v === 'string' && v !== '' && v.length <= 256)
    .optional(),
} satisfies ShapeFor<ExecuteOptions>;

export const verifyShape = {
  model: modelName.optional(),
  expected: z.strictObject({ weights: kinds.text.optional(), context: kinds.text.optional() }).optional(),
  expectedKey: kinds.text.optional(),
  genesis: readable.optional(),
  run: readable.optional(),
  reveal: revealKind.optional(),
  inputs: contents.optional(),
  outputs: contents.optional(),
  signal: kinds.signal.optional(),
} satisfies ShapeFor<VerifyOptions>;

/** What a service is given that asks for nothing else. */
export const LIMITS: ZkmlLimits = {
  models: 50,
  modelBytes: 64 << 20,
  waiting: 1024,
  batch: 1024,
  cached: 256,
};
export const TIMEOUTS: ZkmlTimeouts = { compile: 1200, prove: 1800, verify: 600, inference: 900 };

/** Processes and the threads of each. */
export function sharesOf({ workers, threads }: ZkmlEngineOptions): { workers: number; threads: number } {
  const cores = availableParallelism();
  const count = workers ?? Math.min(cores, 4);
  return { workers: count, threads: threads ?? Math.max(1, Math.floor(cores / count)) };
}
