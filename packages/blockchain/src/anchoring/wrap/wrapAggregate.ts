import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { AggregateFile } from '@proof-of-training/core';
import { type Halo2, PotError } from '@proof-of-training/halo2-wasm';
import { developmentSrs, type Srs } from '@proof-of-training/halo2-wasm/node';
import { formOfFile } from '@proof-of-training/verifier/files';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { requireStringOf } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { compiledVerifier } from '../../contracts/compiled.js';
import * as chainKinds from '../../kinds.js';
import type { EvmProof } from '../../proofFile/evmProof.js';
import { packEvmProof } from '../../proofFile/pack.js';
import type { Wrapped, WrapReply, WrapSetup } from './messages.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const WORKER = fileURLToPath(new URL('../../../dist/anchoring/wrap/worker.js', import.meta.url));

/** Rows (log2) of the wrapper: the least that its columns fit a contract with. */
export const WRAPPER_ROWS = 20;

export interface WrapOptions {
  /** The run's own SRS with 2^20 points: {@link wrapperString}. */
  srs: Srs;
  /** Threads of the proof; 0 (default): all cores. */
  threads?: number;
  /** What begins now. */
  onStep?: (text: string) => void;
}

const wrapOptions = z.object({
  srs: kinds.srs,
  threads: chainKinds.threads.optional(),
  onStep: kinds.callback.optional(),
} satisfies ShapeFor<WrapOptions>);

/**
 * The SRS that a run's wrapper is proven with: the given one, or the development one where the run was made with that.
 *
 * Errors: `SRS_NEEDED`, `SRS_MISMATCH`, `SRS_TOO_SMALL`.
 *
 * @example
 * const srs = await wrapperString(halo2, aggregate.run.srs);
 */
export async function wrapperString(
  halo2: Halo2,
  named: AggregateFile['run']['srs'],
  given?: Srs,
  onStep: (text: string) => void = () => {},
): Promise<Srs> {
  if (!given && !named.development) {
    throw new PotError('SRS_NEEDED', `the wrapper needs the run's SRS ${named.hash}`, {
      hint: `Import it from its powers-of-tau file for k = ${WRAPPER_ROWS} (pot srs import), and give it (--srs FILE).`,
    });
  }
  if (given) requireStringOf(named, given);
  if (given && given.k < WRAPPER_ROWS) {
    throw new PotError('SRS_TOO_SMALL', `the wrapper needs an SRS of 2^${WRAPPER_ROWS} points`, {
      details: { k: given.k, needed: WRAPPER_ROWS },
      hint: `Import it for k = ${WRAPPER_ROWS} (pot srs import).`,
    });
  }
  if (given) return given;
  onStep(`INSECURE development SRS of 2^${WRAPPER_ROWS} points, from the cache or made (a minute or more)`);
  const srs = await developmentSrs(halo2, WRAPPER_ROWS);
  requireStringOf(named, srs, 'the run names another SRS than the development one');
  return srs;
}

/**
 * Proves to a contract that an aggregate verifies, compiles that contract, and packs both. Minutes and about 5 GB, in a
 * thread of its own.
 *
 * Errors: `AGGREGATE_RENEWED`; `ENGINE_UNAVAILABLE`, those of `OnChain.wrap`, `PROVER_CRASHED`, `SOLC_*`, those of `packEvmProof`.
 *
 * @example
 * const aggregate = parseAggregate(await readFile('run.aggregate.json'));
 * const { file, proofBytes } = await wrapAggregate(aggregate, { srs });
 */
export async function wrapAggregate(
  file: AggregateFile,
  options: WrapOptions,
): Promise<{ file: EvmProof; proofBytes: number }> {
  const { srs, threads = 0, onStep = () => {} } = checkOptions(wrapOptions, options, 'wrapAggregate');
  requireNotRenewed(file);
  const { key, ...aggregate } = file.aggregate;
  const shared = new SharedArrayBuffer(srs.bytes.length);
  new Uint8Array(shared).set(srs.bytes);
  onStep('wrapper: keys (a minute or two)');
  const { proofBytes, calldata, contract } = await inThread(
    {
      srs: shared,
      specJson: JSON.stringify(file.run.spec),
      windowsPerProof: key.windowsPerProof,
      form: formOfFile(file),
      aggregateJson: JSON.stringify(aggregate),
      threads,
    },
    () => onStep('wrapper: proof (minutes, about 5 GB)'),
  );
  onStep('wrapper: compiling the contract');
  return { file: packEvmProof(file, calldata, await compiledVerifier(contract)), proofBytes };
}

/** A registry has no renewals to audit. Errors: `AGGREGATE_RENEWED`. */
function requireNotRenewed({ renewed }: AggregateFile): void {
  if (!renewed) return;
  throw new PotError('AGGREGATE_RENEWED', 'the run has renewals of commitments, which no registry follows', {
    details: { renewals: renewed.renewals.length },
    hint: 'Verify the aggregate. A run of at most 20 epochs can be anchored.',
  });
}

function inThread(setup: WrapSetup, onKeys: () => void): Promise<Wrapped> {
  const worker = new Worker(WORKER, { workerData: setup });
  const crashed = (cause?: unknown) =>
    new PotError('PROVER_CRASHED', 'the thread that wraps has ended', {
      hint: 'It may have run out of memory: wrapping takes about 5 GB.',
      ...(cause !== undefined && { cause }),
    });
  return new Promise<Wrapped>((resolve, reject) => {
    worker.on('message', (reply: WrapReply) => {
      if (reply.kind === 'keys') onKeys();
      else if (reply.kind === 'done') resolve(reply.wrapped);
      else reject(PotError.fromJSON(reply.error));
    });
    worker.on('error', (cause) => reject(crashed(cause)));
    worker.on('exit', () => reject(crashed()));
  }).finally(() => void worker.terminate());
}
