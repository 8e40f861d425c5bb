/** Artefacts in a bucket of a real server that speaks as S3 does, on this machine. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { windowTask } from '../../core/test/helpers/proverTask.js';
import { openStore } from '../src/artefacts/openStore.js';
import { parseS3Url } from '../src/artefacts/s3Url.js';
import { readAll } from '../src/artefacts/store.js';
import { readIdentity } from '../src/identity/identity.js';
import { ClusterWorker } from '../src/worker/clusterWorker.js';
import { code, connect, makeSite, proves, until } from './helpers/cluster.js';
import { startRedis } from './helpers/redis.js';

/** It has no types of its own. */
interface Server {
  run(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}
type ServerClass = new (options: object) => Server;

const dir = mkdtempSync(join(tmpdir(), 'pot-s3-'));
const kept = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
let server: Server;
let place: string;

beforeAll(async () => {
  Object.assign(process.env, kept);
  const S3rver = createRequire(import.meta.url)('s3rver') as ServerClass;
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: dir };
  server = new S3rver({ ...options, configureBuckets: [{ name: 'artefacts' }] });
  const { port } = await server.run();
  place = `?region=us-east-1&pathStyle=true&endpoint=http://127.0.0.1:${port}`;
});
afterAll(async () => {
  for (const name of Object.keys(kept)) delete process.env[name];
  await server?.close();
});

const files = () =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => join(f.parentPath, f.name));
async function* chunks(...all: Uint8Array[]) {
  yield* all;
}

it('keeps artefacts by their content, and gives no others', async () => {
  const store = await openStore(`s3://artefacts/one${place}`);
  const bytes = new Uint8Array(3 << 20).map((_, n) => n % 251);
  const made = await store.put(chunks(bytes.subarray(0, 1000), bytes.subarray(1000)));
  expect(Buffer.from(await readAll(store, made)).equals(bytes)).toBe(true);
  expect((await store.put(chunks(bytes))).hash).toBe(made.hash);
  // One bucket and prefix is one store, another prefix is another one.
  expect((await openStore(`s3://artefacts/one${place}`)).id).toBe(store.id);
  expect((await openStore(`s3://artefacts/two${place}`)).id).not.toBe(store.id);

  const refused = async (hash: string, maxBytes = 2 ** 30) => {
    const all = async () => {
      for await (const _ of store.get(hash, { maxBytes })) void _;
    };
    await expect(all()).rejects.toEqual(code('CLUSTER_ARTEFACT'));
  };
  await refused(made.hash, 1000);
  await refused('0'.repeat(64));
  await refused('../store');
  const [path] = files().filter(
    (file) => file.includes(made.hash) && readFileSync(file).length === bytes.length,
  );
  writeFileSync(
    path!,
    bytes.map((byte, n) => (n === 7 ? byte ^ 1 : byte)),
  );
  await refused(made.hash);
  await store.remove(made.hash);
  await store.remove(made.hash);
  await refused(made.hash);
  await expect(openStore(`s3://nobody${place}`)).rejects.toEqual(code('CLUSTER_ARTEFACT'));
});

it('refuses addresses that are none', () => {
  const { bucket, prefix, pathStyle } = parseS3Url('s3://my-bucket/a/b/');
  expect([bucket, prefix, pathStyle]).toEqual(['my-bucket', 'a/b/', false]);
  const wrong = [
    's3://',
    's3://UPPER_',
    's3://key:secret1@bucket/x',
    's3://bucket?regoin=x',
    's3://bucket?endpoint=ftp://x',
    's3://bucket?pathStyle=maybe',
    'https://bucket',
  ];
  for (const url of wrong) {
    const error = (() => {
      try {
        return parseS3Url(url);
      } catch (e) {
        return e as Error;
      }
    })();
    expect(error, url).toEqual(code('CLUSTER_ARTEFACT'));
    expect((error as Error).message).not.toContain('secret1');
  }
});

it('hands strings and witnesses to workers, encrypted, and removes what was used', async () => {
  const redis = await startRedis();
  const site = await makeSite('one');
  const artefacts = `s3://artefacts/proofs${place}`;
  const identity = await readIdentity(site.identities.one!);
  const worker = await ClusterWorker.start({ identity, queue: redis.url, artefacts, workers: 1 });
  const trainer = await connect(redis.url, { artefacts, workerList: site.workerList });
  try {
    const task = await windowTask(trainer.local);
    const { proof } = await trainer.executor.run(task);
    expect(await proves(task, proof!)).toBe(true);
    const objects = () =>
      new Set(files().flatMap((f) => /proofs\/objects\/([0-9a-f]{64})/.exec(f)?.[1] ?? []));
    // The SRS alone is left.
    await until(() => objects().size === 1);
  } finally {
    await trainer.executor.close();
    await worker.close();
    await redis.stop();
  }
});
