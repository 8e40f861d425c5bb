import { PotError } from '@proof-of-training/halo2-wasm';
import {
  AGGREGATE_FORMAT,
  BUNDLE_FORMAT,
  INFERENCE_FORMAT,
  PROOF_FORMAT,
} from '@proof-of-training/verifier/files';

/** Kinds of files that `pot verify` reads. */
export type FileKind = 'run' | 'aggregate' | 'window' | 'genesis' | 'inference';

const RUNS: readonly FileKind[] = ['run', 'aggregate'];
const SINGLE: readonly FileKind[] = ['window', 'genesis'];
const OF_TRAINING: readonly FileKind[] = [...RUNS, ...SINGLE];

/** Which kinds of files can honour an option; options that are not here concern all of them. */
const HONOURED: Record<string, readonly FileKind[]> = {
  singleProof: SINGLE,
  datasetRoot: RUNS,
  settings: RUNS,
  beacon: RUNS,
  start: RUNS,
  runId: OF_TRAINING,
  weightsBefore: OF_TRAINING,
  base: OF_TRAINING,
  minBaseBits: OF_TRAINING,
  weightsAfter: [...RUNS, 'window', 'inference'],
  allowLayerLocal: ['run', ...SINGLE],
  allowRepeatedShards: ['run', 'inference'],
  against: ['run'],
  aggregationKey: ['aggregate', 'inference'],
  part: ['aggregate'],
  run: ['inference'],
  context: ['inference'],
  genesis: ['inference'],
  secrets: ['inference'],
  argmax: ['inference'],
  class: ['inference'],
  threshold: ['inference'],
  atLeast: ['inference'],
  atMost: ['inference'],
  maxK: ['inference'],
};

const WORDS: Record<FileKind, string> = {
  run: 'a run bundle',
  aggregate: 'an aggregate',
  window: 'a single proof',
  genesis: 'a genesis proof, which trains nothing',
  inference: 'a proof of an inference',
};

/** The kind that a file says it is of; undefined for a foreign one. It may still be anything. */
export function kindOf(value: unknown): FileKind | undefined {
  const { format, spec } = (value ?? {}) as { format?: unknown; spec?: { kind?: unknown } };
  if (format === BUNDLE_FORMAT) return 'run';
  if (format === AGGREGATE_FORMAT) return 'aggregate';
  if (format === INFERENCE_FORMAT) return 'inference';
  if (format !== PROOF_FORMAT) return undefined;
  return spec?.kind === 'genesis' ? 'genesis' : 'window';
}

/**
 * Refuses options that this kind of file cannot honour, and single proofs that were not asked for: whoever sends a file chooses its
 * kind, and must not choose which pins count.
 *
 * Errors: `OPTION_NOT_FOR_THIS_FILE`, `PROOF_SINGLE`.
 */
export function requireHonoured(kind: FileKind, flags: object): void {
  if (SINGLE.includes(kind) && !(flags as { singleProof?: boolean }).singleProof) {
    throw new PotError(
      'PROOF_SINGLE',
      `the file is ${WORDS[kind]}; a run bundle or an aggregate is expected`,
      {
        details: { kind },
        hint: 'A single proof holds on a condition only (docs/protocol/bundle-format.md). Ask for it with --single-proof.',
      },
    );
  }
  const name = Object.keys(flags).find((n) => HONOURED[n] && !HONOURED[n].includes(kind));
  if (name === undefined) return;
  const flag = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  throw new PotError('OPTION_NOT_FOR_THIS_FILE', `${flag} says nothing about ${WORDS[kind]}`, {
    details: { option: flag, kind },
    hint: 'Is it the file that you expect? Then leave the option out.',
  });
}
