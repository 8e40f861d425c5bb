import type { Engine } from '@proof-of-training/halo2-wasm';
import { commitModel, fileUses, proveRange, readOnnx } from '@proof-of-training/inference/node';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { readProofFile } from './files.js';
import { text, whole } from './flags.js';
import { formatOf, type ModelFlags, modelOptions } from './modelFlags.js';
import { placeOf, requireNew, requireWritable, writeTogether } from './outFiles.js';
import { srsChoice } from './srsFlag.js';
import { summarise } from './terminal.js';

interface Flags extends ModelFlags {
  out: string;
  genesis?: string;
  samples?: number;
  srs?: string;
  engine?: Engine;
  json?: boolean;
}

/** `pot import MODEL -o OPENING`: an ONNX model behind a commitment, for `pot infer`. */
export function importCommand(program: Command): void {
  const command = program
    .command('import')
    .description('commit to an ONNX model of dense layers, so that what it gives can be proven')
    .argument('<model>', 'ONNX file, its weights in it')
    .requiredOption('-o, --out <file>', 'opening to write: secret, pot infer takes it', text('--out'))
    .option(
      '--genesis <file>',
      'where to write the proof that the weights are in range, for pot verify; without it, proofs are conditional',
      text('--genesis'),
    )
    .option(
      '--samples <number>',
      'samples that one proof is to hold; default: 16',
      whole('--samples', 1, 4096),
    );
  modelOptions(command)
    .option(
      '--srs <file>',
      "the SRS, or the word development for the INSECURE one; default: the Ignition ceremony's, up to 2^14 rows",
      text('--srs'),
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--json', 'print the summary as JSON')
    .action(async (path: string, flags: Flags) => {
      const summary = await imported(path, flags);
      summarise(summary, flags.json ?? false);
    });
}

async function imported(path: string, flags: Flags) {
  const config = await loadConfig();
  const engine = flags.engine ?? config.prover.engine;
  const { samples, output } = flags;
  const format = formatOf(flags);
  await requireWritable([flags.out, ...(flags.genesis ? [flags.genesis] : [])], [path]);
  const model = readOnnx(await readProofFile(path), output === undefined ? {} : { output });
  const srs = await srsChoice(flags.srs, engine);
  const opening = await commitModel({
    model,
    config,
    engine,
    ...format,
    ...(samples !== undefined && { samples }),
    ...(srs && { srs }),
  });
  // Before a proof is counted beside it. Another opening that is there could be made by nobody again.
  await requireNew(flags.out);
  const genesis =
    flags.genesis &&
    (await proveRange({
      opening,
      uses: fileUses(`${await placeOf(flags.out)}.uses`),
      config,
      engine,
      ...(srs === 'development' ? { allowDevelopmentSrs: true } : srs && { srs }),
    }));
  await writeTogether([
    { path: flags.out, text: `${JSON.stringify(opening)}\n`, mode: 0o600, fresh: true },
    ...(genesis ? [{ path: flags.genesis!, text: `${JSON.stringify(genesis)}\n` }] : []),
  ]);
  return {
    opening: flags.out,
    ...(flags.genesis && { genesis: flags.genesis }),
    weights: opening.commitment,
    network: [model.inputs, ...model.layers.map((l) => l.outputs)],
    output: model.output,
    softmax: model.softmax,
    ...(model.last && { last: model.last }),
    rows: 2 ** opening.spec.shape.k,
  };
}
