import {
  applyLora,
  type CheckpointOpening,
  type ProofEvent,
  type RunBundle,
  type StepReport,
  TrainingSession,
} from '@proof-of-training/core';
import type { LayersModel } from '@tensorflow/tfjs';
import type { Images } from './digits.js';
import type { Settings } from './settings.js';

/** What happens while adapters are trained and proven. */
export interface Events {
  onPrepare?: (what: string, done: number, total: number) => void;
  onReady?: (session: TrainingSession) => void;
  onStep?: (report: StepReport) => void;
  onProof?: (event: ProofEvent) => void;
}

export interface FineTuned {
  /** The base with its trained adapters. */
  model: LayersModel;
  bundle: RunBundle;
  /** Opens the commitment to the last adapters: secret, for those who may see them. */
  opening: CheckpointOpening;
}

/** Adds adapters to a base, trains them, and proves every step. The base stays as it is. */
export async function fineTune(
  base: LayersModel,
  { x, y }: Images,
  dir: string,
  settings: Settings,
  events: Events = {},
): Promise<FineTuned> {
  const { rank, alpha, seed, batchSize, window, steps, learningRate } = settings;
  const model = await applyLora(base, { rank, alpha, seed });
  const session = await TrainingSession.create({
    model,
    data: { x, y },
    dir,
    batchSize,
    window,
    learningRate,
    onWarning: () => {},
    ...(events.onPrepare && { onPrepare: events.onPrepare }),
    ...(events.onProof && { onProof: events.onProof }),
  });
  try {
    events.onReady?.(session);
    await session.fit({
      steps,
      onStep: async (report) => {
        events.onStep?.(report);
        // Lets finished proofs be stored and shown.
        await new Promise(setImmediate);
      },
    });
    const opening = await session.opening();
    const bundle = await session.finish({ declared: { name: 'Adapters for the digits 5 to 9' } });
    return { model, bundle, opening };
  } finally {
    await session.close();
  }
}
