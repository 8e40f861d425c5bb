import type { VerificationReport } from '@proof-of-training/core';
import {
  Checklist,
  checkGenesisStatement,
  checkSpecs,
  circomlibPair,
  decodeProof,
  openCommitment,
  type ReferenceOptions,
  readOpening,
  referenceFor,
  runIdFrom,
} from '@proof-of-training/core/internal';
import { PotError } from 'halo2-wasm';
import type { BlockchainClient } from '../client/blockchainClient.js';
import { isTransient } from '../client/errors.js';
import type { Anchor, RegisteredRun, VerifierEntry } from '../client/types.js';
import type { EvmProof } from '../file/evmProof.js';
import { termsOfRun } from '../file/terms.js';
import { schedulesOf } from './schedule.js';

export interface CheckChainOptions extends ReferenceOptions {
  /** Account that must have registered the run. */
  owner?: string;
  /** Opening of the last anchor's weights, from who has the model: compared with what is on the chain. */
  opening?: unknown;
}

/** What was found on the chain; `report.ok` says whether all of it fits. */
export interface ChainReport {
  report: Pick<VerificationReport, 'ok' | 'checks' | 'failure' | 'developmentSrs'>;
  run?: RegisteredRun;
  anchors: Anchor[];
  verifier?: VerifierEntry;
}

/** What an auditor needs to know of a run: a file from its owner, of which nothing is believed. */
export type RunDescription = Pick<EvmProof, 'run' | 'genesis'>;

/**
 * Audits a run on the chain, with its public description: everything that the contract cannot check is checked here.
 * Reads only. The verifier must be one that the client names (`trustedVerifiers`): a verifier that accepts everything fits
 * everything else.
 *
 * Never throws for something that does not fit: `report.failure` says what. Throws where the chain cannot be read.
 */
export async function checkChain(
  client: BlockchainClient,
  { run, genesis }: RunDescription,
  options: CheckChainOptions = {},
): Promise<ChainReport> {
  const list = new Checklist();
  const found: { run?: RegisteredRun; verifier?: VerifierEntry; anchors: Anchor[]; development: boolean } = {
    anchors: [],
    development: run.srs.development,
  };

  const steps: [name: string, check: () => string | Promise<string>][] = [
    [
      'identity',
      async () => {
        if (runIdFrom(run, run.shardCount, await circomlibPair()) === run.runId) {
          return 'the run id binds dataset, first weights, architecture, rate and keys';
        }
        throw new PotError('RUN_ID', 'the run id does not belong to this description');
      },
    ],
    ['architecture', () => checkSpecs(run)],
    [
      'registration',
      async () => {
        found.run = await client.getRun(run.runId);
        if (!found.run) throw new PotError('CHAIN_RUN_MISSING', 'the run is not registered');
        return checkTerms(found.run, await termsOfRun(run, found.run.verifierId), options.owner);
      },
    ],
    [
      'verifier',
      async () => {
        if (!client.pinsVerifiers) {
          throw new PotError(
            'VERIFIER_UNPINNED',
            "the run's owner chose the verifier, and you named none that you trust",
            {
              details: { verifierId: found.run!.verifierId },
              hint: 'Generate the verifier for this architecture yourself, and name its code hash (trustedVerifiers, --verifier-code).',
            },
          );
        }
        found.verifier = await client.trustedVerifier(found.run!.verifierId);
        found.development ||= found.verifier.development;
        return `code ${found.verifier.codeHash}${found.verifier.development ? ', INSECURE development string' : ''}`;
      },
    ],
    [
      'anchors',
      async () => {
        found.anchors = await client.getAnchors(run.runId);
        return checkAnchors(found.run!, found.anchors);
      },
    ],
    [
      'schedule',
      async () => {
        if (found.run!.schedules !== (await schedulesOf(run, found.anchors))) {
          throw new PotError(
            'RUN_SCHEDULE',
            'windows of an anchor did not use the shards that the schedule names',
          );
        }
        return 'every window used the shard that the public schedule names';
      },
    ],
    ['genesis', () => checkGenesisStatement({ run, genesis })],
    ['proof genesis', () => checkGenesisProof({ run, genesis }, options)],
  ];
  if (options.opening !== undefined) {
    steps.push([
      'model',
      async () => {
        await openCommitment(readOpening(options.opening), found.run!.weights, options);
        return `the opened weights are those of the last anchor, after step ${found.run!.nextStep}`;
      },
    ]);
  }
  let ok = true;
  for (const [name, check] of steps) {
    ok = await list.run(name, check);
    if (ok) continue;
    // No answer is no finding.
    const failure = PotError.fromJSON(list.failure!);
    if (isTransient(failure) || failure.code === 'CHAIN_FAILED') throw failure;
    break;
  }
  return {
    report: {
      ok,
      checks: list.checks,
      ...(list.failure && { failure: list.failure }),
      developmentSrs: found.development,
    },
    anchors: found.anchors,
    ...(found.run && { run: found.run }),
    ...(found.verifier && { verifier: found.verifier }),
  };
}

/** Errors: `CHAIN_RUN_OTHER`, with the name of the first term that is another one; `CHAIN_OWNER`. */
function checkTerms(found: RegisteredRun, own: object, owner?: string): string {
  for (const [name, value] of Object.entries(own)) {
    if (found[name as keyof RegisteredRun] === value) continue;
    throw new PotError(
      'CHAIN_RUN_OTHER',
      `the run is registered with another ${name} than it is described with`,
      {
        details: { name },
      },
    );
  }
  if (owner !== undefined && found.owner.toLowerCase() !== owner.toLowerCase()) {
    throw new PotError('CHAIN_OWNER', 'the run was registered by another account', {
      details: { owner: found.owner },
    });
  }
  return `registered by ${found.owner} at ${new Date(1000 * found.registeredAt).toISOString()}`;
}

/** The contract holds this; a server that invents answers does not. Errors: `CHAIN_NO_ANCHOR`, `CHAIN_ANCHORS`. */
function checkAnchors(run: RegisteredRun, anchors: Anchor[]): string {
  const last = anchors[anchors.length - 1];
  if (!last) throw new PotError('CHAIN_NO_ANCHOR', 'the run is registered, and nothing of it is anchored');
  let step = 0;
  for (const anchor of anchors) {
    if (anchor.firstStep !== step || anchor.endStep <= step) {
      throw new PotError('CHAIN_ANCHORS', 'the anchors do not follow each other');
    }
    step = anchor.endStep;
  }
  if (run.nextStep !== step || run.weights !== last.weights) {
    throw new PotError('CHAIN_ANCHORS', 'the run does not stand where its last anchor ends');
  }
  return `${anchors.length} anchors, steps 0 to ${step - 1}, weights ${last.weights}`;
}

async function checkGenesisProof(
  { run, genesis }: RunDescription,
  options: CheckChainOptions,
): Promise<string> {
  const { halo2, srs } = await referenceFor(run.srs, run.genesisSpec.shape.k, options);
  const prover = halo2.prover(srs.bytes);
  try {
    const spec = JSON.stringify(run.genesisSpec);
    if (prover.vkDigest(spec) !== run.keys.genesis) {
      throw new PotError('KEY_DIGEST', 'the genesis key is not the one of the public architecture');
    }
    prover.verify(spec, JSON.stringify(genesis.public), decodeProof(genesis.proof), run.transcript);
  } finally {
    prover.free();
  }
  return 'the first weights are in range';
}
