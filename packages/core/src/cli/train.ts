import { dirname, join } from 'node:path';
import type { Engine } from '@proof-of-training/halo2-wasm';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { VerificationReport } from '@proof-of-training/verifier';
import { renderReport } from '@proof-of-training/verifier';
import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import type { Command } from 'commander';
import { defaultWindow } from '../config/apply.js';
import { loadConfig } from '../config/load.js';
import { metricsLine } from '../metrics/line.js';
import { ProverMetrics } from '../metrics/proverMetrics.js';
import { loadTf } from '../session/model.js';
import type { OpenOptions } from '../session/options.js';
import { TrainingSession } from '../session/trainingSession.js';
import { parseTrainConfig, type TrainConfig } from '../trainConfig/config.js';
import { trainRun } from '../trainConfig/engine.js';
import { readJsonFile } from './files.js';
import { text } from './flags.js';
import { requireWritable, writeTogether } from './outFiles.js';
import { SRS_FLAG, srsChoice } from './srsFlag.js';
import { LiveLine, Progress, result, say } from './terminal.js';

interface Flags {
  dir: string;
  out?: string;
  opening?: string;
  srs?: string;
  workers?: number;
  engine?: Engine;
  resume?: boolean;
  metrics?: boolean;
  json?: boolean;
}

/** What is printed at the end, with whether the bundle verifies. */
interface Summary extends Record<string, unknown> {
  ok: boolean;
}

/** `pot train CONFIG`: trains and proves what a configuration describes. */
export function trainCommand(program: Command): void {
  program
    .command('train')
    .description(
      'train and prove what a configuration file describes; with --resume, continue an interrupted run',
    )
    .argument('[config]', 'JSON file (docs/operate/cli.md); its beacon { value, source } goes into all seeds')
    .option('--dir <folder>', 'folder of the run (holds secrets in private/)', 'runs/run')
    .option('--out <file>', 'bundle to write; default: bundle.json in the run folder')
    .option(
      '--opening <file>',
      'where to write what opens the commitment to the last weights (secret): pot infer takes it',
      text('--opening'),
    )
    .option(...SRS_FLAG)
    .option('--workers <number>', 'prover threads; -1: one a core', Number)
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto')
    .option('--metrics', 'show live figures of the prover: proofs, times, queue, cache, memory')
    .option(
      '--resume',
      'continue the run in the folder: to the steps of the configuration, or, without one, as it stands',
    )
    .option('--json', 'print the summary as JSON')
    .action(async (config: string | undefined, flags: Flags) => {
      (await loadTf()).enableProdMode();
      const out = flags.out ?? join(flags.dir, 'bundle.json');
      // Before hours of training: nothing could be kept then.
      if (flags.opening) await requireWritable([flags.opening], [out]);
      const metrics = new ProverMetrics();
      const options: OpenOptions = {
        config: await loadConfig(),
        metrics,
        onWarning: (message) => say(`Warning: ${message}`),
        ...(flags.workers !== undefined && { workers: flags.workers }),
        ...(flags.engine && { engine: flags.engine }),
        ...(flags.srs && { srs: (await srsChoice(flags.srs, flags.engine))! }),
      };
      process.once('SIGINT', () => {
        say(`\nInterrupted. Closed windows are kept: pot train --resume --dir ${flags.dir}`);
        process.exit(130);
      });
      const live = new LiveLine(async () => metricsLine(await metrics.snapshot()), !flags.metrics);
      const run = flags.resume ? resumeRun : startRun;
      const summary = await run(config, flags, out, options).finally(() => live.end());
      finishWith(summary, flags);
    });
}

async function startRun(
  path: string | undefined,
  flags: Flags,
  out: string,
  options: OpenOptions,
): Promise<Summary> {
  if (!path) throw new Error('a configuration file is needed (or --resume)');
  const config = parseTrainConfig(await readJsonFile(path), defaultWindow(options.config));
  // The line of figures and a bar would overwrite each other.
  const quiet = (flags.json ?? false) || (flags.metrics ?? false);
  const preparing = new Progress('preparing', quiet);
  const training = new Progress('training', quiet);
  let total = 0;
  let proven = 0;
  let last = '';
  let steps = 0;
  const show = () => training.update(steps, total, `${last}, ${proven} windows proven`);
  const { bundle, testAccuracy, proofs, opening } = await trainRun(config, flags.dir, {
    ...options,
    dataFolder: dirname(path),
    onPrepare: (what, done, count) => preparing.update(done, count, what),
    onReady: (session) => {
      preparing.end();
      total = stepsOf(config, session);
    },
    onStep: (r) => {
      steps = r.step + 1;
      last = `loss ${r.loss.toFixed(3)}, accuracy ${(100 * r.accuracy).toFixed(0)} %`;
      show();
    },
    onProof: (event) => {
      if (event.window !== undefined) proven++;
      show();
    },
  });
  training.end();
  await keepOpening(flags, opening);
  await writeFileAtomic(out, `${JSON.stringify(bundle)}\n`);
  const verification = await verifyTrainingRun(bundle, {
    allowDevelopmentSrs: true,
    allowRepeatedShards: true,
    engine: options.engine,
    ...(options.config && { config: options.config }),
    ...(typeof options.srs === 'object' && { srs: options.srs.bytes }),
  });
  const page = join(flags.dir, 'report.html');
  await writeFileAtomic(
    page,
    renderReport({
      bundle,
      verification,
      timings: proofs,
      ...(testAccuracy !== undefined && { testAccuracy }),
    }),
  );
  return { ok: verification.ok, bundle: out, report: page, testAccuracy, ...provenOf(verification) };
}

async function resumeRun(
  path: string | undefined,
  flags: Flags,
  out: string,
  options: OpenOptions,
): Promise<Summary> {
  const config = path === undefined ? undefined : parseTrainConfig(await readJsonFile(path));
  const progress = new Progress('proving', flags.json || flags.metrics);
  let done = 0;
  const session = await TrainingSession.resume(flags.dir, {
    ...options,
    onProof: ({ pending }) => progress.update(++done, done + pending),
  });
  try {
    const left = config ? stepsOf(config, session) - session.steps : 0;
    if (left > 0) await session.fit({ steps: left, onStep: () => new Promise(setImmediate) });
    if (flags.opening) await keepOpening(flags, await session.opening());
  } catch (e) {
    await session.close();
    throw e;
  }
  const bundle = await session.finish({ discardOpenWindow: true }).finally(() => session.close());
  progress.end();
  await writeFileAtomic(out, `${JSON.stringify(bundle)}\n`);
  const verification = await verifyTrainingRun(bundle, {
    allowDevelopmentSrs: true,
    allowRepeatedShards: true,
    engine: options.engine,
    ...(options.config && { config: options.config }),
    ...(typeof options.srs === 'object' && { srs: options.srs.bytes }),
  });
  return { ok: verification.ok, bundle: out, ...provenOf(verification) };
}

/** Secret: for its owner alone. */
async function keepOpening({ opening: path }: Flags, opening: CheckpointOpening): Promise<void> {
  if (path) await writeTogether([{ path, text: `${JSON.stringify(opening)}\n`, mode: 0o600 }]);
}

/** What is proven; of adapters, in words. */
function provenOf({ proven }: VerificationReport): Record<string, unknown> {
  const { lora, ...facts } = proven ?? {};
  return { ...facts, ...(lora && { statement: lora.statement }) };
}

/** Steps that a configuration asks for: whole windows. */
function stepsOf(config: TrainConfig, session: TrainingSession): number {
  const perWindow = session.run.spec.steps;
  const wanted = config.steps ?? (config.epochs ?? 1) * session.windowsPerEpoch * perWindow;
  return Math.ceil(wanted / perWindow) * perWindow;
}

function finishWith({ ok, ...summary }: Summary, flags: Flags): void {
  const lines = Object.entries(summary)
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => `${k.padEnd(16)} ${typeof v === 'object' ? JSON.stringify(v) : String(v)}`);
  result({ ok, ...summary }, [...lines, ok ? 'VERIFIED' : 'NOT VERIFIED'], flags.json ?? false);
  if (!ok) process.exitCode = 1;
}
