import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import {
  canonicalJson,
  dequantiseWeights,
  integerLoss,
  outputWidth,
  type SgdSpec,
} from '@proof-of-training/sgd-circuit';
import type { CheckpointOpening } from '../bundle/opening.js';
import type { Run } from '../run/schema.js';
import { baseDigest } from './baseDigest.js';
import { checkLimits, type LimitOptions } from './limits.js';
import { type NetworkSource, type NetworkWeights, networkOf } from './network.js';
import { openCommitment, readOpening } from './opening.js';
import { verifierOptions } from './options.js';
import type { ReferenceOptions } from './reference.js';
import { Checklist, pinsOf, reportOf, type Subject, type VerificationReport } from './report.js';
import { different, requireSameAdapters, requireSameNetwork } from './sameFunction.js';
import { checkSize } from './structure.js';

export interface VerifyWeightsOptions extends ReferenceOptions, LimitOptions {
  /** The run whose last weights these are, of a bundle or aggregate that was verified: the opening's specification must be its own. */
  run?: Pick<Run, 'spec' | 'srs' | 'base'>;
  /** Of a private base, from its owner. */
  baseSalt?: Uint8Array;
}

/**
 * Checks that a network's weights are those behind a commitment (the `weightsAfter` of a verified run), with the opening that the owner
 * gives: the same layers, activations and biases, adapters of the same rank and alpha, and the exact float32 view of the
 * committed integers. With `run`, the specification and the frozen base that it names are compared with the run's too; what
 * was not compared, the report's `notCompared` says. The run itself is not verified here.
 *
 * @throws PotError for wrong options (`OPTION_UNKNOWN`, `OPTION_INVALID`) and a commitment that is no digest (`PIN_INVALID`)
 * @example
 * const { run } = parseBundle(file); // verified before
 * const report = await verifyWeights(network, weightsAfter, opening, { run, srs });
 */
export async function verifyWeights(
  network: NetworkSource,
  commitment: string,
  opening: unknown,
  options: VerifyWeightsOptions = {},
): Promise<VerificationReport> {
  const checked = verifierOptions('verifyWeights', options);
  const { run } = checked;
  const digest = parsePin('commitment', commitment);
  const list = new Checklist();
  let opened: CheckpointOpening | undefined;
  let weights: BigInt64Array | undefined;
  const ok =
    (await list.run('opening', async () => {
      opened = readOpening(opening);
      // Before anything of its size is made.
      checkSize(opened.spec);
      weights = await openCommitment(opened, digest, checked);
      return 'the opened integers are the committed ones';
    })) &&
    (await list.run('limits', () => checkLimits(opened!.spec, checked))) &&
    (!run || (await list.run('specification', () => sameAsRun(opened!, run)))) &&
    (await list.run('model', () => compareModel(network, opened!.spec, weights!))) &&
    (!run?.base || (await list.run('base', () => sameBase(network, run, checked))));
  const pins = pinsOf(
    ['commitment', 'run', 'expectedSrsHash'],
    [
      'commitment',
      ...Object.keys(checked).filter((name) => checked[name as keyof typeof checked] !== undefined),
    ],
  );
  return reportOf(list, ok, opened && subjectOf(opened, run), pins);
}

function subjectOf({ spec, srs }: CheckpointOpening, run: VerifyWeightsOptions['run']): Subject {
  const notCompared: string[] = [];
  if (!run) {
    notCompared.push(
      "that the opening's specification (loss, rule, batch, offsets) is that of a proven run: the commitment binds activations, alpha, rank and number format",
    );
  }
  const base = unknownBase(spec, run);
  if (base) notCompared.push(base);
  return { kind: 'weights', spec, srs, notCompared };
}

/** What is not known of the frozen weights below adapters; undefined where they are compared, or there are none. */
function unknownBase({ lora }: SgdSpec, run: VerifyWeightsOptions['run']): string | undefined {
  if (!lora) return undefined;
  if (lora.local) return "the model's frozen weights: layer-local proofs name no base";
  if (!run) return "that the model's base is the one of a run: give run, or compare baseDigest";
  if (run.base === undefined) {
    return "that the model's base is the one of the run: the run that was given does not name it (base)";
  }
  return undefined;
}

/** What the weights are weights of; windows and single steps differ in nothing of it. */
const FUNCTION = [
  'layers',
  'loss',
  'scales',
  'lora',
  'optimizer',
  'xOffset',
] as const satisfies (keyof SgdSpec)[];

/** Errors: `OPENING_SPEC`, with what differs. */
function sameAsRun({ spec, srs }: CheckpointOpening, run: NonNullable<VerifyWeightsOptions['run']>): string {
  const name = FUNCTION.find((n) => canonicalJson(spec[n] ?? null) !== canonicalJson(run.spec[n] ?? null));
  if (name !== undefined || srs.hash !== run.srs.hash) {
    const what = name ?? 'reference string';
    throw new PotError('OPENING_SPEC', `${what} of the opening is not the run's`, {
      details: { name: what },
    });
  }
  return "the opening's layers, loss, adapters and number format are the run's";
}

async function compareModel(network: NetworkSource, spec: SgdSpec, weights: BigInt64Array): Promise<string> {
  const recorded = await networkOf(network);
  requireSameNetwork(recorded, spec);
  requireSameAdapters(recorded, spec);
  const loss = integerLoss(recorded.loss, spec.scales, outputWidth(spec));
  if (canonicalJson(loss) !== canonicalJson(spec.loss) && !spec.lora?.local) throw different('the loss');
  if (spec.lora) {
    compareAdapters(recorded, dequantiseAdapters(spec, weights));
    return 'the model holds exactly these adapters, in layers with the same activations, biases, ranks and alphas';
  }
  compareWeights(recorded, dequantiseWeights(spec, weights));
  return 'the model holds exactly these weights, in layers with the same activations and biases';
}

/** Errors: `MODEL_DIFFERENT`, those of `baseDigest`. */
async function sameBase(
  network: NetworkSource,
  run: NonNullable<VerifyWeightsOptions['run']>,
  { run: _, ...options }: VerifyWeightsOptions,
): Promise<string> {
  if ((await baseDigest(network, run, options)) !== run.base) throw different('the frozen base');
  return "the model's base is the run's";
}

function compareWeights(
  { layers }: NetworkWeights,
  floats: { kernel: Float32Array; bias?: Float32Array }[],
): void {
  layers.forEach(({ name, kernel, biases }, l) => {
    if (!equal(kernel, floats[l]!.kernel)) throw different(`${name}/kernel`);
    if (!equal(biases ?? [], floats[l]!.bias ?? [])) throw different(`${name}/bias`);
  });
}

function compareAdapters(
  { layers }: NetworkWeights,
  floats: ({ A: Float32Array; B: Float32Array } | null)[],
): void {
  layers.forEach(({ name, adapter }, l) => {
    if (!equal(adapter?.A ?? [], floats[l]?.A ?? [])) throw different(`${name}/lora_a`);
    if (!equal(adapter?.B ?? [], floats[l]?.B ?? [])) throw different(`${name}/lora_b`);
  });
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
