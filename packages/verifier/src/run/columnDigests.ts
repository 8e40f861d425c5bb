import { PotError } from '@proof-of-training/halo2-wasm';
import type { ActivationName, SgdSpec } from '@proof-of-training/sgd-circuit';
import {
  activationName,
  alphaUnits,
  LIMITS,
  labelsOf,
  stateCount,
  updateRule,
  weightScale,
} from '@proof-of-training/sgd-circuit';
import type { HashPair } from '../hash/pair.js';
import { checkEncoding } from './points.js';

const { reservedRows: RESERVED_ROWS, baseReservedOf, weightsDomain, baseDomain, dataDomain } = LIMITS;

/** What a layer computes: the only kind there is, and its activation. */
const DENSE = 1;
const ACTIVATIONS = {
  linear: 1,
  relu: 2,
  softmax: 3,
  sigmoid: 5,
  tanh: 6,
  softplus: 7,
  elu: 8,
  leakyRelu: 9,
  gelu: 10,
  geluTanh: 11,
  silu: 12,
  hardSigmoid: 13,
  hardSwish: 14,
  softsign: 15,
} as const satisfies Record<ActivationName, number>;
/** The sigmoid of a binary cross-entropy: its logits count. */
const LOGISTIC = 4;
const LABELS = { real: 0, oneHot: 1, bits: 2 } as const;

/**
 * Poseidon digests of column groups: the group's numbers, three an element; the low 31 bytes of each compressed
 * commitment, an element each; the commitments' last bytes, 31 an element. All little-endian.
 */
export class ColumnDigests {
  constructor(private readonly pair: HashPair) {}

  /**
   * Digest of a checkpoint's commitments (`points` as `Prover.commitWeights` gives them), 0x hex. Networks that differ
   * in a layer's size, bias or activation, in an adapter or in a number format have no digest in common. Under
   * cross-entropy the last activation is softmax, as which logits count.
   */
  weights(spec: SgdSpec, points: Uint8Array): string {
    return this.group(weightsDomain, weightNumbers(spec), points);
  }

  /**
   * Digest of a frozen base's commitments (`points` as `Prover.commitBase` gives them): the same in every run on that
   * base with these columns, rows and last activation (softmax under cross-entropy), whatever its adapters. Bases that differ in a layer's size, bias or activation, or
   * in the weights' number format, have no digest in common.
   *
   * Errors: `BASE_ABSENT` where the specification has no base.
   */
  base(spec: SgdSpec, points: Uint8Array): string {
    return this.group(baseDomain, [...baseLayout(spec), ...networkFunction(spec)], points);
  }

  /** Digest of a shard's commitments. */
  data(spec: SgdSpec, points: Uint8Array): string {
    return this.group(dataDomain, dataLayout(spec), points);
  }

  private group(domain: number, numbers: bigint[], points: Uint8Array): string {
    checkEncoding(points);
    const last = points.filter((_, i) => i % 32 === 31);
    const list = [
      ...chunks(numbers, 3).map(([a = 0n, b = 0n, c = 0n]) => a | (b << 64n) | (c << 128n)),
      ...chunks([...points], 32).map((point) => littleEndian(point.slice(0, 31))),
      ...chunks([...last], 31).map(littleEndian),
    ].map(field);
    return list.reduce(this.pair, this.pair(field(BigInt(domain)), field(BigInt(list.length))));
  }
}

/** Where the weights lie, then what makes them a function: see `weight_description` in packages/sgd-circuit/rust. */
function weightNumbers(spec: SgdSpec): bigint[] {
  const { a, d, e, b, p } = spec.scales;
  return [...weightLayout(spec), ...[a, d, e, b, p].map(BigInt), ...networkFunction(spec)];
}

/** What the layers compute, beside what a layout says of them. */
function networkFunction({ layers, loss }: SgdSpec): bigint[] {
  const numbers = layers.flatMap(({ activation }, l) => {
    const logits = l === layers.length - 1 && labelsOf(loss) === 'bits';
    const alpha = alphaUnits(activation);
    // Which it is says whether a parameter follows.
    return [
      DENSE,
      logits ? LOGISTIC : ACTIVATIONS[activationName(activation)],
      ...(alpha > 0 ? [alpha] : []),
    ];
  });
  return [layers.length, ...numbers].map(BigInt);
}

/** What follows in the numbers of a layout. A rule without states trains the same weights as plain SGD. */
const FOLLOWS = { nothing: 0, adapters: 1, states: 2 } as const;

function weightLayout(spec: SgdSpec): bigint[] {
  const { shape, scales, layers, lora } = spec;
  const numbers = [shape.k, shape.weightColumns, RESERVED_ROWS, weightScale(scales), ...network(layers)];
  // Limb bits fix the offsets of states.
  const states = [stateCount(spec), scales.b];
  if (lora) {
    numbers.push(FOLLOWS.adapters, shape.baseColumns ?? 0, lora.baseBits, lora.local ? 1 : 0);
    for (const adapter of lora.adapters) numbers.push(adapter?.rank ?? 0, adapter?.alpha ?? 0);
    numbers.push(...(updateRule(spec) ? [1, ...states] : [0]));
  } else {
    numbers.push(...(stateCount(spec) > 0 ? [FOLLOWS.states, ...states] : [FOLLOWS.nothing]));
  }
  return numbers.map(BigInt);
}

function baseLayout({ shape, layers, lora }: SgdSpec): bigint[] {
  if (!lora || shape.baseColumns === undefined) {
    throw new PotError('BASE_ABSENT', 'the specification has no frozen base');
  }
  const numbers = [shape.k, shape.baseColumns, baseReserved(shape.k), lora.baseBits, ...network(layers)];
  return numbers.map(BigInt);
}

/** A base is opened by many proofs, so that more of its rows are secret (docs/operators/lora.md, section 3). */
function baseReserved(k: number): number {
  return Math.max(RESERVED_ROWS, 2 ** k / baseReservedOf);
}

function network(layers: SgdSpec['layers']): number[] {
  return [layers.length, ...layers.flatMap((l) => [l.inputs, l.outputs, l.bias ? 1 : 0])];
}

function dataLayout(spec: SgdSpec): bigint[] {
  const { shape, scales, batch, steps, xOffset, yOffset, loss } = spec;
  const labels = LABELS[labelsOf(loss)];
  const numbers = [shape.dataColumns, batch, steps, scales.a, scales.b, xOffset, yOffset, labels];
  return [...numbers.map(BigInt), ...weightLayout(spec)];
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

function littleEndian(bytes: readonly number[]): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function field(v: bigint): string {
  return `0x${v.toString(16).padStart(64, '0')}`;
}
