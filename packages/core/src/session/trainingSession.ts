import { randomBytes } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { EffectiveHyperparameters } from '@proof-of-training/sgd-circuit';
import type { CheckpointOpening, Declared, RunBundle } from '@proof-of-training/verifier/files';
import { checkArgument, checkOptions } from '@proof-of-training/verifier/options';
import type { Run, Schedule, ScheduledWindow } from '@proof-of-training/verifier/run';
import { etaOfWindow, firstStepOf, readBeacon, scheduleOf } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import type { Batch } from '../dataset/shards.js';
import { assembleBundle } from './assemble.js';
import { requireBase } from './base.js';
import { requireUnchanged } from './changed.js';
import type { Checkpoint } from './checkpoint.js';
import {
  createOptions,
  finishOptions,
  fitOptions,
  requireFolder,
  resumeOptions,
  stepBatch,
} from './checks.js';
import { endOfFit, limitsOf, nextUses, requireWithin, type SessionLimits } from './limits.js';
import { writeWeights } from './model.js';
import { copy } from './ofShard.js';
import { openExisting, openNew, type Parts } from './open.js';
import { openingOf } from './opening.js';
import { OpenWindow, windowOpen } from './openWindow.js';
import { rateOfWindow, ruleOf } from './optimizer.js';
import type { CreateOptions, FitOptions, OpenOptions, StepReport } from './options.js';
import type { ClosedWindow } from './records.js';
import { requireScheduled } from './scheduled.js';

/**
 * Training whose every step is proven (exact mode).
 *
 * The session takes the steps itself, in integers, and writes the weights back into the TensorFlow.js model;
 * windows of steps are proven in the background. Which batch comes next is fixed by the committed dataset.
 * All state is on disk: after a crash, {@link TrainingSession.resume} continues after the last closed window.
 *
 * A model with adapters (`applyLora`) has these trained, and nothing else: its kernels and biases are the frozen base,
 * committed to once, whose digest the run and every proof carry. An optimiser's state is the session's own, in integers, and
 * part of every checkpoint and its commitment.
 *
 * @example
 * const session = await TrainingSession.create({ model, data: { x, y }, dir: 'runs/first' });
 * await session.fit({ epochs: 2, onStep: (s) => console.log(s.step, s.loss) });
 * const bundle = await session.finish();
 */
export class TrainingSession {
  private readonly schedule: Schedule;
  private readonly window: OpenWindow;
  private closed = false;
  /** What made the state on disk uncertain; only resuming helps. */
  private failure: unknown;
  /** Steps are taken one after the other, whatever the caller awaits. */
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(private readonly parts: Parts) {
    const { run } = parts.file;
    this.schedule = scheduleOf(run, run.shards.length);
    this.window = new OpenWindow(parts.windows.length, parts.start);
    this.writeBack();
  }

  /**
   * Begins a run: checks model, data and settings, commits to data and first weights, and starts the genesis
   * proof in the background.
   *
   * Errors: `START_SEED`, `BEACON_INVALID`, `BEACON_FAILED`, `DATA_REPEATED`, `UNSUPPORTED_*`, `LORA_*`, `OPTIMIZER_*`, `LEARNING_RATE_*`, `VALUE_*`, `DATA_*`, `SESSION_EXISTS`, `SRS_*`, and the
   * planner's (a circuit that is too large).
   */
  static async create(options: CreateOptions): Promise<TrainingSession> {
    const checked = checkOptions(createOptions, options, 'TrainingSession.create');
    // One that is known is looked at before anything is made; a function's answer, when it comes.
    if (typeof checked.beacon === 'object') readBeacon(checked.beacon);
    return new TrainingSession(await openNew(checked));
  }

  /**
   * Continues a run from its folder, after the last closed window; proofs that were lost are made again.
   * Without `model`, one is built from the run's own description. The update rule and its state are the run's, whatever
   * optimiser the model has.
   *
   * Errors: `SESSION_MISSING`, `SESSION_LOCKED`, `STATE_DAMAGED`, `SRS_*`; with adapters `BASE_MISMATCH` for a model on
   * another base than the run's, `MODEL_MISMATCH` for other layers or adapters.
   */
  static async resume(
    dir: string,
    options: OpenOptions & { model?: LayersModel } = {},
  ): Promise<TrainingSession> {
    requireFolder(dir);
    return new TrainingSession(
      await openExisting(dir, checkOptions(resumeOptions, options, 'TrainingSession.resume')),
    );
  }

  /** The model whose weights the session writes. */
  get model(): LayersModel {
    return this.parts.model;
  }
  /** The run's public identity. */
  get run(): Run {
    return this.parts.file.run;
  }
  /** Where the first weights come from: the run's public seed, or the model as it was. */
  get start(): Run['start'] {
    return this.run.start;
  }
  /** The learning rate of the next step, as it is really used: the nearest that the integers have. */
  get learningRate(): number {
    return rateOfWindow(this.run, this.window.index);
  }
  /** The update rule, with the hyperparameters that are really used; of a schedule, the rate that it multiplies. */
  get optimizer(): EffectiveHyperparameters {
    return ruleOf(this.run);
  }
  /** Steps taken so far. */
  get steps(): number {
    return firstStepOf(this.run.spec, this.window.index) + this.window.steps;
  }
  /** Windows that are closed but not proven yet. */
  get pending(): number {
    return this.parts.proving.pending;
  }
  /** Windows in an epoch. */
  get windowsPerEpoch(): number {
    return this.run.shards.length;
  }

  /** Rows at the end of the data that fill no window: training never uses them. */
  get leftOut(): number {
    return this.parts.data.leftOut;
  }
  /** How far this run can go. */
  get limits(): SessionLimits {
    return limitsOf(this.parts.file);
  }

  /** The next batch: which samples (by their place in the data given) the schedule dictates. */
  next(): ScheduledWindow & { step: number; samples: number[] } {
    const at = this.schedule.at(this.window.index);
    return { ...at, step: this.steps, samples: this.parts.data.samples(at.shard, this.window.steps) };
  }

  /**
   * One step on the scheduled batch. With `batch` (integers, scale a), it must be that batch.
   *
   * Errors: `BATCH_NOT_SCHEDULED`, `RUN_TOO_LONG`, `SALT_EXHAUSTED`, a range error of the executor, and the
   * first failure of the background proofs.
   */
  step(batch?: Batch): Promise<StepReport> {
    const taken = this.tail.then(() =>
      this.take(batch && checkArgument(stepBatch, batch, 'session.step', 'batch')),
    );
    this.tail = taken.catch(() => {});
    return taken;
  }

  private async take(batch?: Batch): Promise<StepReport> {
    this.assertOpen();
    const { data, executor, file, journal, options } = this.parts;
    const { window } = this;
    const { epoch, shard } = this.schedule.at(this.window.index);
    nextUses(file, journal.uses, shard);
    requireWithin(this.limits, this.steps, this.steps + 1);
    const scheduled = data.batch(shard, window.steps);
    if (batch) requireScheduled(batch, scheduled, { step: this.steps, place: window.steps, epoch, shard });
    const number = BigInt(this.steps);
    const eta = BigInt(etaOfWindow(this.run, window.index));
    const { loss, correct } = executor.step(scheduled.x, scheduled.y, eta, number);
    const { batch: size, steps } = this.run.spec;
    const report = { step: this.steps, window: window.index, epoch, loss, accuracy: correct / size };
    window.add(loss, correct);
    if (window.steps === steps) await this.closeWindow(epoch, shard);
    if (window.steps === 0 || options.writeBack === 'step') this.writeBack();
    return report;
  }

  /**
   * Trains for whole windows; without options, for one epoch. Gives the report of each step.
   *
   * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`; `RUN_TOO_LONG`, before the first step, where the run's limits
   * ({@link TrainingSession.limits}) end before; `MODEL_CHANGED` where the model was trained or
   * loaded by somebody else since; those of {@link TrainingSession.step}.
   */
  async fit(options: FitOptions = {}): Promise<StepReport[]> {
    const { onStep } = checkOptions(fitOptions, options, 'session.fit');
    const end = endOfFit(options, this.steps, this.run);
    requireWithin(this.limits, this.steps, end);
    await this.tail;
    await this.requireOwnWeights();
    const reports: StepReport[] = [];
    while (this.steps < end) {
      const report = await this.step();
      reports.push(report);
      await onStep?.(report);
    }
    return reports;
  }

  /** Errors: `MODEL_CHANGED` where somebody else has trained the model since the session wrote its weights. */
  private async requireOwnWeights(): Promise<void> {
    this.assertOpen();
    const { executor, options, model } = this.parts;
    const { steps, start } = this.window;
    const written = steps > 0 && options.writeBack !== 'step' ? start.weights : executor.weights();
    await requireUnchanged(model, this.run.spec, written);
  }

  /** Trains for one pass over the shards. */
  epoch(onStep?: FitOptions['onStep']): Promise<StepReport[]> {
    return this.fit({ epochs: 1, ...(onStep && { onStep }) });
  }

  /** Writes the current weights into the model (they are there after each window anyway). */
  writeBack(): void {
    const { tf, model, executor } = this.parts;
    writeWeights(tf, model, this.run.spec, executor.weights());
  }

  /**
   * Waits for the open proofs and gives the run's bundle; the session is closed then.
   *
   * Errors: `SESSION_WINDOW_OPEN` (steps that no proof covers; `discardOpenWindow` takes them back),
   * `SESSION_EMPTY`, and the first failure of the proofs; with adapters `BASE_CHANGED` where somebody else changed the
   * model's base meanwhile, `LORA_MERGED` where the adapters were merged into it.
   */
  async finish(options: { discardOpenWindow?: boolean; declared?: Declared } = {}): Promise<RunBundle> {
    checkOptions(finishOptions, options, 'session.finish');
    this.assertOpen();
    const { window } = this;
    if (window.steps > 0) {
      if (!options.discardOpenWindow) throw windowOpen(window.steps, this.run.spec);
      this.parts.executor.setWeights(window.start.weights);
      window.discard();
      this.writeBack();
    }
    if (window.index === 0) throw new PotError('SESSION_EMPTY', 'no window has been trained yet');
    const { base, model } = this.parts;
    if (base) await requireBase(model, this.run.spec, base.weights, 'BASE_CHANGED');
    await this.parts.proving.drain();
    await this.parts.journal.check();
    const bundle = await assembleBundle(this.parts.journal, this.parts.file, {
      ...(this.leftOut > 0 && { leftOut: this.leftOut }),
      ...options.declared,
    });
    await this.close();
    return bundle;
  }

  /**
   * What opens the commitment to the weights of the last window's end (or the first weights; with adapters, to these),
   * and with them to the optimiser's state, which was committed to together with them. Secret, the state like the weights:
   * an average of the gradients, it says something about the data.
   */
  async opening(): Promise<CheckpointOpening> {
    this.assertOpen();
    return openingOf(this.run, this.window.start, this.parts.pool);
  }

  /** Gives up the open window and the proofs in work; {@link TrainingSession.resume} makes them again. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.parts.pool.destroy();
    this.parts.executor.free();
    await this.parts.journal.release();
  }

  private async closeWindow(epoch: number, shard: number): Promise<void> {
    const { file, journal, executor, data, proving, windows } = this.parts;
    const { index, start: before } = this.window;
    const after: Checkpoint = { weights: executor.weights(), salt: new Uint8Array(randomBytes(32)) };
    const uses = nextUses(file, journal.uses, shard);
    const closed: ClosedWindow = {
      ...uses,
      window: index,
      firstStep: firstStepOf(this.run.spec, index),
      epoch,
      ...this.window.means(this.run.spec),
    };
    try {
      await journal.writeCheckpoint(index + 1, after);
      windows.push(await journal.writeWindow(closed));
    } catch (e) {
      this.failure = e;
      throw e;
    }
    this.window.next(after);
    const job = { ...uses, window: index, epoch, before, after };
    await proving.push({ ...job, ...copy(data.shard(shard)) });
  }

  private assertOpen(): void {
    if (this.closed) throw new PotError('SESSION_CLOSED', 'the session is closed');
    if (this.failure !== undefined) throw this.failure;
    this.parts.proving.throwIfFailed();
  }
}
