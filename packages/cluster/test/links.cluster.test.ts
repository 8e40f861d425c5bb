/** Links of an aggregate asked of workers: a stored run and its aggregate, a real key, a real queue; what lies is refused. */
import { readFileSync } from 'node:fs';
import { type Aggregate, aggregateSchema } from '@proof-of-training/aggregator';
import { AggregationThread, ProofAggregator } from '@proof-of-training/aggregator/node';
import { loadConfig } from '@proof-of-training/core';
import { parseBundle } from '@proof-of-training/verifier/files';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aggregateRun } from '../../core/src/aggregate/aggregateRun.js';
import { openRun } from '../../core/src/aggregate/run.js';
import { largeSrs } from '../../core/test/helpers/aggregation.js';
import { FolderStore } from '../src/artefacts/folderStore.js';
import { readIdentity } from '../src/identity/identity.js';
import { openTask } from '../src/message/seal.js';
import { queueState } from '../src/queue/state.js';
import { connectLinks } from '../src/submit/connectLinks.js';
import { signedResult, startAttacker } from './helpers/attacker.js';
import { code, makeSite, type Site } from './helpers/cluster.js';
import { type OwnRedis, startRedis } from './helpers/redis.js';

const stored = (name: string) =>
  readFileSync(new URL(`../../blockchain/test/fixtures/onchain/${name}`, import.meta.url), 'utf8');
const bundle = parseBundle(stored('bundle.json'));
const right = aggregateSchema.parse(aggregateOf());

/** What a worker gives back. */
function aggregateOf(): unknown {
  const { key: _, ...aggregate } = JSON.parse(stored('aggregate.json')).aggregate;
  return aggregate;
}
const bytesOf = (aggregate: Aggregate) => new Uint8Array(Buffer.from(JSON.stringify(aggregate)));

let redis: OwnRedis;
let site: Site;

beforeAll(async () => {
  redis = await startRedis();
  site = await makeSite('liar', 'second', 'third');
});
afterAll(() => redis?.stop());

it('takes an aggregate that holds and says what was asked for, and sets aside who gives another', async () => {
  const forged = {
    ...right,
    proof: `${right.proof.slice(0, 100)}${right.proof[100] === 'A' ? 'B' : 'A'}${right.proof.slice(101)}`,
  };
  const liar = await startAttacker(redis.url, site, 'liar', ({ data }, by) =>
    signedResult(data.statement, bytesOf(forged), by),
  );
  let task: unknown;
  const asked = async () => (await queueState(redis.url)).reports.length > 0;
  const prover = { queue: redis.url, artefacts: site.artefacts, workerList: site.workerList };
  const config = await loadConfig({ overrides: { prover } });
  const made = aggregateRun(bundle, { config, windowsPerProof: 2 });
  while (!(await asked())) await new Promise((r) => setTimeout(r, 50));
  await liar.close();
  const second = await startAttacker(redis.url, site, 'second', async ({ data }, by) => {
    const store = await FolderStore.open(site.artefacts);
    task = await openTask(store, data.witness, await readIdentity(site.identities.second!));
    return signedResult(data.statement, bytesOf(right), by);
  });
  const { aggregate } = await made;
  await second.close();
  expect(aggregate).toMatchObject({ ...right, key: { windowsPerProof: 2 } });
  expect(task).toMatchObject({ kind: 'aggregation', places: 2, spec: bundle.run.spec });
  const { reports } = await queueState(redis.url);
  expect(reports).toMatchObject([{ what: 'wrong proof', worker: 'liar' }]);
});

it('refuses one that holds and is of other windows, and what is none at all', async () => {
  const srs = await largeSrs('native').catch(() => largeSrs('wasm'));
  const { spec } = bundle.run;
  const local = await AggregationThread.start({ srs, spec, places: 2 });
  const warnings: string[] = [];
  const queue = { url: redis.url, artefacts: site.artefacts, workerList: site.workerList };
  const onWarning = (text: string) => void warnings.push(text);
  const links = await connectLinks({ local, srs, spec, queue, onWarning });
  const run = await openRun(bundle.run);
  // Of one window: what the workers have is of two.
  const one = new ProofAggregator(run, links).aggregateProofs(bundle.windows.slice(0, 1));
  const failed = expect(one).rejects.toEqual(code('CLUSTER_FAILED'));
  const answers = [bytesOf(right), new Uint8Array(Buffer.from('{}')), new Uint8Array(0)];
  for (const [n, name] of ['liar', 'second', 'third'].entries()) {
    const attacker = await startAttacker(redis.url, site, name, ({ data }, by) =>
      signedResult(data.statement, answers[n]!, by),
    );
    while (attacker.jobs === 0) await new Promise((r) => setTimeout(r, 20));
    while (warnings.length <= n && n < 2) await new Promise((r) => setTimeout(r, 20));
    if (n < 2) await attacker.close();
    else void failed.finally(() => attacker.close());
  }
  await failed;
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toContain('AGGREGATE_STATEMENT');
  expect(warnings[1]).toContain('CLUSTER_MESSAGE');
  expect(await links.metrics.prometheus()).toMatch(/^pot_cluster_wrong_proofs_total\{worker="liar"\} 1$/m);
  await links.close();
  await expect(links.prove(undefined, [])).rejects.toEqual(code('PROVER_CLOSED'));
});
