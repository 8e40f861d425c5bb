import { type Engine, PotError } from '@proof-of-training/halo2-wasm';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { commitModel, fileUses, proveRange, readOnnx } from '@proof-of-training/inference/node';
import type { ProfileName } from '@proof-of-training/sgd-circuit';
import { profiles } from '@proof-of-training/sgd-circuit';
import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { readProofFile } from './files.js';
import { number, oneOf, positive, text, whole } from './flags.js';
import { placeOf, requireWritable } from './outFiles.js';
import { SRS_FLAG, srsChoice } from './srsFlag.js';
import { result } from './terminal.js';

interface Flags {
  out: string;
  genesis?: string;
  output?: string;
  inputMin?: number;
  inputMax?: number;
  inputScale?: number;
  samples?: number;
  profile?: ProfileName;
  srs?: string;
  engine?: Engine;
  json?: boolean;
}

/** `pot import MODEL -o OPENING`: an ONNX model behind a commitment, for `pot infer`. */
export function importCommand(program: Command): void {
  program
    .command('import')
    .description('commit to an ONNX model of dense layers, so that what it gives can be proven')
    .argument('<model>', 'ONNX file, its weights in it')
    .requiredOption('-o, --out <file>', 'opening to write: secret, pot infer takes it', text('--out'))
    .option(
      '--output <name>',
      'which output of the model; default: the only one that can be proven',
      text('--output'),
    )
    .option(
      '--genesis <file>',
      'where to write the proof that the weights are in range, for pot verify; without it, proofs are conditional',
      text('--genesis'),
    )
    .option('--input-min <number>', 'smallest input that there will be', number('--input-min'))
    .option('--input-max <number>', 'largest input that there will be', number('--input-max'))
    .option(
      '--input-scale <number>',
      'number by which inputs are divided first; pot infer takes divided ones',
      positive('--input-scale'),
    )
    .option(
      '--samples <number>',
      'samples that one proof is to hold; default: 16',
      whole('--samples', 1, 4096),
    )
    .option(
      '--profile <name>',
      `number format: ${Object.keys(profiles).join(', ')}`,
      oneOf('--profile', Object.keys(profiles) as ProfileName[]),
    )
    .option(...SRS_FLAG)
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the summary as JSON')
    .action(async (path: string, flags: Flags) => {
      const summary = await imported(path, flags);
      const lines = Object.entries(summary).map(([k, v]) => `${k.padEnd(10)} ${JSON.stringify(v)}`);
      result(summary, lines, flags.json ?? false);
    });
}

async function imported(path: string, flags: Flags) {
  const config = await loadConfig();
  const engine = flags.engine ?? config.prover.engine;
  const { inputMin, inputMax, inputScale, samples, profile, output } = flags;
  if ((inputMin === undefined) !== (inputMax === undefined)) {
    throw new PotError('OPTION_INVALID', '--input-min and --input-max belong together');
  }
  await requireWritable([flags.out, ...(flags.genesis ? [flags.genesis] : [])], [path]);
  const model = readOnnx(await readProofFile(path), output === undefined ? {} : { output });
  const srs = await srsChoice(flags.srs, engine);
  const opening = await commitModel({
    model,
    config,
    engine,
    ...(inputMin !== undefined && inputMax !== undefined && { inputRange: [inputMin, inputMax] as const }),
    ...(inputScale !== undefined && { inputScale }),
    ...(samples !== undefined && { samples }),
    ...(profile && { profile }),
    ...(srs && { srs }),
  });
  await writeFileAtomic(flags.out, `${JSON.stringify(opening)}\n`, 0o600);
  if (flags.genesis)
    await writeFileAtomic(flags.genesis, `${JSON.stringify(await rangeOf(opening, flags))}\n`);
  return {
    opening: flags.out,
    ...(flags.genesis && { genesis: flags.genesis }),
    weights: opening.commitment,
    network: [model.inputs, ...model.layers.map((l) => l.outputs)],
    output: model.output,
    softmax: model.softmax,
    rows: 2 ** opening.spec.shape.k,
  };
}

/** The genesis proof, the first one that opens this commitment: none was made before. */
async function rangeOf(opening: CheckpointOpening, { out, srs, engine }: Flags) {
  const given = await srsChoice(srs, engine);
  return proveRange({
    opening,
    uses: fileUses(`${await placeOf(out)}.uses`),
    config: await loadConfig(),
    ...(engine && { engine }),
    ...(given === 'development' ? { allowDevelopmentSrs: true } : given && { srs: given }),
  });
}
