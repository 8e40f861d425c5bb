import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { weightScale } from '@proof-of-training/sgd-circuit';
import type { HashPair } from '../dataset/merkle.js';
import { decompress } from './points.js';

/** Domain tags and rows kept for blinding, as in packages/sgd-circuit/rust. */
const WEIGHTS_DOMAIN = 0x706f7457n;
const DATA_DOMAIN = 0x706f7444n;
const RESERVED_ROWS = 64n;

/** Poseidon digests of column groups: layout numbers, then the commitments' coordinates. */
export class ColumnDigests {
  constructor(private readonly pair: HashPair) {}

  /** Digest of a checkpoint's commitments (`points` as `Prover.commitWeights` gives them), 0x hex. */
  weights(spec: SgdSpec, points: Uint8Array): string {
    return this.group(WEIGHTS_DOMAIN, weightLayout(spec), points);
  }

  /** Digest of a shard's commitments. */
  data(spec: SgdSpec, points: Uint8Array): string {
    return this.group(DATA_DOMAIN, dataLayout(spec), points);
  }

  private group(domain: bigint, layout: bigint[], points: Uint8Array): string {
    const limbs = decompress(points).flatMap(({ x, y }) => [...split(x), ...split(y)]);
    const list = [...layout, ...limbs].map(field);
    return list.reduce(this.pair, this.pair(field(domain), field(BigInt(list.length))));
  }
}

function weightLayout({ shape, scales, layers }: SgdSpec): bigint[] {
  const numbers = [shape.k, shape.weightColumns, Number(RESERVED_ROWS), weightScale(scales), layers.length];
  for (const l of layers) numbers.push(l.inputs, l.outputs, l.bias ? 1 : 0);
  return numbers.map(BigInt);
}

function dataLayout(spec: SgdSpec): bigint[] {
  const { shape, scales, batch, steps, xOffset, yOffset, loss } = spec;
  const softmax = loss === 'softmaxCrossEntropy' ? 1 : 0;
  const numbers = [shape.dataColumns, batch, steps, scales.a, scales.b, xOffset, yOffset, softmax];
  return [...numbers.map(BigInt), ...weightLayout(spec)];
}

function split(v: bigint): [bigint, bigint] {
  return [v & ((1n << 128n) - 1n), v >> 128n];
}

function field(v: bigint): string {
  return `0x${v.toString(16).padStart(64, '0')}`;
}
