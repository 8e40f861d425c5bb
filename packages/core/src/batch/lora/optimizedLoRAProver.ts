import type { EngineName } from '@proof-of-training/halo2-wasm';
import {
  checkArgument,
  checkOptions,
  closeOptions,
  list,
  positive,
} from '@proof-of-training/verifier/options';
import { cellsOf } from '../../config/apply.js';
import { ProverMetrics } from '../../metrics/proverMetrics.js';
import { abortedError, closedError } from '../../prove/scheduler.js';
import { allThreads, cores, workerCount } from '../../prove/threads.js';
import { StepProver } from '../../step/stepProver.js';
import type { LoraProverOptions } from './checks.js';
import { checkUpdates, loraBatchOptions, loraProverOptions } from './checks.js';
import { Costs, choose, type HardwareMeasurement, type LoraChoice } from './choose.js';
import { sampleChain } from './measure.js';
import { type LoraBatchOptions, type LoraOutcome, proveWindows } from './proveWindows.js';
import { floatsOf, type Steps, takeSteps } from './steps.js';
import { chainsOf, type LoraUpdate } from './updates.js';
import { cut, type LoraWindow, Plans } from './windows.js';

export type { LoraProverOptions };

/** What was proven, how, and how long it took. */
export interface LoraBatch {
  /** In the order of the updates that they cover. One that fails does not lose the others. */
  proofs: LoraOutcome[];
  /** The adapter after each update: the float32 view of the integers that the proofs are about. */
  after: { A: Float32Array; B: Float32Array }[];
  /** What was chosen. */
  chosen: LoraChoice & { engine: EngineName; formats: string[] };
  targetTimeMs: number;
  /** From the call to the last proof, keys included, without the measurement. */
  reachedMs: number;
  /** Of this, making or reading keys, over all threads. */
  keygenMs: number;
  /** Whether `reachedMs` is at most `targetTimeMs`, with every proof made. */
  withinTarget: boolean;
  hardware: HardwareMeasurement;
}

/** A measurement that took less is made twice. */
const REPEAT_BELOW_MS = 1000;
/** Windows above this gain little, and one failure loses more. */
const MAX_WINDOW = 64;

/**
 * Proves updates of LoRA adapters layer by layer (layer-local: the layer's input and upstream gradient are taken as
 * given), for models whose base is too large for a circuit, by plain SGD or another rule (`optimizer`). It measures one short proof, and chooses steps a proof, proofs
 * at once and threads inside each from that and from the proofs that it makes.
 *
 * @example
 * const prover = new OptimizedLoRAProver();
 * await prover.optimizeForHardware();
 * const adapter = { rank: 8, alpha: 16, A, B };
 * const { proofs, chosen, reachedMs } = await prover.proveLoraBatch([{ adapter, x, gradient, learningRate: 0.01 }]);
 * await prover.close();
 */
export class OptimizedLoRAProver implements AsyncDisposable {
  readonly metrics: ProverMetrics;
  private readonly workers: number;
  private readonly threads: number | undefined;
  private prover: Promise<StepProver> | undefined;
  private measured: Promise<HardwareMeasurement> | undefined;
  private costs: Costs | undefined;
  private plans: Plans | undefined;
  private closed = false;

  /** Errors: `OPTION_INVALID`. */
  constructor(private readonly options: LoraProverOptions = {}) {
    checkOptions(loraProverOptions, options, 'new OptimizedLoRAProver');
    this.workers = workerCount(options.workers ?? -1);
    this.threads = options.threads === undefined ? undefined : workerCount(options.threads);
    workerCount(options.maxWindow);
    this.metrics = options.metrics ?? new ProverMetrics();
  }

  /**
   * Measures one short proof with one thread and with one a core. Measured once; {@link proveLoraBatch} does it where it
   * was not done.
   *
   * Errors: `PROVER_CLOSED`, `WASM_LOAD`, `ENGINE_UNAVAILABLE`, those of the prover.
   */
  optimizeForHardware(): Promise<HardwareMeasurement> {
    this.measured ??= this.measure().catch((e) => {
      this.measured = undefined;
      throw e;
    });
    return this.measured;
  }

  /**
   * Proves updates, consecutive ones several a proof. What does not fit a prover is refused before anything is proven; a
   * proof that fails afterwards does not lose the others.
   *
   * @param targetTimeMs what the whole batch should take; the fastest choice is taken anyway, and the result says whether
   *   it was reached
   * @throws PotError `LORA_UPDATES`, `LORA_RANK`, `LORA_ALPHA`, `WEIGHTS_SHAPE`, `DATA_SHAPE`, `VALUE_*`,
   *   `LEARNING_RATE_*`, `OPTIMIZER_*`, `STEP_EXCEEDS_TOLERANCE` (updates with `after`), `VALUE_RANGE`, `CIRCUIT_TOO_LARGE`,
   *   `OPTION_INVALID`, `PROVER_CLOSED`; `PROVER_ABORTED` where the signal fires before the measurement was made
   */
  async proveLoraBatch(
    updates: readonly LoraUpdate[],
    targetTimeMs = 5000,
    options: LoraBatchOptions = {},
  ): Promise<LoraBatch> {
    checkArgument(list, updates, 'proveLoraBatch', 'updates');
    checkUpdates(updates);
    checkArgument(positive, targetTimeMs, 'proveLoraBatch', 'targetTimeMs');
    checkOptions(loraBatchOptions, options, 'proveLoraBatch');
    const chains = chainsOf(updates);
    const hardware = await this.measuredUnless(options.signal);
    const start = performance.now();
    const prover = await this.start();
    const steps = chains.map((chain) => takeSteps(prover.halo2, chain));
    const { choice, windows } = this.chooseFor(steps, hardware);
    const proofs = await proveWindows(prover, windows, choice, options, (window, ms) => {
      this.costs?.learn(window, ms, choice.threads);
    });
    const reachedMs = performance.now() - start;
    const made = proofs.flatMap((p) => (p.ok ? [p.value] : []));
    return {
      proofs,
      after: steps.flatMap((s) => s.checkpoints.slice(1).map((c) => floatsOf(s, c))),
      chosen: {
        ...choice,
        engine: hardware.engine,
        formats: [...new Set(steps.map((s) => s.numbers.format.name))],
      },
      targetTimeMs,
      reachedMs,
      keygenMs: made.reduce((sum, p) => sum + p.timing.keygenMs, 0),
      withinTarget: reachedMs <= targetTimeMs && made.length === proofs.length,
      hardware,
    };
  }

  /** Waits for what runs (with `force`, ends it), and ends the threads. */
  async close(options: { force?: boolean } = {}): Promise<void> {
    checkOptions(closeOptions, options, 'close');
    this.closed = true;
    await (await this.prover?.catch(() => undefined))?.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The measurement, which other batches may wait for, too: a signal ends the waiting, not the measurement. */
  private async measuredUnless(signal?: AbortSignal): Promise<HardwareMeasurement> {
    if (!signal || this.costs) return this.optimizeForHardware();
    if (signal.aborted) throw abortedError(signal);
    let stop = () => {};
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(abortedError(signal));
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([this.optimizeForHardware(), aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private start(): Promise<StepProver> {
    if (this.closed) throw closedError();
    const { maxWindow: _, threads: __, ...options } = this.options;
    this.prover ??= StepProver.begin({ ...options, workers: this.workers, metrics: this.metrics });
    return this.prover;
  }

  private async measure(): Promise<HardwareMeasurement> {
    const start = performance.now();
    const prover = await this.start();
    this.plans = new Plans(prover.halo2, this.options.srs, prover.scheduler.memoryBudgetBytes);
    const all = cores();
    const time = async (threads: number) => {
      const [window] = cut([takeSteps(prover.halo2, sampleChain())], 1, this.plans!);
      const prove = async () => {
        const [outcome] = await proveWindows(prover, [window!], { workers: 1, threads });
        if (!outcome!.ok) throw outcome!.error;
        return outcome!.value.timing;
      };
      const first = await prove();
      // The first one of a thread is slower than those that follow.
      const again = first.proveMs < REPEAT_BELOW_MS ? await prove() : first;
      return { window: window!, keygenMs: first.keygenMs, proveMs: Math.min(first.proveMs, again.proveMs) };
    };
    const one = await time(1);
    const many = all > 1 ? await time(allThreads(prover.halo2.engine, all)) : one;
    const measurement: HardwareMeasurement = {
      engine: prover.halo2.engine,
      cores: all,
      oneThreadMs: one.proveMs,
      allThreadsMs: many.proveMs,
      keyMs: one.keygenMs,
      cells: cellsOf(one.window.info),
      measurementMs: performance.now() - start,
    };
    this.costs = new Costs(measurement);
    return measurement;
  }

  private chooseFor(steps: readonly Steps[], hardware: HardwareMeasurement) {
    const longest = Math.max(...steps.map((s) => s.chain.updates.length));
    const most = Math.min(this.options.maxWindow ?? MAX_WINDOW, longest);
    const candidates: { window: number; windows: LoraWindow[] }[] = [];
    for (let window = 1; window <= most; window *= 2) {
      candidates.push({ window, windows: cut(steps, window, this.plans!) });
    }
    const { engine, cores: machine } = hardware;
    const threads = this.options.threads === -1 ? allThreads(engine, machine) : this.threads;
    return choose(candidates, this.costs!, hardware, {
      workers: this.workers,
      ...(threads !== undefined && { threads }),
    });
  }
}
