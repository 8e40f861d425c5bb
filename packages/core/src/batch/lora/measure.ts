import { seededRandom } from '../../trainConfig/random.js';
import { chainsOf, type LoraUpdate } from './updates.js';

/** A small update, the same in every call: rank 4, 64 x 64, batch 8. */
export function sampleUpdate(): LoraUpdate {
  const [rank, width, samples] = [4, 64, 8];
  const random = seededRandom(1);
  const values = (count: number, size: number) =>
    Float32Array.from({ length: count }, () => size * (random() - 0.5));
  return {
    name: 'measurement',
    adapter: { rank, alpha: rank, A: values(rank * width, 0.2), B: values(width * rank, 0.2) },
    x: values(samples * width, 2),
    gradient: values(samples * width, 0.01),
    learningRate: 0.01,
  };
}

/** As a chain of one. */
export function sampleChain() {
  return chainsOf([sampleUpdate()])[0]!;
}
