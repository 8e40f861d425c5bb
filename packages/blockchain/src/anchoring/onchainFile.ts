import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AggregateFile,
  aggregateRun,
  parseAggregate,
  type RunBundle,
  type Srs,
} from '@proof-of-training/core';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { anvilBinary } from '../anvil/binary.js';
import { requireCompiler } from '../contracts/compiled.js';
import * as chainKinds from '../kinds.js';
import { type EvmProof, parseEvmProof } from '../proofFile/evmProof.js';
import { wrapAggregate, wrapperString } from './wrap/wrapAggregate.js';

/** Names of what {@link onchainFile} keeps in its folder. */
export const ONCHAIN_FILES = { aggregate: 'aggregate.json', evmProof: 'evm-proof.json' } as const;

export interface OnchainFileOptions {
  /** Folder for the aggregate and the file for chains, each written when it is done. */
  dir: string;
  /** The run's own SRS, 2^20 points; default: the INSECURE development SRS, if the run was made with that. */
  srs?: Srs;
  /** Threads of one proof; 0 (default): all cores. */
  threads?: number;
  /** What begins now. */
  onStep?: (text: string) => void;
}

const onchainFileOptions = z.object({
  dir: kinds.text,
  srs: kinds.srs.optional(),
  threads: chainKinds.threads.optional(),
  onStep: kinds.callback.optional(),
} satisfies ShapeFor<OnchainFileOptions>);

/**
 * What making a file for chains needs, looked for before any work: the native engine, the Solidity compiler and, with `anvil`, a
 * local chain's program.
 *
 * Errors: `ENGINE_UNAVAILABLE`, whose hint names `build:native`; `SOLC_MISSING`; `ANVIL_MISSING`.
 *
 * @example
 * await requireOnchainTools({ anvil: true });
 */
export async function requireOnchainTools({ anvil }: { anvil: boolean }): Promise<void> {
  await loadProver({ engine: 'native' });
  await requireCompiler();
  if (anvil) anvilBinary();
}

/**
 * A run as a file for chains: its windows aggregated, the aggregate wrapped. Minutes and about 5 GB, with the native
 * engine. The files are kept in `dir`.
 *
 * Errors: those of `wrapperString`, `aggregateRun` and `wrapAggregate`.
 *
 * @example
 * const file = await onchainFile(parseBundle(await readFile('bundle.json')), { dir: 'runs/onchain' });
 */
export async function onchainFile(bundle: RunBundle, options: OnchainFileOptions): Promise<EvmProof> {
  const { dir, threads, onStep = () => {} } = checkOptions(onchainFileOptions, options, 'onchainFile');
  makeFolder(dir);
  // Of another run, from here on.
  for (const name of Object.values(ONCHAIN_FILES)) await rm(join(dir, name), { force: true });
  const halo2 = await loadProver({ engine: 'native' });
  const srs = await wrapperString(halo2, bundle.run.srs, options.srs, onStep);
  onStep(`aggregating ${bundle.windows.length} windows: keys (seconds)`);
  const aggregate = await aggregateRun(bundle, {
    srs,
    ...(threads !== undefined && { threads }),
    onProgress: ({ windows, total, ms }) => {
      if (ms !== undefined)
        onStep(`aggregated ${windows} of ${total} windows, ${Math.round(ms / 1000)} s a proof`);
    },
  });
  await write(dir, 'aggregate', aggregate);
  return wrapInto(aggregate, { ...options, srs });
}

async function wrapInto(
  aggregate: AggregateFile,
  options: OnchainFileOptions & { srs: Srs },
): Promise<EvmProof> {
  const { dir, srs, threads, onStep = () => {} } = options;
  const { file } = await wrapAggregate(aggregate, { srs, onStep, ...(threads !== undefined && { threads }) });
  await write(dir, 'evmProof', file);
  return file;
}

/**
 * What {@link onchainFile} left in its folder. Where only the aggregate is there, since wrapping ended early, it is wrapped now.
 *
 * Errors: `ONCHAIN_NOTHING_KEPT`; those of the files' readers, of {@link requireOnchainTools} and of wrapping.
 *
 * @example
 * const file = await keptOnchainFile({ dir: 'runs/onchain' });
 */
export async function keptOnchainFile(options: OnchainFileOptions): Promise<EvmProof> {
  const { dir } = checkOptions(onchainFileOptions, options, 'onchainFile');
  const kept = await read(dir, 'evmProof');
  if (kept) return parseEvmProof(kept);
  const bytes = await read(dir, 'aggregate');
  if (!bytes) {
    throw new PotError('ONCHAIN_NOTHING_KEPT', `there is nothing in ${dir} that was made before`, {
      hint: 'Leave --reuse out: everything is then made on the spot.',
    });
  }
  await requireOnchainTools({ anvil: false });
  return wrappedFile(parseAggregate(bytes), options);
}

/**
 * An aggregate as a file for chains, which is kept in `dir`.
 *
 * Errors: those of `wrapperString` and `wrapAggregate`.
 */
export async function wrappedFile(aggregate: AggregateFile, options: OnchainFileOptions): Promise<EvmProof> {
  const halo2 = await loadProver({ engine: 'native' });
  makeFolder(options.dir);
  await rm(join(options.dir, ONCHAIN_FILES.evmProof), { force: true });
  return wrapInto(aggregate, {
    ...options,
    srs: await wrapperString(halo2, aggregate.run.srs, options.srs, options.onStep),
  });
}

function write(dir: string, name: keyof typeof ONCHAIN_FILES, value: object): Promise<void> {
  return writeFileAtomic(join(dir, ONCHAIN_FILES[name]), `${JSON.stringify(value)}\n`);
}

/** Bytes of a kept file; undefined where there is none. Errors: `FILE_READ`. */
async function read(dir: string, name: keyof typeof ONCHAIN_FILES): Promise<Uint8Array | undefined> {
  const path = join(dir, ONCHAIN_FILES[name]);
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return undefined;
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  }
}
