/**
 * `pnpm verify:onchain [FILE]`: a file for chains, from deployment to audit, on a fresh local chain or on a given one. An aggregate is
 * wrapped first, a bundle aggregated and wrapped; without a file a run is trained on the spot.
 */
import { join } from 'node:path';
import { parseAggregate, parseBundle, type RunBundle, readSrs, type Srs } from '@proof-of-training/core';
import { readJsonFile, readProofFile, result, say, saysFormat } from '@proof-of-training/core/cli';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { refuseDevelopment } from '@proof-of-training/verifier';
import { AGGREGATE_FORMAT, BUNDLE_FORMAT } from '@proof-of-training/verifier/files';
import { Command } from 'commander';
import { Clock } from '../anchoring/clock.js';
import {
  keptOnchainFile,
  type OnchainFileOptions,
  onchainFile,
  requireOnchainTools,
  wrappedFile,
} from '../anchoring/onchainFile.js';
import { verifyOnLocalChain } from '../anchoring/onLocalChain.js';
import { sampleRun } from '../anchoring/sampleRun.js';
import { type OnchainResult, verifyOnchain } from '../anchoring/verifyOnchain.js';
import { requirePinned, verifierPin } from '../audit/pin.js';
import { signerFromEnvironment } from '../keys/signer.js';
import { type EvmProof, parseEvmProof } from '../proofFile/evmProof.js';
import {
  type ChainFlags,
  chainOptions,
  connectBy,
  type PinFlags,
  pinOptions,
  pinsOf,
  registryTrust,
} from './chainOptions.js';
import { json } from './checkChain.js';
import { auditLines } from './reportLines.js';
import { path as pathOf, whole } from './values.js';

interface Flags extends ChainFlags, PinFlags {
  opening?: string;
  srs?: string;
  out: string;
  reuse?: boolean;
  threads?: number;
  /** Whether --out was given. */
  folderGiven?: boolean;
}

/** What is taken to the chain, with an opening of its last weights where there is one. */
interface Subject {
  file: EvmProof;
  opening?: unknown;
  /** Its contract was generated here, from the specification, or is kept where this program keeps what it made. */
  own: boolean;
}

/** The program `verify:onchain`. */
export function onchainProgram(): Command {
  const program = chainOptions(
    pinOptions(
      new Command('verify:onchain')
        .description(
          'anchor, read back and audit a file, on a fresh Anvil unless --rpc names a chain; without a file, train, aggregate and wrap a small run first (native engine, minutes, 5 GB)',
        )
        .argument('[file]', 'a proof for chains (pot chain wrap), an aggregate, or the bundle of a run')
        .option('--out <folder>', 'where what is made on the spot is kept', pathOf('--out'), 'runs/onchain')
        .option('--reuse', 'take what is kept there instead of making it')
        .option('--threads <number>', 'threads of one proof; default: all cores', whole('--threads', 1, 1024))
        .option(
          '--opening <file>',
          'opening of the last weights: the model is compared with the chain',
          pathOf('--opening'),
        )
        .option(
          '--srs <file>',
          'the SRS that you trust; what is made on the spot is made with it',
          pathOf('--srs'),
        ),
    ),
  )
    .exitOverride()
    .action(async (path: string | undefined, flags: Flags) => {
      checkFlags(path, flags);
      const made = program.getOptionValueSource('out') === 'cli';
      const found = await run(path, { ...flags, folderGiven: made });
      result({ ...found, audit: json(found.audit) }, lines(found), flags.json ?? false);
      if (!found.audit.report.ok) process.exitCode = 1;
    });
  return program;
}

/** What would be dropped is refused. Errors: `ONCHAIN_OPTIONS`, `CHAIN_OPTIONS`, `CHAIN_PINS`. */
function checkFlags(path: string | undefined, flags: Flags): void {
  const refuse = (what: string) => {
    throw new PotError('ONCHAIN_OPTIONS', what);
  };
  if (path === '') refuse('the name of the file is empty (a variable that is not set?)');
  if (path && flags.reuse) refuse('give a file or --reuse, not both');
  if (!flags.rpc && (flags.registry !== undefined || flags.chainId !== undefined)) {
    refuse('--registry and --chain-id are about a chain that --rpc names: a fresh one has neither');
  }
  registryTrust(flags);
  pinsOf(flags);
}

async function run(path: string | undefined, flags: Flags): Promise<OnchainResult> {
  const clock = new Clock();
  try {
    if (flags.srs) clock.step('reading the SRS');
    const srs = flags.srs ? await readSrs(await loadProver(), flags.srs) : undefined;
    const subject = path ? await given(path, flags, srs, clock.step) : await made(flags, srs, clock.step);
    // Nobody is asked to believe what was made here and now, so that it may be made with the development SRS.
    const allowDevelopmentSrs = flags.allowDevelopmentSrs || !(path || srs);
    return await onChain(subject, { ...flags, allowDevelopmentSrs }, srs, clock.step);
  } finally {
    clock.end();
  }
}

/** A file for chains; an aggregate or a run's bundle becomes one first. */
async function given(
  path: string,
  flags: Flags,
  srs: Srs | undefined,
  onStep: (text: string) => void,
): Promise<Subject> {
  const bytes = await readProofFile(path);
  const [aggregate, bundle] = [AGGREGATE_FORMAT, BUNDLE_FORMAT].map((format) => saysFormat(bytes, format));
  if (!aggregate && !bundle) return packed(parseEvmProof(bytes), flags);
  const source = aggregate ? parseAggregate(bytes) : parseBundle(bytes);
  // The audit would refuse it in the end.
  if (source.run.srs.development && !flags.allowDevelopmentSrs) refuseDevelopment();
  await requireOnchainTools({ anvil: !flags.rpc });
  const options = makingOptions(flags, srs, onStep);
  const file = await ('windows' in source ? onchainFile(source, options) : wrappedFile(source, options));
  return { file, own: true };
}

/** Nothing is made of it, and its verifier is its sender's: who pins none learns so before anything is deployed. */
function packed(file: EvmProof, flags: Flags): Subject {
  if (flags.threads !== undefined || flags.folderGiven) {
    throw new PotError(
      'ONCHAIN_OPTIONS',
      'nothing is made of this file: --threads and --out have no meaning',
    );
  }
  requirePinned({ codeHash: file.verifier.codeHash, windowKey: file.run.keys.window }, pinsOf(flags));
  return { file, own: false };
}

function makingOptions(
  flags: Flags,
  srs: Srs | undefined,
  onStep: (text: string) => void,
): OnchainFileOptions {
  const { out: dir, threads } = flags;
  return { dir, onStep, ...(srs && { srs }), ...(threads !== undefined && { threads }) };
}

/** A run made on the spot, or the one that was made before. */
async function made(flags: Flags, srs: Srs | undefined, onStep: (text: string) => void): Promise<Subject> {
  const options = makingOptions(flags, srs, onStep);
  if (flags.reuse) return { file: await keptOnchainFile(options), own: true };
  await requireOnchainTools({ anvil: !flags.rpc });
  onStep('training a 16-16-4 network for two windows, each step proven');
  const { bundle, opening } = await sampleRun(srs);
  await keep(flags.out, bundle);
  const file = await onchainFile(bundle, options);
  say(`kept in ${flags.out}; again without making it: --reuse`);
  return { file, opening, own: true };
}

async function keep(dir: string, bundle: RunBundle): Promise<void> {
  makeFolder(dir);
  await writeFileAtomic(join(dir, 'bundle.json'), `${JSON.stringify(bundle)}\n`);
}

async function onChain(
  { file, opening, own }: Subject,
  flags: Flags,
  srs: Srs | undefined,
  onStep: (text: string) => void,
): Promise<OnchainResult> {
  const known = flags.opening ? await readJsonFile(flags.opening) : opening;
  const pins =
    pinsOf(flags) ??
    (own ? [verifierPin({ codeHash: file.verifier.codeHash, windowKey: file.run.keys.window })] : undefined);
  const options = {
    onStep,
    ...(pins && { pins }),
    ...registryTrust(flags),
    ...(flags.registry !== undefined && { registry: flags.registry }),
    ...(known !== undefined && { opening: known }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
    ...(srs && { srs: srs.bytes }),
  };
  if (!flags.rpc) return verifyOnLocalChain(file, options);
  const connection = await connectBy(flags);
  try {
    const signer = await signerFromEnvironment(connection.provider);
    return await verifyOnchain(file, { ...options, connection, signer });
  } finally {
    connection.close();
  }
}

function lines({ anchored, audit, refused }: OnchainResult): string[] {
  return [
    `anchor ${anchored.anchor}: steps ${anchored.firstStep} to ${anchored.endStep - 1}, block ${anchored.blockNumber}`,
    anchored.gas === undefined
      ? 'gas: none, it was anchored before'
      : `gas ${anchored.gas}: ${anchored.calldataGas} for ${anchored.calldataBytes} bytes of statement and proof, ${
          anchored.gas - anchored.calldataGas
        } for the rest`,
    ...refused.map(({ what, code, message }) => `refused: ${what} [${code}]: ${message}`),
    ...auditLines(audit),
  ];
}
