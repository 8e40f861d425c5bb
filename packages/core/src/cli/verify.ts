import type { Command } from 'commander';
import { type Engine, loadProver } from 'halo2-wasm';
import { readSrs } from 'halo2-wasm/node';
import { AGGREGATE_FORMAT } from '../aggregate/file.js';
import { PROOF_FORMAT } from '../bundle/schema.js';
import { verifyAggregate } from '../verify/aggregate.js';
import { samplesText } from '../verify/datasetUse.js';
import type { Expectations } from '../verify/expectations.js';
import { verifyTrainingProof } from '../verify/proof.js';
import type { ReferenceOptions } from '../verify/reference.js';
import type { VerificationReport } from '../verify/report.js';
import { verifyTrainingRun } from '../verify/run.js';
import { readProofFile, saysFormat } from './files.js';
import { Progress, result } from './terminal.js';

interface Flags {
  allowDevelopmentSrs?: boolean;
  srs?: string;
  srsHash?: string;
  runId?: string;
  datasetRoot?: string;
  weightsBefore?: string;
  weightsAfter?: string;
  base?: string;
  allowLayerLocal?: boolean;
  allowRepeatedShards?: boolean;
  aggregationKey?: string;
  part?: boolean;
  engine?: Engine;
  json?: boolean;
}

/** `pot verify FILE`: exit code 0 only where everything holds. */
export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('verify a run bundle, an aggregate or a single proof, from the file alone')
    .argument('<file>', 'run bundle, aggregate or proof')
    .option('--allow-development-srs', 'accept proofs made with the INSECURE development string')
    .option('--srs <file>', 'the reference string that you trust')
    .option('--srs-hash <hex>', 'hash that the reference string must have')
    .option('--run-id <hex>', 'the run id that you expect')
    .option('--dataset-root <hex>', 'the dataset root that was published before training')
    .option('--weights-before <hex>', 'the commitment to the first weights that you expect')
    .option('--weights-after <hex>', 'the commitment to the last weights that you expect')
    .option('--base <hex>', 'the digest of the frozen base that you expect')
    .option(
      '--allow-layer-local',
      "accept proofs of adapters that take a layer's input and upstream gradient as given",
    )
    .option(
      '--allow-repeated-shards',
      'accept a run that lists one shard more than once; its samples are counted once',
    )
    .option(
      '--aggregation-key <hex>',
      'hash of the aggregation key that you trust, as pot aggregate prints it; without it, the key is derived (seconds, in WebAssembly more)',
    )
    .option(
      '--part',
      "accept an aggregate that begins after the run's first step: nothing is proven of the steps before",
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, flags: Flags) => {
      const report = await verifyFile(file, flags);
      result(report, lines(report), flags.json ?? false);
      if (!report.ok) process.exitCode = 1;
    });
}

async function verifyFile(file: string, flags: Flags): Promise<VerificationReport> {
  const bytes = await readProofFile(file);
  const { engine } = flags;
  const options: ReferenceOptions & { allowLayerLocal?: boolean } = {
    ...(engine && { engine }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    ...(flags.allowLayerLocal && { allowLayerLocal: true }),
    ...(flags.srs && { srs: (await readSrs(await loadProver({ engine }), flags.srs)).bytes }),
    ...(flags.srsHash && { expectedSrsHash: flags.srsHash }),
  };
  const says = (format: string) => saysFormat(bytes, format);
  if (says(PROOF_FORMAT)) {
    return verifyTrainingProof(bytes, {
      ...options,
      ...(flags.base && { expected: { base: flags.base } }),
    });
  }
  const { runId, datasetRoot, weightsBefore, weightsAfter, base } = flags;
  const expected: Expectations = {
    ...(runId && { runId }),
    ...(datasetRoot && { datasetRoot }),
    ...(weightsBefore && { weightsBefore }),
    ...(weightsAfter && { weightsAfter }),
    ...(base && { base }),
  };
  if (says(AGGREGATE_FORMAT)) {
    const { aggregationKey, part } = flags;
    return verifyAggregate(bytes, {
      ...options,
      expected,
      ...(aggregationKey && { aggregationKey }),
      ...(part && { allowPart: true }),
    });
  }
  const progress = new Progress('verifying', flags.json);
  const report = await verifyTrainingRun(bytes, {
    ...options,
    expected,
    ...(flags.allowRepeatedShards && { allowRepeatedShards: true }),
    onProof: (done, total) => progress.update(done, total),
  });
  progress.end();
  return report;
}

/** A report in lines for people. */
export function lines(report: VerificationReport): string[] {
  const out: string[] = [];
  const proofs = report.checks.filter((c) => /^proof \d+$/.test(c.name) && c.ok);
  for (const c of report.checks) {
    if (!proofs.includes(c))
      out.push(`${c.ok ? 'ok  ' : 'FAIL'}  ${c.name}: ${c.detail}${c.code ? ` [${c.code}]` : ''}`);
  }
  if (proofs.length > 0) out.push(`ok    ${proofs.length} window proofs hold`);
  if (report.proven) out.push(samplesText(report.proven));
  const lora = report.proven?.lora ?? report.lora;
  if (report.ok && lora) out.push(lora.statement);
  if (report.proven?.part) out.push(report.proven.part.statement);
  out.push(report.ok ? 'VERIFIED' : `REFUSED: ${report.failure?.message} [${report.failure?.code}]`);
  if (report.ok && report.developmentSrs) {
    out.push('Made with the INSECURE development string: convincing to nobody but yourself.');
  }
  return out;
}
