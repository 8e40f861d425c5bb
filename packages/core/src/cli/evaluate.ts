import type { Engine } from '@proof-of-training/halo2-wasm';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import { fileUses, proveEvaluation } from '@proof-of-training/inference/node';
import { inputWidth } from '@proof-of-training/sgd-circuit';
import { readOpening } from '@proof-of-training/verifier';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { readJsonFile } from './files.js';
import { text } from './flags.js';
import { secretsText } from './inferenceSecrets.js';
import { placeOf, requireWritable, writeTogether } from './outFiles.js';
import { provingFlags } from './provingFlags.js';
import { rowsOf } from './rows.js';
import { summarise } from './terminal.js';

interface Flags {
  inputs: string;
  labels: string;
  out: string;
  secrets?: string;
  context?: string;
  uses?: string;
  srs?: string;
  allowDevelopmentSrs?: boolean;
  engine?: Engine;
  threads?: number;
  json?: boolean;
}

/** `pot evaluate OPENING --inputs FILE --labels FILE -o FILE`: how often a run's last weights are right, proven. */
export function evaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description('prove how often a trained model is right on a test set whose digest is shown')
    .argument('<opening>', "opening of the run's last weights (secret): session.opening()")
    .requiredOption('--inputs <file>', 'JSON: an array of rows of numbers', text('--inputs'))
    .requiredOption('--labels <file>', 'JSON: of each row the output that is right, from 0', text('--labels'))
    .requiredOption('-o, --out <file>', 'proof to write', text('--out'))
    .option(
      '--secrets <file>',
      'where to write what opens the digest of the test set; default: OUT.secrets',
      text('--secrets'),
    );
  provingFlags(command).action(async (path: string, flags: Flags) => {
    summarise(await evaluate(path, flags), flags.json ?? false);
  });
}

async function evaluate(path: string, flags: Flags) {
  const config = await loadConfig();
  const engine = flags.engine ?? config.prover.engine;
  const kept = flags.secrets ?? `${flags.out}.secrets`;
  // A proof that cannot be kept would have counted all the same.
  await requireWritable([flags.out, kept], [path, flags.inputs, flags.labels]);
  const opening = readOpening(await readJsonFile(path));
  const rows = await rowsOf(flags.inputs, inputWidth(opening.spec));
  const start = performance.now();
  const { proof, counts, samples, right, secrets } = await proveEvaluation({
    opening,
    inputs: rows.flat(),
    labels: await labelsOf(flags.labels),
    // Beside the file itself, whatever link leads there.
    uses: fileUses(flags.uses ?? `${await placeOf(path)}.uses`),
    config,
    engine,
    ...(flags.context && { context: flags.context }),
    ...(flags.srs && { srs: await readSrs(await loadProver({ engine }), flags.srs) }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
  });
  await writeTogether([
    { path: kept, text: secretsText(secrets)!, mode: 0o600 },
    { path: flags.out, text: `${JSON.stringify(proof)}\n` },
  ]);
  return {
    proof: flags.out,
    secrets: kept,
    weights: proof.public.weights,
    samples,
    right,
    counts: counts.map((row) => row.join(' ')),
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
  };
}

const labelsSchema = z.array(z.int().min(0)).min(1);

/** Errors: `FILE_READ`, `FILE_JSON`, `DATA_LABELS`. */
async function labelsOf(path: string): Promise<number[]> {
  const parsed = labelsSchema.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  throw new PotError('DATA_LABELS', `${path} is no JSON array of whole numbers from 0`);
}
