import { labelsOf } from '@proof-of-training/sgd-circuit';
import {
  callback,
  checkArgument,
  checkOptions,
  is,
  type ShapeFor,
  whole,
} from '@proof-of-training/verifier/options';
import type { Callback, CustomCallbackArgs, LayersModel, Logs, Scalar, Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { requireWithin } from './limits.js';
import type { StepReport } from './options.js';
import { TrainingSession } from './trainingSession.js';

/** A callback of TensorFlow.js: an object of one of its classes, or of functions. */
export type FitCallback = Callback | CustomCallbackArgs;

export interface CallbackFitOptions {
  /** Passes over the data; default 1. The first ends the pass that has begun. */
  epochs?: number;
  /** As `model.fit` takes them, `tf.callbacks.earlyStopping` among them. Their `model` is the session's. */
  callbacks?: FitCallback | readonly FitCallback[];
  /** Evaluated in floating point after each epoch, by the model's view of the weights: `val_loss`, `val_acc`. Nothing of it is proven. */
  validationData?: readonly [Tensor, Tensor];
  onStep?: (report: StepReport) => void | Promise<void>;
}

/** What `model.fit` gives: the means of each epoch. */
export interface FitHistory {
  epoch: number[];
  history: Record<string, number[]>;
}

const callbackObject = is<FitCallback>(
  'a callback of TensorFlow.js, or an object of functions',
  (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
);
const tensor = is<Tensor>(
  'a tensor',
  (v) => typeof (v as { dataSync?: unknown } | null)?.dataSync === 'function',
);
const sessionSchema = is<TrainingSession>('a TrainingSession', (v) => v instanceof TrainingSession);
const schema = z.strictObject({
  epochs: whole(1).optional(),
  callbacks: z
    .union([callbackObject, z.array(callbackObject)], 'must be a callback, or an array of them')
    .optional(),
  validationData: z.tuple([tensor, tensor], 'must be [x, y]').optional(),
  onStep: callback.optional(),
} satisfies ShapeFor<CallbackFitOptions>);

/**
 * Trains a session as `model.fit` trains a model, with the same callbacks at the same moments, and gives the same history: `loss`
 * and, under cross-entropy, `acc` of each epoch, each batch before its update.
 *
 * A callback of `model.fit` cannot prove: the step is taken before it is asked, in floating point, on a batch that it is not shown. So the
 * session takes the steps, and calls the callbacks. The model has new weights at the end of each window (with `writeBack: 'step'` of
 * each step); `stopTraining` ends training with the window.
 *
 * Errors: those of `session.fit`; `RUN_TOO_LONG` before the first step where the run's limits end before the last epoch.
 *
 * @example
 * const { history } = await fitWithCallbacks(session, { epochs: 20, callbacks: tf.callbacks.earlyStopping({ monitor: 'loss' }) });
 * console.log(history.loss);
 */
export async function fitWithCallbacks(
  session: TrainingSession,
  options: CallbackFitOptions = {},
): Promise<FitHistory> {
  const { epochs = 1, validationData, onStep } = checkOptions(schema, options, 'fitWithCallbacks');
  checkArgument(sessionSchema, session, 'fitWithCallbacks', 'session');
  const { spec } = session.run;
  const perEpoch = session.windowsPerEpoch * spec.steps;
  const begun = Math.floor(session.steps / perEpoch);
  requireWithin(session.limits, session.steps, (begun + epochs) * perEpoch);
  const model: LayersModel = session.model;
  const list = [options.callbacks ?? []].flat() as FitCallback[];
  const params = { epochs, steps: perEpoch, batchSize: spec.batch, samples: perEpoch * spec.batch };
  for (const c of list) if ('setModel' in c) introduce(c, model, { ...params, initialEpoch: begun });
  const history: FitHistory = { epoch: [], history: {} };
  model.stopTraining = false;
  await tell(list, (c) => c.onTrainBegin?.());
  for (let epoch = begun; epoch < begun + epochs && !model.stopTraining; epoch++) {
    await tell(list, (c) => c.onEpochBegin?.(epoch));
    const logs = await trainEpoch(session, epoch, perEpoch, list, onStep);
    if (validationData) Object.assign(logs, validate(model, validationData));
    history.epoch.push(epoch);
    keep(history, logs);
    await tell(list, (c) => c.onEpochEnd?.(epoch, logs));
  }
  await tell(list, (c) => c.onTrainEnd?.());
  return history;
}

function keep({ history }: FitHistory, logs: Logs): void {
  for (const [name, value] of Object.entries(logs)) history[name] = [...(history[name] ?? []), value];
}

/** One epoch, or what is left of it; the means over its steps. */
async function trainEpoch(
  session: TrainingSession,
  epoch: number,
  perEpoch: number,
  list: readonly FitCallback[],
  onStep: CallbackFitOptions['onStep'],
): Promise<Logs> {
  const { spec } = session.run;
  const sums: Logs = {};
  let taken = 0;
  const end = (epoch + 1) * perEpoch;
  const begin = () => tell(list, (c) => c.onBatchBegin?.(session.steps % perEpoch, {}));
  while (session.steps < end && !session.model.stopTraining) {
    const border = session.steps + spec.steps - (session.steps % spec.steps);
    await begin();
    await session.fit({
      steps: border - session.steps,
      onStep: async (report) => {
        const batch = report.step % perEpoch;
        const values: Logs = {
          loss: report.loss,
          ...(labelsOf(spec.loss) === 'oneHot' && { acc: report.accuracy }),
        };
        taken++;
        for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
        const logs = { batch, size: spec.batch, ...values };
        await tell(list, (c) => c.onBatchEnd?.(batch, logs));
        await tell(list, (c) => ('setModel' in c ? undefined : c.onYield?.(epoch, batch, logs)));
        await onStep?.(report);
        if (report.step + 1 < border) await begin();
        // Lets finished proofs be stored.
        await new Promise(setImmediate);
      },
    });
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / taken]));
}

function introduce(c: Callback, model: LayersModel, params: Record<string, number>): void {
  c.setParams(params);
  c.setModel(model);
}

/** One after the other, as TensorFlow.js does. */
async function tell(list: readonly FitCallback[], call: (c: FitCallback) => unknown): Promise<void> {
  for (const c of list) await call(c);
}

/** The model's own loss and metrics on data that it was not trained on. */
function validate(model: LayersModel, [x, y]: readonly [Tensor, Tensor]): Logs {
  const found = [model.evaluate(x, y)].flat() as Scalar[];
  const values = found.map((v) => v.dataSync()[0]!);
  for (const v of found) v.dispose();
  return Object.fromEntries(values.map((v, i) => [`val_${model.metricsNames[i]}`, v]));
}
