import { type Engine, loadProver } from '@proof-of-training/halo2-wasm';
import { readSrs, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { readPeftAdapter } from '@proof-of-training/lora-circuit/node';
import { verifyAdapters } from '@proof-of-training/verifier/node';
import type { Command } from 'commander';
import { commitAdapters } from '../commit/adapters.js';
import { chooseSrs } from '../run/chooseSrs.js';
import { readJsonFile, readProofFile } from './files.js';
import { pin, text } from './flags.js';
import { type LimitFlags, limitOptions, limitsOf } from './limitFlags.js';
import { lines } from './reportLines.js';
import { SRS_FLAG, srsChoice } from './srsFlag.js';
import { Progress, result, say } from './terminal.js';

interface CommitFlags {
  out: string;
  srs?: string;
  engine?: Engine;
  json?: boolean;
}

interface CheckFlags extends LimitFlags {
  bundle: string;
  opening: string;
  layers?: string;
  base?: string;
  allowDevelopmentSrs?: boolean;
  allowLayerLocal?: boolean;
  allowRepeatedShards?: boolean;
  srs?: string;
  srsHash?: string;
  engine?: Engine;
  json?: boolean;
}

/** `pot adapter`: commits to adapter files in PEFT's format, and checks them against proven runs. */
export function adapterCommand(program: Command): void {
  const adapter = program.command('adapter').description('adapter files in PEFT format');
  adapter
    .command('commit')
    .description('commit to each adapter of a file: Poseidon and SHA-256')
    .argument('<dir>', 'folder with adapter_config.json and adapter_model.safetensors')
    .requiredOption(
      '--out <file>',
      'where the openings go: secret, they hold the adapters and the salts',
      text('--out'),
    )
    .option(...SRS_FLAG)
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the commitments as JSON')
    .action(commitAction);
  limitOptions(adapter.command('check'))
    .description('check that an adapter file is the output of a proven run')
    .argument('<dir>', 'folder with adapter_config.json and adapter_model.safetensors')
    .requiredOption('--bundle <file>', "the run's bundle", text('--bundle'))
    .requiredOption(
      '--opening <file>',
      "what opens the run's last commitment, from its owner",
      text('--opening'),
    )
    .option(
      '--layers <names>',
      "the file's modules in the order of the run's layers, with commas between them",
      text('--layers'),
    )
    .option('--base <hex>', 'digest of the frozen base that you expect', pin('--base'))
    .option('--allow-development-srs', 'accept proofs made with the INSECURE development SRS')
    .option('--allow-layer-local', 'accept layer-local proofs')
    .option('--allow-repeated-shards', 'accept a run that lists one shard more than once')
    .option('--srs <file>', 'the SRS that you trust', text('--srs'))
    .option('--srs-hash <hex>', 'hash that the SRS must have', pin('--srs-hash'))
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the report as JSON')
    .action(checkAction);
}

async function commitAction(dir: string, flags: CommitFlags): Promise<void> {
  const { modules } = await readPeftAdapter(dir);
  const halo2 = await loadProver({ engine: flags.engine });
  const srs = await srsChoice(flags.srs, flags.engine);
  const onWarning = (message: string) => say(`Warning: ${message}`);
  const made = await commitAdapters(halo2, (k) => chooseSrs(halo2, k, { srs, onWarning }), modules);
  const openings = made.map(({ name, opening }) => ({ name, opening }));
  await writeFileAtomic(flags.out, `${JSON.stringify(openings)}\n`, 0o600);
  const commitments = made.map(({ name, commitment }) => ({ name, ...commitment }));
  result(
    { commitments, openings: flags.out },
    [
      ...commitments.flatMap((c) => [c.name, `  poseidon ${c.poseidon}`, `  sha256   ${c.sha256}`]),
      `openings (secret) in ${flags.out}`,
    ],
    flags.json ?? false,
  );
}

async function checkAction(dir: string, flags: CheckFlags): Promise<void> {
  const { modules } = await readPeftAdapter(dir);
  const { engine, layers, base, srs, srsHash } = flags;
  const progress = new Progress('verifying', flags.json);
  // Files have their modules by name; numbers in names count as numbers.
  const sorted = [...modules].sort((p, q) => p.name.localeCompare(q.name, 'en', { numeric: true }));
  const report = await verifyAdapters(
    sorted,
    await readProofFile(flags.bundle),
    await readJsonFile(flags.opening),
    {
      ...limitsOf(flags),
      ...(engine && { engine }),
      ...(layers && { layers: layers.split(',') }),
      ...(base && { expected: { base } }),
      ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
      ...(flags.allowLayerLocal && { allowLayerLocal: true }),
      ...(flags.allowRepeatedShards && { allowRepeatedShards: true }),
      ...(srs && { srs: (await readSrs(await loadProver({ engine }), srs)).bytes }),
      ...(srsHash && { expectedSrsHash: srsHash }),
      onProof: (done, total) => progress.update(done, total),
    },
  );
  progress.end();
  result(report, lines(report), flags.json ?? false);
  if (!report.ok) process.exitCode = 1;
}
