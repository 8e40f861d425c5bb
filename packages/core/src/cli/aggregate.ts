import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { readSrs, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { AggregateFile, RunBundle } from '@proof-of-training/verifier/files';
import { parseBundle } from '@proof-of-training/verifier/files';
import { aggregationPin, verifyAggregate } from '@proof-of-training/verifier/node';
import type { Command } from 'commander';
import { aggregateRun, compressionOf } from '../aggregate/aggregateRun.js';
import { loadConfig } from '../config/load.js';
import { assembleBundle } from '../session/assemble.js';
import { Journal } from '../session/journal.js';
import { readProofFile } from './files.js';
import { text, whole } from './flags.js';
import { Progress, result, say } from './terminal.js';

interface Flags {
  out: string;
  srs?: string;
  windowsPerProof?: number;
  fromWindow?: number;
  engine?: Engine;
  threads?: number;
  dir?: string;
  json?: boolean;
}

/** `pot aggregate BUNDLE|FOLDER -o FILE`: the windows of a run in one proof. */
export function aggregateCommand(program: Command): void {
  program
    .command('aggregate')
    .description('put the window proofs of a run into one proof of constant size')
    .argument('<run>', 'run bundle, or folder of a run')
    .requiredOption('-o, --out <file>', 'aggregate to write', text('--out'))
    .option(
      '--srs <file>',
      "the run's SRS; default: the INSECURE development SRS, if it was made with that",
      text('--srs'),
    )
    .option(
      '--windows-per-proof <number>',
      'windows that one proof takes in; decides the aggregation key; default: as many as fit the rows that two need',
      whole('--windows-per-proof', 1),
    )
    .option(
      '--from-window <number>',
      'first window that goes in, from 0: an aggregate of a part of the run, which proves nothing of the windows before; default: 0',
      whole('--from-window', 0),
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--threads <number>', 'threads of one proof; default: all cores', whole('--threads', 1))
    .option(
      '--dir <folder>',
      'folder of intermediate aggregates; default: OUT.parts, or aggregates in the run folder',
      text('--dir'),
    )
    .option('--json', 'print the summary as JSON')
    .action(async (path: string, flags: Flags) => {
      const cancel = new AbortController();
      process.once('SIGINT', () => {
        say('\nInterrupted. The intermediate aggregates are kept: the same command continues.');
        cancel.abort();
      });
      const folder = await isFolder(path);
      const bundle = folder ? await bundleOfFolder(path) : parseBundle(await readProofFile(path));
      const dir = flags.dir ?? (folder ? join(path, 'aggregates') : `${flags.out}.parts`);
      const summary = await aggregate(bundle, dir, flags, cancel.signal);
      result(summary, Object.entries(summary).map(line), flags.json ?? false);
      if (!summary.ok) process.exitCode = 1;
    });
}

async function aggregate(bundle: RunBundle, dir: string, flags: Flags, signal: AbortSignal) {
  const config = await loadConfig();
  const { windowsPerProof, fromWindow, threads } = flags;
  const engine = flags.engine ?? config.prover.engine;
  const srs = flags.srs ? await readSrs(await loadProver({ engine }), flags.srs) : undefined;
  const progress = new Progress('aggregating', flags.json);
  progress.update(fromWindow ?? 0, bundle.windows.length, 'making the key');
  const start = performance.now();
  const file = await aggregateRun(bundle, {
    config,
    dir,
    engine,
    signal,
    ...(srs && { srs }),
    ...(windowsPerProof !== undefined && { windowsPerProof }),
    ...(fromWindow !== undefined && { fromWindow }),
    ...(threads !== undefined && { threads }),
    onProgress: ({ windows, ms }) =>
      progress.update(
        windows,
        bundle.windows.length,
        ms === undefined ? 'continued' : `${seconds(ms)} a proof`,
      ),
  });
  progress.end();
  await writeFileAtomic(flags.out, `${JSON.stringify(file)}\n`);
  const pin = aggregationPin(file.aggregate.key.digest, file.run.keys.window);
  const verification = await verifyAggregate(file, {
    allowDevelopmentSrs: true,
    allowPart: true,
    engine,
    config,
    // Derived in this very process, from the specification.
    aggregationKey: pin,
    ...(srs && { srs: srs.bytes }),
  });
  return {
    ok: verification.ok,
    aggregate: flags.out,
    aggregationKey: pin,
    steps: verification.proven?.steps,
    ...(verification.proven?.part && { part: verification.proven.part.statement }),
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    ...sizes(bundle, file),
    ...(verification.failure && { failure: verification.failure.message }),
  };
}

/** Sizes of the proofs alone; the files have the run's description besides. */
function sizes(bundle: RunBundle, file: AggregateFile) {
  const { windows, windowBytes, aggregateBytes, ratio } = compressionOf(bundle, file);
  return {
    windows,
    windowProofsBytes: windowBytes,
    aggregateBytes,
    compression: `${ratio.toFixed(1)} : 1`,
    fileBytes: Buffer.byteLength(JSON.stringify(file)) + 1,
  };
}

function line([name, value]: [string, unknown]): string {
  return `${name.padEnd(18)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
  return found.isDirectory();
}

/** The bundle of a run folder whose proofs are all there. Errors: `SESSION_UNPROVEN`, those of `Journal.open`. */
async function bundleOfFolder(path: string): Promise<RunBundle> {
  const journal = await Journal.open(path, { onWarning: console.warn });
  try {
    return await assembleBundle(journal, await journal.readSession());
  } finally {
    await journal.release();
  }
}
