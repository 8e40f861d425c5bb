// A run whose proofs workers of a queue make, where the package for that is installed; without it, what is said then.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { loadConfig, TrainingSession, verifyTrainingRun } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({
  layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
const data = { x: tf.randomUniform([8, 4]), y: tf.oneHot(tf.randomUniform([8], 0, 3, 'int32'), 3) };
const common = { model, data, batchSize: 4, window: 1, profile: 'compact' };

/** Settings of somebody who has a queue. */
const settings = (prover) => loadConfig({ overrides: { prover } });

if (process.argv[2] === 'missing') {
  const config = await settings({ queue: 'redis://127.0.0.1:1', artefacts: 'a', workerList: 'workers.txt' });
  await rejects(TrainingSession.create({ ...common, dir: 'runs/none', config }), { code: 'CLUSTER_MISSING' });
} else {
  const { LocalCluster, queueState } = await import('@proof-of-training/cluster');
  const cluster = await LocalCluster.start({ dir: 'runs/cluster', workers: 1 });
  const config = await settings({ ...cluster.settings });
  const session = await TrainingSession.create({ ...common, dir: 'runs/queued', config });
  await session.fit({ epochs: 1 });
  const bundle = await session.finish();
  await session.close();
  equal((await verifyTrainingRun(bundle)).ok, true);
  const { jobs, reports } = await queueState(cluster.settings.queue);
  // Two windows and the first weights.
  equal(jobs.completed, 3);
  deepEqual(reports, []);
  await cluster.close();
}
process.exit(0);
