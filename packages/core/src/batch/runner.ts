import { asPotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, checkOptions, object } from '@proof-of-training/verifier/options';
import { requireTask, type TaskOptions } from '../prove/checks.js';
import { abortedError, closedError } from '../prove/scheduler.js';
import { autoProveTrainingStep } from '../step/autoProveTrainingStep.js';
import type { StepProverOptions } from '../step/stepOptions.js';
import { StepProver } from '../step/stepProver.js';
import { stepTask } from './checks.js';
import {
  type CircuitProof,
  isCircuitTask,
  type Outcome,
  type ProofOf,
  type ProofTask,
  type StepTask,
} from './tasks.js';

/** Proves tasks of both kinds over one set of threads, which are started with the first. */
export class ProofRunner {
  private prover: Promise<StepProver> | undefined;
  private readonly active = new Set<Promise<unknown>>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: StepProverOptions) {}

  get closed(): boolean {
    return this.closing !== undefined;
  }

  /** Loads the prover. Errors: `WASM_LOAD`, `OPTION_INVALID`. */
  start(): Promise<StepProver> {
    this.prover ??= StepProver.begin(this.options);
    return this.prover;
  }

  /** Proves one task; never throws. */
  async run<T extends ProofTask>(task: T, options: TaskOptions): Promise<Outcome<T>> {
    if (this.closing) return { ok: false, error: closedError() };
    if (options.signal?.aborted) return { ok: false, error: abortedError(options.signal) };
    const work = this.prove(task, options).then(
      (value): Outcome<T> => ({ ok: true, value }),
      (e): Outcome<T> => ({ ok: false, error: asPotError(e) }),
    );
    this.active.add(work);
    try {
      return await work;
    } finally {
      this.active.delete(work);
    }
  }

  /** Waits for the tasks that have begun (with `force`, ends them), then ends the threads. */
  close({ force = false }: { force?: boolean } = {}): Promise<void> {
    this.closing ??= Promise.resolve();
    const prover = this.prover?.catch(() => undefined);
    const end = async () => {
      if (force) await (await prover)?.close({ force });
      await Promise.all(this.active);
      await (await prover)?.close();
    };
    this.closing = force ? end() : this.closing.then(end);
    return this.closing;
  }

  private async prove<T extends ProofTask>(task: T, options: TaskOptions): Promise<ProofOf<T>> {
    const prover = await this.start();
    checkArgument(object, task, 'a prover', 'task');
    if (isCircuitTask(task)) {
      requireTask(task);
      const { pool } = await prover.at(task.spec.shape.k);
      return (await pool.run(task, options)) as CircuitProof as ProofOf<T>;
    }
    checkOptions(stepTask, task as StepTask, 'a task');
    const { kind: _, before, after, batch, learningRate, ...place } = task;
    const settings = { ...place, ...options, prover };
    return (await autoProveTrainingStep(before, after, batch, learningRate, settings)) as ProofOf<T>;
  }
}
