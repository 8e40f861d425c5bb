import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import type { LimitOptions } from '@proof-of-training/verifier';
import { Checklist, type VerificationReport } from '@proof-of-training/verifier';
import type { ReferenceOptions } from '@proof-of-training/verifier/node';
import {
  verifyAggregate,
  verifyInference,
  verifyTrainingProof,
  verifyTrainingRun,
} from '@proof-of-training/verifier/node';
import type { Command } from 'commander';
import { kindOf, requireHonoured } from './fileKinds.js';
import { readProofFile } from './files.js';
import { readSecrets } from './inferenceSecrets.js';
import { limitOptions, limitsOf } from './limitFlags.js';
import { lines } from './reportLines.js';
import { revealOf } from './revealFlags.js';
import { Progress, result } from './terminal.js';
import { type VerifyFlags, verifyFlags } from './verifyFlags.js';

/** `pot verify FILE`: exit code 0 only where everything holds. */
export function verifyCommand(program: Command): void {
  verifyFlags(limitOptions(program.command('verify')))
    .description(
      'verify a run bundle, an aggregate or a proof of an inference (or, with --single-proof, a single proof), from the file alone',
    )
    .argument('<file>', 'run bundle, aggregate, inference or proof')
    .action(async (file: string, flags: VerifyFlags) => {
      const report = await verifyFile(file, flags);
      result(report, lines(report), flags.json ?? false);
      if (!report.ok) process.exitCode = 1;
    });
}

async function verifyFile(path: string, flags: VerifyFlags): Promise<VerificationReport> {
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
  if (kind === 'inference') return verifyInference(value, { ...options, ...(await ofInference(flags)) });
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

/** What says something of a run alone. */
const OF_RUNS = [
  ['aggregationKey', '--aggregation-key'],
  ['maxTolerance', '--max-tolerance'],
  ['allowRepeatedShards', '--allow-repeated-shards'],
] as const;

/** What is asked of a proof of an inference. Errors: `OPTION_NOT_FOR_THIS_FILE`, those of `readProofFile` and `readSecrets`. */
async function ofInference(flags: VerifyFlags) {
  const { run, genesis, secrets, context, weightsAfter, aggregationKey, allowRepeatedShards, maxK } = flags;
  const reveal = revealOf(flags);
  const lost = OF_RUNS.find(([name]) => flags[name] !== undefined);
  if (lost && !run) {
    throw new PotError(
      'OPTION_NOT_FOR_THIS_FILE',
      `${lost[1]} says nothing about a proof of an inference without --run`,
      {
        details: { option: lost[1] },
      },
    );
  }
  return {
    ...(run && { run: await readProofFile(run) }),
    ...(genesis && { genesis: await readProofFile(genesis) }),
    ...(secrets && (await readSecrets(secrets))),
    ...(reveal && { reveal }),
    ...(aggregationKey && { aggregationKey }),
    ...(allowRepeatedShards && { allowRepeatedShards }),
    ...(maxK !== undefined && { maxK }),
    expected: { ...(context && { context }), ...(weightsAfter && { weights: weightsAfter }) },
  };
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
