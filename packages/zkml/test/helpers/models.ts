/** Models that scikit-learn wrote, as small circuits, and engines on them. */
import { readFileSync } from 'node:fs';
import { afterAll } from 'vitest';
import { type RegisterModelOptions, ZkmlEngine, type ZkmlEngineOptions } from '../../src/index.js';

const FIXTURES = new URL('../../../inference/test/fixtures/', import.meta.url);
const { inputs } = JSON.parse(readFileSync(new URL('cancer.json', FIXTURES), 'utf8')) as {
  inputs: number[][];
};

export const onnx = readFileSync(new URL('cancer.onnx', FIXTURES));
/** Samples of it: 30 numbers from 0 to 1. */
export const rows = inputs;
/** A proof of one sample in a quarter of the default's time. */
export const CANCER: RegisterModelOptions = {
  id: 'cancer',
  onnx,
  profile: 'compact',
  samples: 1,
  inputRange: [0, 1],
  inputScale: 2,
};

/** Engines that end with the file. */
export function engines(): (options?: ZkmlEngineOptions) => Promise<ZkmlEngine> {
  const started: ZkmlEngine[] = [];
  afterAll(() => Promise.all(started.map((engine) => engine.stop())));
  return async (options) => {
    const engine = new ZkmlEngine({ workers: 1, threads: 1, srs: 'development', ...options });
    started.push(engine);
    await engine.start();
    return engine;
  };
}
