import { cellsOf } from '../../config/apply.js';
import { allThreads, threadsPerTask } from '../../prove/threads.js';
import type { LoraWindow } from './windows.js';

/** What a short measurement says about this machine. */
export interface HardwareMeasurement {
  engine: 'wasm' | 'native';
  /** That the prover may use. */
  cores: number;
  /** Of the short proof, with one thread and with one a core, in milliseconds. */
  oneThreadMs: number;
  allThreadsMs: number;
  /** Making its key, with one thread. */
  keyMs: number;
  /** Cells of its circuit: rows times advice columns. */
  cells: number;
  /** How long measuring took, keys and start of the threads included. */
  measurementMs: number;
}

/** How a batch is proven. */
export interface LoraChoice {
  /** Steps a proof, at most. */
  window: number;
  proofs: number;
  /** Proofs at once. */
  workers: number;
  /** Inside each proof. */
  threads: number;
  /** By the measurement, keys that have to be made included. */
  expectedMs: number;
}

/** What a circuit's proof takes, from the short measurement or from proofs of it that were made. */
export class Costs {
  private readonly measured = new Map<string, { total: number; proofs: number }>();
  /** What all proofs took, and what was predicted for them: the machine may be busier or idler than when it was measured. */
  private readonly sums = { measured: 0, predicted: 0 };

  constructor(private readonly hardware: HardwareMeasurement) {}

  /** How many times faster a proof is with so many threads: by Amdahl's law through the two points measured. */
  speedup(threads: number): number {
    const { cores, oneThreadMs, allThreadsMs } = this.hardware;
    if (cores === 1 || threads === 1) return 1;
    const whole = Math.min(cores, Math.max(1, oneThreadMs / allThreadsMs));
    const serial = (1 / whole - 1 / cores) / (1 - 1 / cores);
    return 1 / (serial + (1 - serial) / threads);
  }

  /** Of one proof with one thread. */
  proofMs(window: LoraWindow): number {
    const known = this.measured.get(JSON.stringify(window.spec));
    if (known) return known.total / known.proofs;
    return this.predictedMs(window) * this.drift;
  }

  /** Of making a circuit's key, in each thread that proves it; 0 where one has been made. */
  keyMs(window: LoraWindow): number {
    if (this.measured.has(JSON.stringify(window.spec))) return 0;
    return (this.drift * this.hardware.keyMs * cellsOf(window.info)) / this.hardware.cells;
  }

  /** A proof was made. */
  learn(window: LoraWindow, ms: number, threads: number): void {
    const key = JSON.stringify(window.spec);
    const known = this.measured.get(key) ?? { total: 0, proofs: 0 };
    const alone = ms * this.speedup(threads);
    known.total += alone;
    known.proofs++;
    this.measured.set(key, known);
    this.sums.measured += alone;
    this.sums.predicted += this.predictedMs(window);
  }

  private get drift(): number {
    const { measured, predicted } = this.sums;
    return predicted > 0 ? measured / predicted : 1;
  }

  /** By the short measurement alone. */
  private predictedMs(window: LoraWindow): number {
    return (this.hardware.oneThreadMs * cellsOf(window.info)) / this.hardware.cells;
  }
}

/**
 * The choice with the least expected time among the windows that were cut. A WebAssembly prover is an instance for each
 * number of threads: one thread, or all; a native one takes any number.
 */
export function choose(
  candidates: readonly { window: number; windows: LoraWindow[] }[],
  costs: Costs,
  { engine, cores }: Pick<HardwareMeasurement, 'engine' | 'cores'>,
  limits: { workers?: number; threads?: number } = {},
): { choice: LoraChoice; windows: LoraWindow[] } {
  let best: { choice: LoraChoice; windows: LoraWindow[] } | undefined;
  for (const { window, windows } of candidates) {
    for (const { workers, threads } of divisions(windows.length, engine, cores, limits)) {
      const speed = costs.speedup(threads);
      const proofs = windows.map((w) => costs.proofMs(w) / speed);
      const circuits = new Map(windows.map((w) => [JSON.stringify(w.spec), costs.keyMs(w)]));
      const keys = [...circuits.values()].reduce((sum, ms) => sum + ms, 0) / speed;
      const work = proofs.reduce((sum, ms) => sum + ms, 0);
      const expectedMs = keys + Math.max(work / workers, ...proofs);
      if (best && best.choice.expectedMs <= expectedMs) continue;
      best = { choice: { window, proofs: windows.length, workers, threads, expectedMs }, windows };
    }
  }
  return best!;
}

/** Ways to share the cores among proofs. */
function divisions(
  proofs: number,
  engine: HardwareMeasurement['engine'],
  cores: number,
  limits: { workers?: number; threads?: number },
): { workers: number; threads: number }[] {
  const most = Math.min(proofs, limits.workers ?? cores);
  return Array.from({ length: most }, (_, n) => {
    const workers = n + 1;
    const share = threadsPerTask({ queued: 0, running: workers - 1, workers, cores });
    const threads = engine === 'native' ? share : share >= cores ? allThreads(engine, cores) : 1;
    return { workers, threads: limits.threads ?? threads };
  });
}
