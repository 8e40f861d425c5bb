import type { Engine } from '@proof-of-training/halo2-wasm';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import { exportOnnx } from '@proof-of-training/inference/node';
import { readOpening } from '@proof-of-training/verifier';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { readJsonFile } from './files.js';
import { oneOf, pin, text } from './flags.js';
import { requireNew, requireWritable, writeTogether } from './outFiles.js';
import { summarise } from './terminal.js';

interface Flags {
  out: string;
  constants?: 'double' | 'float';
  weightsAfter?: string;
  srs?: string;
  allowDevelopmentSrs?: boolean;
  engine?: Engine;
  json?: boolean;
}

/** `pot export OPENING -o MODEL`: a run's last weights as an ONNX file. */
export function exportCommand(program: Command): void {
  program
    .command('export')
    .description("write a trained model as an ONNX file: the weights behind an opening's commitment")
    .argument('<opening>', "opening of the run's last weights (secret), or of pot import")
    .requiredOption('-o, --out <file>', 'ONNX file to write: as secret as the weights', text('--out'))
    .option(
      '--constants <type>',
      'double (default), in which each weight is exact, or float, which rounds them to 24 bits',
      oneOf('--constants', ['double', 'float'] as const),
    )
    .option('--weights-after <hex>', 'digest that the weights must have', pin('--weights-after'))
    .option('--srs <file>', "the run's SRS; the Ignition ceremony's is there", text('--srs'))
    .option('--allow-development-srs', 'take an opening under the INSECURE development SRS')
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the summary as JSON')
    .action(async (path: string, flags: Flags) => {
      summarise(await exported(path, flags), flags.json ?? false);
    });
}

async function exported(path: string, flags: Flags) {
  const config = await loadConfig();
  const engine = flags.engine ?? config.prover.engine;
  await requireWritable([flags.out], [path]);
  await requireNew(flags.out);
  const opening = readOpening(await readJsonFile(path));
  const model = await exportOnnx({
    opening,
    config,
    engine,
    ...(flags.constants && { constants: flags.constants }),
    ...(flags.weightsAfter && { expectedWeights: flags.weightsAfter }),
    ...(flags.srs && { srs: await readSrs(await loadProver({ engine }), flags.srs) }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
  });
  await writeTogether([{ path: flags.out, text: model, mode: 0o600, fresh: true }]);
  const { layers } = opening.spec;
  return {
    model: flags.out,
    bytes: model.length,
    weights: opening.commitment,
    network: [layers[0]!.inputs, ...layers.map((l) => l.outputs)],
    constants: flags.constants ?? 'double',
  };
}
