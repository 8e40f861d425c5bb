import type { Transcript } from '@proof-of-training/halo2-wasm';
import type { FloatLoss, LearningRateSchedule, ProfileName, Scales } from '@proof-of-training/sgd-circuit';
import type { BeaconSource } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import type { BatchValues } from '../record/index.js';
import type { SrsChoice } from '../run/chooseSrs.js';
import type { ProverOptions } from '../run/proverOptions.js';
import type { OptimizerOptions } from './optimizer.js';
import type { ProofEvent } from './proving.js';
import type { RenewalEvent } from './renewals.js';

/** What happens on the way. None of it may throw. */
export interface SessionEvents {
  /** A proof has been stored. */
  onProof?: (event: ProofEvent) => void;
  /** A commitment that hides its content no more was made anew, and that it is to the same content is proven. */
  onRenewal?: (event: RenewalEvent) => void;
  /** A step of preparation: `key`, `commit data 3/20`, ... */
  onPrepare?: (what: string, done: number, total: number) => void;
  /** Something that a person should know, e.g. that the SRS is insecure. Default: `console.warn`. */
  onWarning?: (message: string) => void;
}

/** Settings that may differ each time a run is opened. */
export interface OpenOptions extends SessionEvents, ProverOptions {
  /**
   * The structured reference string: `readSrs(...)` of one that `pot srs import` made, or `'development'`, the INSECURE one.
   * Default: that of the Ignition ceremony for circuits of up to 2^14 rows; for larger ones, and with `planFor: 'aggregation'` (an aggregate
   * takes 2^17 points of the run's own SRS), the INSECURE development SRS, with a warning once a process. A run that is
   * resumed keeps its own.
   */
  srs?: SrsChoice;
  /** Prover threads; -1: one a core; default: the cores, at most 4. */
  workers?: number;
  /**
   * Closed windows that may wait or be proven at once before training waits; default: the configuration's
   * `prover.batchSize`, or workers + 1.
   */
  maxPending?: number;
  /** When the model gets the weights: after each window (default) or after each step. */
  writeBack?: 'window' | 'step';
  signal?: AbortSignal;
}

export interface CreateOptions extends OpenOptions {
  /**
   * A compiled model: dense layers, MSE or categorical cross-entropy, SGD, momentum or Adam. Its weights are the first ones. With
   * adapters (`applyLora`), they alone are trained, and the rest is the frozen base.
   */
  model: LayersModel;
  /**
   * The training set, in the order in which it is cut into batches and shards: tensors, rows or flat arrays;
   * `x` `[samples][inputs]`, `y` `[samples][outputs]` (or class numbers, for cross-entropy).
   */
  data: { x: BatchValues; y: BatchValues };
  /**
   * Where the first weights come from: `'seed'`, the run's public seed, by the initialisers of the model's layers, so that
   * nobody chooses them and a verifier makes them again; the model's own random weights are then replaced. `'given'`: the
   * model. Default `'auto'`: the seed where the model is new for sure (known initialisers without seeds of their own, weights
   * that they can have made, no step taken), with a word to `onWarning`; else the model. `session.start` says which.
   */
  start?: 'auto' | 'seed' | 'given';
  /**
   * A value that nobody knew when dataset root and settings were published: from it come the order of the data and the first
   * weights of a seed. A function that is called with both, publishes them, then waits for one; or a value that is known already,
   * which convinces nobody (`onWarning`). Without it reports say that the order could have been chosen.
   *
   * @example async ({ datasetRoot, settings }) => ({ kind: 'value', value: await drand.next(), source: 'drand round 4711' })
   */
  beacon?: BeaconSource;
  /**
   * Take in a training set in which two shards are the same rows. Default: refused, since it would pass for more
   * samples than it has (`DATA_REPEATED`).
   */
  allowRepeatedShards?: boolean;
  /** Folder of the run's state; made here. Holds secrets (private/). */
  dir: string;
  /** Samples a step; default 32. */
  batchSize?: number;
  /** Steps a proof; default: by `circuit.optimizationLevel` 1, 8 (level 1) or 32, or what the data fill. */
  window?: number;
  /** Number format; default `'default'`. */
  profile?: ProfileName | Scales;
  /**
   * Columns that hold a checkpoint; default: as the planner finds proving fastest. 1 gives the fewest columns in all: a
   * proof of 4.7 KB that is verified in the same time for any network, and takes several times longer to make.
   */
  weightColumns?: number;
  /**
   * What the circuit's shape is chosen for: the fastest proof of a window (`'proving'`, default), or the least work for a
   * window's proof and its share of an aggregate (`'aggregation'`): fewer columns in more rows. At 784-128-10 a step then takes 1.4 times
   * as long, and a third more windows fit into one aggregation. Decides the default of `srs` too.
   */
  planFor?: 'proving' | 'aggregation';
  /**
   * How the proofs are hashed: with `poseidon` (default) they can be aggregated (`pot aggregate`); `blake2b` is
   * verified faster and cannot.
   */
  transcript?: Transcript;
  /**
   * A number, or how the rate goes, in numbers of steps: public, and a part of the run's identity. All steps of a window have the rate
   * that the schedule gives its first one. Default: the model's optimiser's.
   *
   * @example { type: 'cosine', initial: 0.01, steps: 1000, warmup: 50, end: 0.001 }
   */
  learningRate?: number | LearningRateSchedule;
  /**
   * The loss, where it is not the one that the model is compiled with: `labelSmoothing`, or a Huber loss's `delta`, which a compiled
   * model does not say.
   *
   * @example { name: 'softmaxCrossEntropy', labelSmoothing: 0.1 }
   */
  loss?: FloatLoss;
  /**
   * How the model, or its adapters, is trained: plain SGD, momentum or AdamW, each with weight decay where asked for. Default: as
   * the model's optimiser (tf.train.sgd, momentum without Nesterov's, adam; their weight decay is 0). Its state begins at 0. Values are rounded to the number format's: `session.optimizer`
   * says to which, and `onWarning` where one differs by more than 1 %.
   *
   * @example { type: 'adamw', learningRate: 0.001, weightDecay: 0.01 }
   */
  optimizer?: OptimizerOptions;
  /**
   * Fractional bits of the frozen base, 4 to w; default 20, or w where that is less. A base weight is then rounded by
   * at most 2^-21: over a thousand inputs below 1 that moves a pre-activation by about 2^-18, and the default profile
   * rounds it to 2^-8 anyway.
   */
  baseBits?: number;
  /**
   * Hides the frozen base: its commitment is made with a salt that is drawn for this run and kept in `dir`, so that its
   * digest says nothing and is another one in each run. After as many windows as such a salt is good for, it is committed
   * to anew (docs/protocol/renewal.md). Default: a public base, whose digest is the same in all runs on it and can be computed by
   * whoever has it (`baseDigest`).
   */
  privateBase?: boolean;
  /**
   * Rows (log2) and columns that the base's digest is about. Default: as the planner chooses. To get the digest of an
   * earlier run on the same base, give that run's `spec.shape`.
   */
  baseShape?: { k: number; baseColumns: number };
}

/** What one step did. */
export interface StepReport {
  /** Number of the step, from 0. */
  step: number;
  window: number;
  epoch: number;
  /** Before the update, on its own batch. */
  loss: number;
  /** Share of the batch classified correctly before the update. */
  accuracy: number;
}

/** How long `fit` trains; whole windows: the number of steps is rounded up to one. */
export interface FitOptions {
  steps?: number;
  epochs?: number;
  onStep?: (report: StepReport) => void | Promise<void>;
}
