/**
 * Proven runs of the toy problem that many test files need. Each is made once, by the first file that asks, and kept
 * under a hash of everything that could change it: a clean clone, and any change of a source, makes it anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { CheckpointOpening, RunBundle } from '@proof-of-training/verifier/files';
import type { LayersModel } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { CreateOptions } from '../../src/session/options.js';
import { TrainingSession } from '../../src/session/trainingSession.js';
import { loraToyModel, loraToyOptions } from './loraToy.js';
import { TOY, toyOptions } from './toy.js';

export interface SharedRun {
  bundle: RunBundle;
  /** Of the last weights. */
  opening: CheckpointOpening;
  /** The trained model's weights, tensor by tensor in its order. */
  weights: number[][];
}

/** What is trained, and for how many windows. */
const RUNS = {
  /** Every shard twice. */
  dense: [6, () => toyOptions()],
  /** The same model and data: another run. */
  denseAgain: [4, () => toyOptions()],
  denseBlake2b: [4, () => toyOptions({ transcript: 'blake2b' })],
  /** Adapters over the base of seed 1; others over it; over another one. */
  lora: [TOY.shards, () => loraToyOptions()],
  loraRank1: [1, async () => loraToyOptions({ model: await loraToyModel(1, { rank: 1, alpha: 1 }) })],
  loraOtherBase: [TOY.shards, async () => loraToyOptions({ model: await loraToyModel(2) })],
} satisfies Record<string, [number, () => CreateOptions | Promise<CreateOptions>]>;

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/pot-runs');
/** How long to wait for the worker that is making a run: as long as a test may take. */
const PATIENCE_MS = 240_000;
/** How old a lock without its maker's number may be. */
const EMPTY_MS = 10_000;

/**
 * The run of this name, or its first `windows` windows: a copy that the caller may change. Opening and weights are those
 * of the whole run's end.
 */
export async function sharedRun(name: keyof typeof RUNS, windows?: number): Promise<SharedRun> {
  const run = await madeOnce(name, async () => {
    const [count, options] = RUNS[name];
    return JSON.stringify(await made(count, await options()));
  });
  const shared = JSON.parse(run) as SharedRun;
  const there = shared.bundle.windows.length;
  if (windows !== undefined && windows > there) throw new Error(`${name} has ${there} windows`);
  shared.bundle.windows = shared.bundle.windows.slice(0, windows);
  return shared;
}

/** `model`, which has the run's layers, as the run left its own. */
export function trained(model: LayersModel, { weights }: SharedRun): LayersModel {
  const tensors = model.getWeights().map((w, i) => tf.tensor(weights[i]!, w.shape));
  model.setWeights(tensors);
  tf.dispose(tensors);
  return model;
}

async function made(windows: number, options: CreateOptions): Promise<SharedRun> {
  const session = await TrainingSession.create(options);
  try {
    await session.fit({ steps: windows * TOY.window });
    const opening = await session.opening();
    const weights = session.model.getWeights().map((w) => [...w.dataSync()]);
    return { bundle: await session.finish(), opening, weights };
  } finally {
    await session.close();
  }
}

/** What `make` gave to whoever asked first. Of several workers, one makes it and the others wait. */
export async function madeOnce(
  name: string,
  make: () => Promise<string>,
  folder = sourcesFolder(),
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const [path, lock] = [join(folder, `${name}.json`), join(folder, `${name}.lock`)];
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    if (existsSync(path)) return readFileSync(path, 'utf8');
    if (taken(lock)) break;
    if (Date.now() > end) throw new Error(`${lock} is held for too long`);
  }
  try {
    // Another worker may have finished between the look and the lock.
    if (existsSync(path)) return readFileSync(path, 'utf8');
    const text = await make();
    await writeFileAtomic(path, text);
    return text;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Whether the lock is this process's now. One that is left of a process that has ended is taken away. */
function taken(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (e) {
    if ((e as { code?: string }).code !== 'EEXIST') throw e;
  }
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    // Its maker ended between making it and writing in it.
    else if (Date.now() - statSync(lock).mtimeMs > EMPTY_MS) rmSync(lock, { force: true });
  } catch (e) {
    // Others: it was given back in between, or is another user's and so held.
    if ((e as { code?: string }).code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}

/** Where things are kept that follow from the sources as they are; without `addon`, whichever native engine is there. */
export function sourcesFolder({ addon = true } = {}): string {
  return join(CACHE, sourcesHash(addon));
}

const hashes = new Map<boolean, string>();
/** Of the engine, of every package's sources and of what was built from them, and of the helpers that say what is trained. */
function sourcesHash(addon: boolean): string {
  const known = hashes.get(addon);
  if (known) return known;
  const sum = createHash('sha256');
  sum.update(`${process.env.ZK_ENGINE} ${process.version}\n`);
  const files = [
    ...readdirSync(join(ROOT, 'packages')).flatMap((p) =>
      ['src', 'dist', 'wasm', 'wasm-threads', ...(addon ? ['addon'] : [])].flatMap((f) =>
        below(join(ROOT, 'packages', p, f)),
      ),
    ),
    ...(addon ? [join(ROOT, 'packages/halo2-wasm-linux-x64-gnu/pot_native.node')] : []),
    ...below(fileURLToPath(new URL('.', import.meta.url))),
    // What is imported under which name and condition.
    ...readdirSync(join(ROOT, 'packages'))
      .map((p) => join(ROOT, 'packages', p, 'package.json'))
      .filter((path) => existsSync(path)),
    join(ROOT, 'pnpm-lock.yaml'),
  ];
  for (const path of files) {
    const content = readFileSync(path);
    sum.update(`${path.slice(ROOT.length)} ${content.length}\n`).update(content);
  }
  const hash = sum.digest('hex').slice(0, 32);
  hashes.set(addon, hash);
  return hash;
}

/** All files of a folder but types and maps, in one order. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => !/\.(d\.ts|map)$/.test(path))
    .flatMap((path) => (statSync(path).isDirectory() ? below(path) : [path]));
}
