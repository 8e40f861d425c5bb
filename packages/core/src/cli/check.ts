import type { Engine } from '@proof-of-training/halo2-wasm';
import { checkModel, type ModelCheck } from '@proof-of-training/inference/node';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { checkLines } from './checkLines.js';
import { readProofFile } from './files.js';
import { text, whole } from './flags.js';
import { formatOf, type ModelFlags, modelOptions } from './modelFlags.js';
import { rowsOf } from './rows.js';
import { result, say } from './terminal.js';

interface Flags extends ModelFlags {
  samples?: string;
  perProof?: number;
  calibration: boolean;
  engine?: Engine;
  threads?: number;
  json?: boolean;
}

/** `pot check MODEL`: what proofs of an ONNX model take, and whether they can fail, before there is a key. */
export function checkCommand(program: Command): void {
  const command = program
    .command('check')
    .description('say what proofs of an ONNX model take, whether they can fail, and how accurate they are')
    .argument('<model>', 'ONNX file, its weights in it')
    .option(
      '--samples <file>',
      'JSON: an array of rows of numbers, as the model takes them, to compare with onnxruntime',
      text('--samples'),
    )
    .option(
      '--per-proof <number>',
      'samples that one proof is to hold, as --samples of pot import; default: 16',
      whole('--per-proof', 1, 4096),
    );
  modelOptions(command)
    .option('--no-calibration', 'time no small proofs: memory is estimated alone')
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--threads <number>', 'threads of a proof; default: all cores', whole('--threads', 1))
    .option('--json', 'print the report as JSON')
    .action(async (path: string, flags: Flags) => {
      const report = await checked(path, flags);
      result(report, checkLines(report), flags.json ?? false);
      if (!report.ok) process.exitCode = 1;
    });
}

async function checked(path: string, flags: Flags): Promise<ModelCheck> {
  const config = await loadConfig();
  const { output, perProof, threads, samples, calibration } = flags;
  const format = formatOf(flags);
  const onnx = await readProofFile(path);
  const inputs = samples === undefined ? undefined : await rowsOf(samples);
  return checkModel({
    onnx,
    config,
    engine: flags.engine ?? config.prover.engine,
    ...format,
    ...(output !== undefined && { output }),
    ...(perProof !== undefined && { samples: perProof }),
    ...(inputs && { inputs }),
    ...(threads !== undefined && { threads }),
    calibrate: calibration,
    onProgress: (what) => say(`${what} ...`),
  });
}
