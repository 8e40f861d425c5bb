import { PotError } from '@proof-of-training/halo2-wasm';
import {
  inputWidth,
  outputWidth,
  quantiseInputs,
  quantiseLabels,
  type SgdSpec,
} from '@proof-of-training/sgd-circuit';

/** A training set in floats: rows in the order in which they are cut into shards. */
export interface TrainingData {
  /** `[samples][inputs]`, flat. */
  x: ArrayLike<number>;
  /** `[samples][outputs]`, flat; one-hot for softmax cross-entropy. */
  y: ArrayLike<number>;
}

/** What a caller of `TrainingSession.create` calls the two parts. */
export const DATA_NAMES = { x: 'data.x', y: 'data.y' } as const;

/** The batches of one window as integers. */
export interface Shard {
  /** `[step][sample][input]`, scale a. */
  x: Int32Array;
  /** `[step][sample][output]`. */
  y: Int32Array;
}

/** One batch of a shard. */
export type Batch = Shard;

/** A training set as integers, cut into shards of one window each; a last partial shard is left out. */
export class ShardedData {
  readonly shards: number;
  /** Samples that do not fill a shard and take no part in training. */
  readonly leftOut: number;

  constructor(
    private readonly spec: Pick<SgdSpec, 'layers' | 'batch' | 'steps'>,
    readonly x: Int32Array,
    readonly y: Int32Array,
  ) {
    const samples = x.length / inputWidth(spec);
    if (samples !== y.length / outputWidth(spec)) {
      throw new PotError(
        'DATA_SHAPE',
        `${DATA_NAMES.x} has ${samples} rows, ${DATA_NAMES.y} has ${y.length / outputWidth(spec)}`,
      );
    }
    const perShard = spec.batch * spec.steps;
    this.shards = Math.floor(samples / perShard);
    this.leftOut = samples - this.shards * perShard;
    if (this.shards === 0) {
      throw new PotError('DATA_TOO_SMALL', `${samples} samples do not fill one window of ${perShard}`, {
        hint: 'Use more samples, a smaller batch, or a shorter window.',
      });
    }
  }

  /** Quantises floats. Errors: those of `quantiseInputs` and `quantiseLabels`. */
  static quantise(spec: SgdSpec, data: TrainingData): ShardedData {
    const { x, y } = DATA_NAMES;
    return new ShardedData(spec, quantiseInputs(spec, data.x, x), quantiseLabels(spec, data.y, y));
  }

  /** Shard `index`, as views. */
  shard(index: number): Shard {
    const rows = this.spec.batch * this.spec.steps;
    return {
      x: rowsOf(this.x, inputWidth(this.spec), index, rows),
      y: rowsOf(this.y, outputWidth(this.spec), index, rows),
    };
  }

  /** Batch `step` of shard `index`, as views. */
  batch(index: number, step: number): Batch {
    const { x, y } = this.shard(index);
    const rows = this.spec.batch;
    return {
      x: rowsOf(x, inputWidth(this.spec), step, rows),
      y: rowsOf(y, outputWidth(this.spec), step, rows),
    };
  }

  /** Numbers of the samples of batch `step` of shard `index`, in the order of the data given. */
  samples(index: number, step: number): number[] {
    const first = (index * this.spec.steps + step) * this.spec.batch;
    return Array.from({ length: this.spec.batch }, (_, i) => first + i);
  }
}

function rowsOf(values: Int32Array, width: number, block: number, rows: number): Int32Array {
  return values.subarray(block * rows * width, (block + 1) * rows * width);
}
