import type { Border } from '../../prove/border.js';
import type { TaskOptions } from '../../prove/checks.js';
import { type ProofFile, proveToFile } from '../../prove/proofFile.js';
import type { StepProver } from '../../step/stepProver.js';
import type { LoraWindow } from './windows.js';

/** A proof of consecutive updates of one layer's adapter, its input and upstream gradient taken as given. */
export interface LoraProof extends ProofFile {
  /**
   * One layer's adapter: the proof takes the layer's input and the gradient with respect to its output as given, and says
   * nothing about the model that they come from. A verifier accepts it with `allowLayerLocal` alone.
   */
  proofType: 'lora-layer-local';
  /**
   * The proof is about adapters (and an optimiser's state) of bounded size: by itself it says nothing until
   * `commitments.before` is opened.
   */
  conditional: true;
  /** Numbers of the updates in the batch, in order. */
  updates: number[];
  /**
   * What each update's gradient was multiplied with before it was committed to; the rate in the proof is the learning
   * rate divided by it. Known from the rate: `learningRate 2^e / eta`. By AdamW, whose step does not change with the
   * gradient's size, the rate stays as it is, and the epsilon in the proof is the one asked for times the scale.
   */
  gradientScales: number[];
}

/** Where a window stands. */
export interface WindowPlace {
  runId: string;
  before: Border;
  after: Border;
  dataSalt: Uint8Array;
}

/** Commits to a window's data and proves it. The proof is verified before it is returned. */
export async function proveUpdates(
  prover: StepProver,
  { spec, steps, first, count }: LoraWindow,
  { runId, before, after, dataSalt }: WindowPlace,
  options: TaskOptions,
): Promise<LoraProof> {
  const { numbers, chain } = steps;
  const range = [first, first + count] as const;
  const file = await proveToFile(
    prover,
    {
      spec,
      place: { runId, firstStep: first, epoch: 0, eta: numbers.eta.toString() },
      before,
      after,
      data: {
        x: joined(steps.x.slice(...range)),
        y: joined(steps.gradient.slice(...range)),
        salt: dataSalt,
      },
    },
    options,
  );
  return {
    proofType: 'lora-layer-local',
    conditional: true,
    updates: chain.indices.slice(...range),
    ...file,
    gradientScales: numbers.gradientScales.slice(...range),
  };
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
