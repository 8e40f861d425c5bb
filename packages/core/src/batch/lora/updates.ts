import { PotError, type PotErrorCode, shown } from '@proof-of-training/halo2-wasm';
import type { Hyperparameters } from '@proof-of-training/sgd-circuit';
import { LIMITS } from '@proof-of-training/sgd-circuit';

/** An adapter's float weights, as PEFT has them. */
export interface UpdateAdapter {
  /** 1 to 64. */
  rank: number;
  /** Whole number from 1 to 1024; the adapter's product is scaled by alpha / rank. */
  alpha: number;
  /** `[rank][inputs]`, row by row. */
  A: ArrayLike<number>;
  /** `[outputs][rank]`, row by row. */
  B: ArrayLike<number>;
}

/** By what rule a chain of updates is made; each update has the learning rate. */
export type UpdateRule = Omit<Hyperparameters, 'learningRate'>;

/** One update of one layer's adapter, without the model around it. */
export interface LoraUpdate {
  /** Of the layer, for errors. */
  name?: string;
  /** Before the update. Absent: this update continues the one before it in the list, from its result. */
  adapter?: UpdateAdapter;
  /** The layer's input, `[samples][inputs]`. */
  x: ArrayLike<number>;
  /** The loss's gradient with respect to the layer's output, `[samples][outputs]`, with the mean over the batch in it. */
  gradient: ArrayLike<number>;
  learningRate: number;
  /**
   * With `adapter`: the rule of this update and of those that continue it, whose state begins at 0. Default: plain SGD. With
   * another rule all updates of a chain have one learning rate.
   */
  optimizer?: UpdateRule;
  /**
   * A and B as a framework left them. Then the proof is in tolerance mode and about these; absent, it is in exact
   * mode, and the result is the integers' own.
   */
  after?: Pick<UpdateAdapter, 'A' | 'B'>;
}

/** Updates of one adapter, one after the other. */
export interface Chain {
  /** Numbers of the updates in the list. */
  indices: number[];
  updates: LoraUpdate[];
  adapter: UpdateAdapter;
  /** Plain SGD where it is absent. */
  rule?: UpdateRule;
  inputs: number;
  outputs: number;
  /** Of each update. */
  samples: number;
  mode: 'exact' | 'tolerance';
  name: string;
}

/**
 * Cuts a list into chains: each update with an adapter begins one, those without continue it.
 *
 * Errors: `LORA_UPDATES` for an empty list, a first update without adapter, or one that continues another with a batch of
 * another size, in another mode or with a rule of its own, or, beside another rule than plain SGD, with another learning
 * rate; `OPTIMIZER_MODE` for `after` beside such a rule; `LORA_RANK`, `LORA_ALPHA`,
 * `WEIGHTS_SHAPE`, `DATA_SHAPE`, `VALUE_NOT_FINITE`, `LEARNING_RATE_INVALID`, each with the update's number.
 */
export function chainsOf(updates: readonly LoraUpdate[]): Chain[] {
  if (updates.length === 0) throw new PotError('LORA_UPDATES', 'there are no updates to prove');
  const chains: Chain[] = [];
  updates.forEach((update, index) => {
    const open = chains[chains.length - 1];
    const adapter = update.adapter;
    const mode = update.after ? 'tolerance' : 'exact';
    if (!adapter && !open) {
      throw new PotError('LORA_UPDATES', 'the first update has no adapter, and there is none before it', {
        hint: 'Give adapter: { rank, alpha, A, B } with the first update of each layer.',
      });
    }
    const name = update.name ?? (adapter || !open ? `update ${index}` : open.name);
    const sizes = adapter ? sizesOf(adapter, name) : { inputs: open!.inputs, outputs: open!.outputs };
    const samples = samplesOf(update, sizes, name);
    checkNumbers(update, adapter ?? open!.adapter, sizes, name);
    checkRule(update, open, name);
    if (!adapter && open && open.samples === samples && open.mode === mode) {
      open.indices.push(index);
      open.updates.push(update);
      return;
    }
    if (!adapter) {
      throw new PotError(
        'LORA_UPDATES',
        `${name}: an update that continues another has its batch size and mode`,
        {
          details: { update: index, samples, mode, continued: { samples: open!.samples, mode: open!.mode } },
          hint: 'Prove such updates in a batch of their own, with the adapter that the first one left.',
        },
      );
    }
    const rule = isPlain(update.optimizer) ? undefined : update.optimizer;
    chains.push({
      indices: [index],
      updates: [update],
      adapter,
      ...(rule && { rule }),
      ...sizes,
      samples,
      mode,
      name,
    });
  });
  return chains;
}

function isPlain(rule: UpdateRule | undefined): boolean {
  return !rule || (rule.type === 'sgd' && !rule.weightDecay);
}

/** A rule belongs to a whole chain; the rate that its state was made with cannot change in it. */
function checkRule(
  { adapter, after, learningRate, optimizer }: LoraUpdate,
  open: Chain | undefined,
  name: string,
): void {
  const rule = adapter ? optimizer : open?.rule;
  if (!adapter && optimizer) {
    throw new PotError('LORA_UPDATES', `${name}: an update that continues another has its optimiser`, {
      hint: 'Give optimizer with the adapter, for all updates that continue it.',
    });
  }
  if (isPlain(rule)) return;
  if (after) {
    throw new PotError(
      'OPTIMIZER_MODE',
      `${name}: momentum, AdamW and weight decay are proven in exact mode only, without 'after'`,
    );
  }
  const rate = adapter ? learningRate : open!.updates[0]!.learningRate;
  if (rate === learningRate) return;
  throw new PotError('LORA_UPDATES', `${name}: with this optimiser all updates have one learning rate`, {
    details: { learningRate, chain: rate },
    hint: 'Keep the rate, or begin a new chain: its state begins at 0.',
  });
}

function sizesOf({ rank, alpha, A, B }: UpdateAdapter, name: string): { inputs: number; outputs: number } {
  const whole = (code: PotErrorCode, what: string, value: number, most: number) => {
    if (Number.isInteger(value) && value >= 1 && value <= most) return;
    throw new PotError(
      code,
      `${name}: ${what} must be a whole number from 1 to ${most}, not ${shown(value)}`,
    );
  };
  whole('LORA_RANK', 'rank', rank, 64);
  whole('LORA_ALPHA', 'alpha', alpha, LIMITS.maxAlpha);
  if (A.length === 0 || B.length === 0 || A.length % rank !== 0 || B.length % rank !== 0) {
    throw new PotError(
      'WEIGHTS_SHAPE',
      `${name}: A of ${A.length} and B of ${B.length} values for rank ${rank}`,
    );
  }
  const [inputs, outputs] = [A.length / rank, B.length / rank];
  whole('LORA_RANK', 'rank', rank, Math.min(inputs, outputs));
  return { inputs, outputs };
}

function samplesOf(
  { x, gradient }: LoraUpdate,
  { inputs, outputs }: { inputs: number; outputs: number },
  name: string,
): number {
  const samples = x.length / inputs;
  if (samples >= 1 && Number.isInteger(samples) && gradient.length === samples * outputs) return samples;
  throw new PotError(
    'DATA_SHAPE',
    `${name}: x of ${x.length} and gradient of ${gradient.length} values are no rows of ${inputs} and ${outputs}`,
  );
}

function checkNumbers(
  { x, gradient, learningRate, after }: LoraUpdate,
  { rank, A, B }: UpdateAdapter,
  { inputs, outputs }: { inputs: number; outputs: number },
  name: string,
): void {
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new PotError(
      'LEARNING_RATE_INVALID',
      `${name}: a learning rate must be positive and finite, not ${shown(learningRate)}`,
    );
  }
  if (after && (after.A.length !== rank * inputs || after.B.length !== outputs * rank)) {
    throw new PotError('WEIGHTS_SHAPE', `${name}: A and B after the update have other sizes than before it`);
  }
  const tensors = { x, gradient, A, B, ...(after && { 'A after': after.A, 'B after': after.B }) };
  for (const [tensor, values] of Object.entries(tensors)) {
    for (let n = 0; n < values.length; n++) {
      if (Number.isFinite(values[n])) continue;
      throw new PotError('VALUE_NOT_FINITE', `${name}: ${tensor} contains ${values[n]}`, {
        details: { tensor, index: n },
      });
    }
  }
}
