import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import {
  etaOfB,
  MAX_ETA,
  type Optimizer,
  optimizerNumbers,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import type { Chain, UpdateRule } from './updates.js';

/** A way to write a chain's rate and rule. */
export interface Candidate {
  spec: UnplannedSpec;
  eta: bigint;
  /** What each update's gradient is multiplied with. */
  gradientScales: number[];
  /** What an entry of a gradient may not reach, at scale a + d: a state that grows out of such gradients is in range. */
  sumLimit: number;
}

/** Fractional bits of Adam's moments, unless gradients have more, and bits of an entry that they leave room for. */
const MOMENT_BITS = 24;
const MOMENT_ROOM = 30;
/** What `optimizerNumbers` takes where a rule does not say. */
const [MOMENTUM, EPSILON] = [0.9, 1e-8];
/** Gradients are multiplied with 2^20 down to 2^-12 for Adam, whose rate does not change with them. */
const [LARGEST_SCALE, SMALLEST_SCALE] = [20, -12];

type LocalSpec = UnplannedSpec & { lora: object };

/**
 * Ways to write a chain's rate and rule, those with the largest gradients first.
 *
 * @param spec for plain SGD
 *
 * Errors: `LEARNING_RATE_UNREPRESENTABLE`, `OPTIMIZER_*`.
 */
export function* candidates(chain: Chain, spec: LocalSpec): Generator<Candidate> {
  if (chain.rule?.type === 'adamw') yield* adamCandidates(chain, chain.rule, spec);
  else yield* rateCandidates(chain, spec);
}

function* rateCandidates({ adapter, updates, rule, name }: Chain, spec: LocalSpec): Generator<Candidate> {
  const { rank, alpha } = adapter;
  const { b, e } = spec.scales;
  // Half of the range of M, whose entries are at most 1 / (1 - momentum) times those of a gradient.
  const wide = b * Math.ceil(33 / b) - 2;
  const sumLimit =
    rule?.type === 'momentum' ? 2 ** wide * (1 - (rule.momentum ?? MOMENTUM)) : Number.POSITIVE_INFINITY;
  for (let eta = smallestEta(rank, alpha, name); eta < BigInt(MAX_ETA); eta *= 2n) {
    const etaB = etaOfB({ rank, alpha }, eta);
    if (etaB === undefined || etaB >= BigInt(MAX_ETA)) break;
    const learningRate = Number(eta) / 2 ** e;
    const gradientScales = updates.map((u) => u.learningRate / learningRate);
    const optimizer = rule && scaledRule(spec, rule, learningRate, gradientScales[0]!);
    yield { spec: withRule(spec, optimizer), eta, gradientScales, sumLimit };
  }
}

/** A rule beside gradients that were multiplied with `scale`: a step takes the same part of a weight away as without. */
function scaledRule(spec: LocalSpec, rule: UpdateRule, learningRate: number, scale: number) {
  const weightDecay = (rule.weightDecay ?? 0) * scale;
  try {
    return optimizerNumbers(spec, { ...rule, learningRate, weightDecay }).optimizer;
  } catch (e) {
    if (!isPotError(e, 'OPTIMIZER_UNREPRESENTABLE') || e.details.name !== 'weightDecay') throw e;
    const nearest = Number(e.details.nearest) / scale;
    throw new PotError(
      'OPTIMIZER_UNREPRESENTABLE',
      `the weight decay ${rule.weightDecay} is not representable`,
      {
        details: { name: 'weightDecay', requested: rule.weightDecay, nearest },
        hint: `The nearest is ${nearest}.`,
      },
    );
  }
}

function* adamCandidates({ updates }: Chain, rule: UpdateRule, spec: LocalSpec): Generator<Candidate> {
  const { a, d } = spec.scales;
  const { learningRate } = updates[0]!;
  const asked = rule.epsilon;
  // Where none is asked for: what small gradients need at least. It is in units of the multiplied ones.
  const { epsilon: _, ...rest } = rule;
  const least = optimizerNumbers(spec, { ...rest, learningRate }).effective.epsilon!;
  const sumLimit = 2 ** (MOMENT_ROOM - Math.max(0, MOMENT_BITS - a - d));
  for (let bits = LARGEST_SCALE; bits >= SMALLEST_SCALE; bits--) {
    const epsilon = asked === undefined ? Math.max(least, EPSILON * 2 ** bits) : asked * 2 ** bits;
    try {
      const { optimizer, rate } = optimizerNumbers(spec, { ...rule, learningRate, epsilon });
      const gradientScales = updates.map(() => 2 ** bits);
      yield { spec: withRule(spec, optimizer), eta: rate.eta, gradientScales, sumLimit };
    } catch (e) {
      if (!isPotError(e, 'OPTIMIZER_UNREPRESENTABLE') || e.details.name !== 'epsilon') throw e;
    }
  }
}

function withRule(spec: LocalSpec, optimizer: Optimizer | undefined): UnplannedSpec {
  return optimizer ? { ...spec, lora: { ...spec.lora, optimizer } as never } : spec;
}

/** The least eta for which B' = (alpha/rank) B has an integer rate. */
function smallestEta(rank: number, alpha: number, name: string): bigint {
  const gcd = (p: number, q: number): number => (q === 0 ? p : gcd(q, p % q));
  const eta = BigInt((rank / gcd(rank, alpha)) ** 2);
  const etaB = etaOfB({ rank, alpha }, eta);
  if (etaB !== undefined && etaB < BigInt(MAX_ETA)) return eta;
  throw new PotError(
    'LEARNING_RATE_UNREPRESENTABLE',
    `${name}: alpha ${alpha} with rank ${rank} has no integer rate`,
    {
      hint: 'Choose alpha as a multiple of the rank, or equal to it.',
    },
  );
}
