import { existsSync } from 'node:fs';
import { datasetUse, samplesText } from '@proof-of-training/verifier';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { merkleRoot, runIdOf } from '@proof-of-training/verifier/run';
import { describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { requireDistinctShards } from '../src/dataset/repeated.js';
import { ShardedData } from '../src/dataset/shards.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { TOY, toyData, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const perShard = TOY.batch * TOY.window;

/** Three shards, of which the last is the first again. */
function repeatedData() {
  const { x, y } = toyData();
  x.copyWithin(2 * perShard * TOY.inputs, 0, perShard * TOY.inputs);
  y.copyWithin(2 * perShard * TOY.outputs, 0, perShard * TOY.outputs);
  return { x, y };
}

describe('a dataset with repeated shards', () => {
  it('is refused before a folder is made, unless it is meant', async () => {
    const options = toyOptions({ data: repeatedData() });
    await expect(TrainingSession.create(options)).rejects.toMatchObject({
      code: 'DATA_REPEATED',
      details: { repeated: 1, pairs: [[0, 2]], distinct: 2 },
    });
    expect(existsSync(`${options.dir}/run.json`)).toBe(false);
    const session = await TrainingSession.create({ ...options, allowRepeatedShards: true });
    try {
      await session.fit({ epochs: 1 });
      const report = await verifyTrainingRun(await session.finish(), accept);
      // Under a salt each, the equal shards have commitments of their own: nobody can tell.
      expect(report.proven).toMatchObject({ samples: 3 * perShard, shards: 3, unusedShards: [] });
      expect(report.checks.find((c) => c.name === 'dataset')?.detail).toContain('cannot say');
    } finally {
      await session.close();
    }
  });

  it('is told by inputs and labels together', () => {
    const spec = {
      layers: [{ inputs: 1, outputs: 1, activation: 'linear', bias: true }],
      batch: 2,
      steps: 1,
    };
    const sharded = (x: number[], y: number[]) =>
      new ShardedData(spec as never, Int32Array.from(x), Int32Array.from(y));
    expect(() => requireDistinctShards(sharded([1, 2, 1, 2], [3, 4, 3, 5]))).not.toThrow();
    expect(() => requireDistinctShards(sharded([1, 2, 1, 3], [3, 4, 3, 4]))).not.toThrow();
    expect(() => requireDistinctShards(sharded([1, 2, 1, 2], [3, 4, 3, 4]))).toThrow(/the same rows/);
    // Rows behind the last whole shard are no shard.
    expect(() => requireDistinctShards(sharded([1, 2, 1], [3, 4, 3]))).not.toThrow();
  });
});

describe('the samples of a verified run', () => {
  it('count shards that windows used, and the others are named', async () => {
    const session = await TrainingSession.create(toyOptions());
    try {
      await session.fit({ steps: TOY.window });
      const bundle = await session.finish();
      const used = bundle.run.shards.indexOf(bundle.windows[0]!.public.data);
      const { proven } = await verifyTrainingRun(bundle, accept);
      const others = [0, 1, 2].filter((s) => s !== used);
      expect(proven).toMatchObject({ samples: perShard, shards: 3, unusedShards: others });
      expect(samplesText(proven!)).toContain(`never used: 2 of 3 shards (${others.join(', ')})`);

      // A forger lists one shard in every place: the identity is made right again.
      const { run } = bundle;
      run.shards = run.shards.map(() => run.shards[used]!);
      const pair = await circomlibPair();
      run.datasetRoot = merkleRoot(run.shards, pair);
      run.runId = runIdOf(run, pair);
      const report = await verifyTrainingRun(bundle, accept);
      expect(report.failure).toMatchObject({
        code: 'RUN_SHARDS_REPEATED',
        details: { listed: 3, distinct: 1 },
      });
      const allowed = await verifyTrainingRun(bundle, { ...accept, allowRepeatedShards: true });
      // The proof is of the run before.
      expect(allowed.failure?.code).toBe('RUN_FOREIGN_PROOF');
    } finally {
      await session.close();
    }
  });

  it('count a shard once, however often it is listed and used', () => {
    const schedule = { shards: 4, at: (window: number) => ({ window, epoch: 0, shard: window % 4 }) };
    expect(datasetUse(schedule, 0, 9, ['a', 'a', 'a', 'b'])).toEqual({ used: 2, unused: [] });
    expect(datasetUse(schedule, 0, 3, ['a', 'a', 'a', 'b'])).toEqual({ used: 1, unused: [3] });
    // Of a part: from its own first window on.
    expect(datasetUse(schedule, 5, 7)).toEqual({ used: 2, unused: [0, 3] });
  });
});
