import type { Engine } from '@proof-of-training/halo2-wasm';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import { fileUses, proveInference, type Visibility } from '@proof-of-training/inference/node';
import { inputWidth } from '@proof-of-training/sgd-circuit';
import { readOpening } from '@proof-of-training/verifier';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { readJsonFile } from './files.js';
import { oneOf, text } from './flags.js';
import { secretsText } from './inferenceSecrets.js';
import { placeOf, requireWritable, writeTogether } from './outFiles.js';
import { provingFlags } from './provingFlags.js';
import { predicateText } from './reportLines.js';
import { type RevealFlags, revealFlags, revealOf } from './revealFlags.js';
import { rowsOf } from './rows.js';
import { summarise } from './terminal.js';

interface Flags extends RevealFlags {
  inputs: string;
  out: string;
  secrets?: string;
  showInputs?: Visibility;
  showOutputs?: Visibility;
  context?: string;
  uses?: string;
  srs?: string;
  allowDevelopmentSrs?: boolean;
  engine?: Engine;
  threads?: number;
  json?: boolean;
}

const VISIBILITIES: readonly Visibility[] = ['public', 'committed'];

/** `pot infer OPENING --inputs FILE -o FILE`: what a run's last weights give, proven. */
export function inferCommand(program: Command): void {
  const command = revealFlags(program.command('infer'), 'show, in the place of the outputs')
    .description('prove what a trained model gives for inputs, the model staying behind its commitment')
    .argument('<opening>', "opening of the run's last weights (secret): session.opening()")
    .requiredOption('--inputs <file>', 'JSON: an array of rows of numbers', text('--inputs'))
    .requiredOption('-o, --out <file>', 'proof to write', text('--out'))
    .option(
      '--secrets <file>',
      'where to write what opens committed values; default: OUT.secrets',
      text('--secrets'),
    )
    .option('--show-inputs <how>', 'public or committed (default)', oneOf('--show-inputs', VISIBILITIES))
    .option('--show-outputs <how>', 'public (default) or committed', oneOf('--show-outputs', VISIBILITIES));
  provingFlags(command).action(async (path: string, flags: Flags) => {
    const summary = await infer(path, flags);
    summarise(summary, flags.json ?? false);
  });
}

async function infer(path: string, flags: Flags) {
  const reveal = revealOf(flags);
  const config = await loadConfig();
  const engine = flags.engine ?? config.prover.engine;
  const show = { inputs: flags.showInputs ?? 'committed', outputs: flags.showOutputs ?? 'public' };
  const kept = flags.secrets ?? `${flags.out}.secrets`;
  const hides = show.inputs === 'committed' || show.outputs === 'committed';
  if (flags.secrets && !hides) {
    throw new PotError(
      'OPTION_INVALID',
      '--secrets: inputs and outputs are public, so there is nothing to keep',
    );
  }
  // A proof that cannot be kept would have counted all the same.
  await requireWritable([flags.out, ...(hides ? [kept] : [])], [path, flags.inputs]);
  const opening = readOpening(await readJsonFile(path));
  const rows = await rowsOf(flags.inputs, inputWidth(opening.spec));
  const start = performance.now();
  const { proof, outputs, revealed, secrets } = await proveInference({
    opening,
    inputs: rows.flat(),
    // Beside the file itself, whatever link leads there.
    uses: fileUses(flags.uses ?? `${await placeOf(path)}.uses`),
    config,
    engine,
    show,
    ...(reveal && { reveal }),
    ...(flags.context && { context: flags.context }),
    ...(flags.srs && { srs: await readSrs(await loadProver({ engine }), flags.srs) }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
  });
  const opened = secretsText(secrets);
  await writeTogether([
    ...(opened === undefined ? [] : [{ path: kept, text: opened, mode: 0o600 }]),
    { path: flags.out, text: `${JSON.stringify(proof)}\n` },
  ]);
  return {
    proof: flags.out,
    ...(opened !== undefined && { secrets: kept }),
    weights: proof.public.weights,
    samples: rows.length,
    ...(revealed && { revealed: revealed.map(predicateText) }),
    ...(show.outputs === 'public' &&
      !reveal && { largest: outputs.map((row) => row.indexOf(Math.max(...row))) }),
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
  };
}
