import type { Engine } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { oneOf, pin, text, whole } from './flags.js';
import type { LimitFlags } from './limitFlags.js';
import { type RevealFlags, revealFlags } from './revealFlags.js';

/** What `pot verify` was told. */
export interface VerifyFlags extends LimitFlags, RevealFlags {
  singleProof?: boolean;
  allowDevelopmentSrs?: boolean;
  srs?: string;
  srsHash?: string;
  runId?: string;
  datasetRoot?: string;
  settings?: string;
  beacon?: string;
  start?: 'seed' | 'given';
  weightsBefore?: string;
  weightsAfter?: string;
  base?: string;
  allowLayerLocal?: boolean;
  allowRepeatedShards?: boolean;
  against?: string[];
  aggregationKey?: string;
  run?: string;
  context?: string;
  genesis?: string;
  secrets?: string;
  maxK?: number;
  part?: boolean;
  engine?: Engine;
  json?: boolean;
}

/** The flags of `pot verify` but those of the limits. */
export function verifyFlags(command: Command): Command {
  return acceptedFlags(revealFlags(expectedFlags(srsFlags(command)), 'of an inference, what it must show'));
}

/** Of the SRS. */
function srsFlags(command: Command): Command {
  return command
    .option('--allow-development-srs', 'accept proofs made with the INSECURE development SRS')
    .option('--srs <file>', 'the SRS that you trust', text('--srs'))
    .option('--srs-hash <hex>', 'hash that the SRS must have', pin('--srs-hash'));
}

/** Of what the verifier knows from elsewhere: a run with another value is refused. */
function expectedFlags(command: Command): Command {
  return command
    .option('--run-id <hex>', 'the run id that you expect', pin('--run-id'))
    .option(
      '--dataset-root <hex>',
      'the dataset root that was published before training',
      pin('--dataset-root'),
    )
    .option(
      '--settings <hex>',
      'the digest of settings that was published with it, before the beacon was known',
      pin('--settings'),
    )
    .option(
      '--beacon <hex>',
      "the run's beacon that you know to be later than its publication: value or block hash",
      pin('--beacon'),
    )
    .option(
      '--start <kind>',
      'where the first weights must come from: seed (the public one) or given (by the one who trained)',
      oneOf('--start', ['seed', 'given']),
    )
    .option(
      '--weights-before <hex>',
      'the commitment to the first weights that you expect',
      pin('--weights-before'),
    )
    .option(
      '--weights-after <hex>',
      'the commitment to the last weights that you expect',
      pin('--weights-after'),
    )
    .option('--base <hex>', 'the digest of the frozen base that you expect', pin('--base'))
    .option(
      '--run <file>',
      'of an inference: bundle or aggregate of the run that must have ended with these weights; it is verified too',
      text('--run'),
    )
    .option('--context <hex>', 'of an inference: what it must be bound to', pin('--context'))
    .option(
      '--genesis <file>',
      'of an inference of a model that no run trained: the genesis proof of its weights; it is verified too',
      text('--genesis'),
    )
    .option(
      '--secrets <file>',
      'of an inference: what pot infer wrote beside it; inputs and outputs must be these',
      text('--secrets'),
    )
    .option(
      '--max-k <number>',
      'of an inference: log2 of the rows that you accept; default: 17 without --run',
      whole('--max-k', 1, 28),
    );
}

/** Of what is accepted, and how it is checked and shown. */
function acceptedFlags(command: Command): Command {
  return command
    .option(
      '--allow-layer-local',
      "accept proofs of adapters that take a layer's input and upstream gradient as given",
    )
    .option(
      '--allow-repeated-shards',
      'accept a run that lists one shard more than once; its samples are counted once',
    )
    .option(
      '--against <file>',
      'another bundle of the same run, which must be its beginning, or it of that one; may be repeated',
      (path: string, before: string[] = []) => [...before, path],
    )
    .option(
      '--aggregation-key <hex>',
      'hash of the aggregation key that you trust, as pot aggregate prints it; without it, the key is derived (seconds, in WebAssembly more)',
      pin('--aggregation-key'),
    )
    .option(
      '--part',
      "accept an aggregate that begins after the run's first step: nothing is proven of the steps before",
    )
    .option(
      '--single-proof',
      'the file is a single proof or a genesis proof: what it says holds on a condition only',
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the report as JSON');
}
