import { type Engine, loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import type { Command } from 'commander';
import { verifyAggregate } from '../verify/aggregate.js';
import type { LimitOptions } from '../verify/limits.js';
import { verifyTrainingProof } from '../verify/proof.js';
import type { ReferenceOptions } from '../verify/reference.js';
import { Checklist, type VerificationReport } from '../verify/report.js';
import { verifyTrainingRun } from '../verify/run.js';
import { kindOf, requireHonoured } from './fileKinds.js';
import { readProofFile } from './files.js';
import { oneOf, pin, text } from './flags.js';
import { type LimitFlags, limitOptions, limitsOf } from './limitFlags.js';
import { lines } from './reportLines.js';
import { Progress, result } from './terminal.js';

interface Flags extends LimitFlags {
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
  part?: boolean;
  engine?: Engine;
  json?: boolean;
}

/** `pot verify FILE`: exit code 0 only where everything holds. */
export function verifyCommand(program: Command): void {
  limitOptions(program.command('verify'))
    .description(
      'verify a run bundle or an aggregate (or, with --single-proof, a single proof), from the file alone',
    )
    .argument('<file>', 'run bundle, aggregate or proof')
    .option('--allow-development-srs', 'accept proofs made with the INSECURE development string')
    .option('--srs <file>', 'the reference string that you trust', text('--srs'))
    .option('--srs-hash <hex>', 'hash that the reference string must have', pin('--srs-hash'))
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
    .option('--json', 'print the report as JSON')
    .action(async (file: string, flags: Flags) => {
      const report = await verifyFile(file, flags);
      result(report, lines(report), flags.json ?? false);
      if (!report.ok) process.exitCode = 1;
    });
}

async function verifyFile(path: string, flags: Flags): Promise<VerificationReport> {
  const read = await readOrReport(path);
  if ('report' in read) return read.report;
  const { value } = read;
  const kind = kindOf(value);
  if (kind) requireHonoured(kind, flags);
  const { engine, runId, weightsBefore, weightsAfter, base } = flags;
  const options: ReferenceOptions & LimitOptions & { allowLayerLocal?: boolean } = {
    ...limitsOf(flags),
    ...(engine && { engine }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    ...(flags.srs && { srs: (await readSrs(await loadProver({ engine }), flags.srs)).bytes }),
    ...(flags.srsHash && { expectedSrsHash: flags.srsHash }),
  };
  const local = flags.allowLayerLocal && { allowLayerLocal: true };
  if (kind === 'window' || kind === 'genesis') {
    const expected = {
      ...(runId && { runId }),
      ...(weightsBefore && { weightsIn: weightsBefore }),
      ...(weightsAfter && { weightsOut: weightsAfter }),
      ...(base && { base }),
    };
    return verifyTrainingProof(value, { ...options, ...local, expected });
  }
  const expected = {
    ...(runId && { runId }),
    ...(flags.datasetRoot && { datasetRoot: flags.datasetRoot }),
    ...(flags.settings && { settings: flags.settings }),
    ...(flags.beacon && { beacon: flags.beacon }),
    ...(flags.start && { start: flags.start }),
    ...(weightsBefore && { weightsBefore }),
    ...(weightsAfter && { weightsAfter }),
    ...(base && { base }),
  };
  if (kind === 'aggregate') {
    const { aggregationKey, part } = flags;
    return verifyAggregate(value, {
      ...options,
      expected,
      ...(aggregationKey && { aggregationKey }),
      ...(part && { allowPart: true }),
    });
  }
  const progress = new Progress('verifying', flags.json);
  const report = await verifyTrainingRun(value, {
    ...options,
    ...local,
    expected,
    ...(flags.allowRepeatedShards && { allowRepeatedShards: true }),
    ...(flags.against && { against: await Promise.all(flags.against.map(readProofFile)) }),
    onProof: (done, total) => progress.update(done, total),
  });
  progress.end();
  return report;
}

/** The file's value; or, where it is damaged, the report that refuses it. Errors: `FILE_READ`, `FORMAT_TOO_LARGE`. */
async function readOrReport(path: string): Promise<{ value: object } | { report: VerificationReport }> {
  const bytes = await readProofFile(path);
  const list = new Checklist();
  let value: unknown;
  await list.run('format', () => {
    value = readStrictJson(bytes);
    if (typeof value === 'object' && value !== null) return 'JSON';
    throw new PotError('FORMAT_FOREIGN', 'the file is no object');
  });
  if (!list.failure) return { value: value as object };
  const none = { developmentSrs: false, pinned: [], notPinned: [] };
  return { report: { ok: false, checks: list.checks, failure: list.failure, ...none } };
}
