import type { VerificationReport } from '@proof-of-training/core';
import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { hasStepRates } from '@proof-of-training/sgd-circuit';
import { Checklist, checkGenesisStatement, checkLimits, checkShardCount } from '@proof-of-training/verifier';
import { checkOptions } from '@proof-of-training/verifier/options';
import { poseidonPair } from '@proof-of-training/verifier/run';
import type { BlockchainClient } from '../client/blockchainClient.js';
import type { RegistryOrigin } from '../client/origin.js';
import type { Anchor, RegisteredRun, VerifierEntry } from '../client/types.js';
import { isTransient } from '../contracts/errors.js';
import { termsOfRun } from '../proofFile/terms.js';
import { checkVerifierAnswers } from './answers.js';
import { type Announced, checkFirstWeights, checkOrder } from './beginnings.js';
import {
  checkArchitecture,
  checkDerivedKeys,
  checkGenesisProof,
  checkIdentity,
  checkModel,
  type RunDescription,
} from './description.js';
import { factsOf, type RunFacts } from './facts.js';
import { type CheckChainOptions, checkChainOptions } from './options.js';
import { requirePinned } from './pin.js';
import { checkAnchors, checkConfirmations, checkTerms, registryText } from './registration.js';
import { schedulesOf } from './schedule.js';

/** Blocks that an auditor waits for unless told otherwise: about two and a half minutes on Ethereum. */
export const AUDIT_CONFIRMATIONS = 12;

/** What was found on the chain; `report.ok` says whether all of it fits. */
export interface ChainReport {
  report: Pick<VerificationReport, 'ok' | 'checks' | 'failure' | 'developmentSrs'>;
  /** Where it was looked for: a run is bound to no chain and no registry by its proofs. */
  registry: { address: string; chainId: number; origin: RegistryOrigin };
  run?: RegisteredRun;
  anchors: Anchor[];
  verifier?: VerifierEntry;
  /** What it comes to; only where everything fits. */
  facts?: RunFacts;
}

/** What the steps of an audit leave for those after them. */
interface Found {
  run?: RegisteredRun;
  verifier?: VerifierEntry;
  announced?: Announced;
  anchors: Anchor[];
  development: boolean;
}

/**
 * Audits a run on the chain, with its public description: everything that the contract cannot check is checked here.
 * Reads only. The verifier and the windows' key must be pinned (`pins`): a verifier that accepts everything fits everything else.
 *
 * Never throws for something that does not fit: `report.failure` says what. Throws where the chain cannot be read, and
 * `PIN_INVALID` for a pin that is none, `OPTION_*`.
 *
 * @example
 * const { report } = await checkChain(client, parseEvmProof(bytes), { pins: [pin], owner });
 * if (!report.ok) throw new Error(report.failure?.message);
 */
export async function checkChain(
  client: BlockchainClient,
  description: RunDescription,
  options: CheckChainOptions = {},
): Promise<ChainReport> {
  checkOptions(checkChainOptions, options, 'checkChain');
  const list = new Checklist();
  const found: Found = { anchors: [], development: description.run.srs.development };
  const pins = options.pins?.map((pin) => parsePin('pins', pin));
  let ok = true;
  for (const [name, check] of stepsOf(client, description, { ...options, ...(pins && { pins }) }, found)) {
    ok = await list.run(name, check);
    if (ok) continue;
    // No answer is no finding.
    const failure = PotError.fromJSON(list.failure!);
    if (isTransient(failure) || failure.code === 'CHAIN_FAILED') throw failure;
    break;
  }
  const { address, chainId, origin } = client.registry;
  return {
    report: {
      ok,
      checks: list.checks,
      ...(list.failure && { failure: list.failure }),
      developmentSrs: found.development,
    },
    registry: { address, chainId, origin },
    anchors: found.anchors,
    ...(found.run && { run: found.run }),
    ...(found.verifier && { verifier: found.verifier }),
    ...(ok && found.run && { facts: factsOf(description, found.run, found.announced) }),
  };
}

type Step = [name: string, check: () => string | Promise<string>];

/** All steps in the order in which they are taken: what is cheap and local first. */
function stepsOf(
  client: BlockchainClient,
  description: RunDescription,
  options: CheckChainOptions,
  found: Found,
): Step[] {
  const steps: Step[] = [
    ['identity', () => checkIdentity(description)],
    ['architecture', () => checkArchitecture(description)],
    ['limits', () => checkLimits(description.run.spec, options)],
    ['dataset', async () => checkShardCount(description, poseidonPair)],
    ['keys', () => checkDerivedKeys(description, options)],
    ['first weights', () => checkFirstWeights(description, options)],
    ...chainSteps(client, description, options, found),
    ['schedule', async () => checkSchedules(description, found)],
    ['genesis', () => checkGenesisStatement(description)],
    ['proof genesis', () => checkGenesisProof(description, options)],
  ];
  if (options.opening !== undefined) {
    steps.push(['model', () => checkModel(description, options.opening, found.run!.weights, options)]);
  }
  return steps;
}

/** The steps that ask the chain. */
function chainSteps(
  client: BlockchainClient,
  description: RunDescription,
  options: CheckChainOptions,
  found: Found,
): Step[] {
  const { run } = description;
  const { confirmations = AUDIT_CONFIRMATIONS } = options;
  const order = async () => {
    const { text, announced } = await checkOrder(client, description, { ...options, confirmations });
    if (announced) found.announced = announced;
    return text;
  };
  const registration = async () => {
    found.run = await client.getRun(run.runId);
    if (!found.run) throw new PotError('CHAIN_RUN_MISSING', 'the run is not registered');
    return checkTerms(found.run, await termsOfRun(run, found.run.verifierId), options.owner);
  };
  const verifier = async () => {
    found.verifier = await client.trustedVerifier(found.run!.verifierId);
    const { codeHash, development } = found.verifier;
    requirePinned({ codeHash, windowKey: run.keys.window }, options.pins);
    found.development ||= development;
    return `code ${codeHash} and window key, as pinned${development ? '; INSECURE development SRS' : ''}`;
  };
  const anchors = async () => {
    found.anchors = await client.getAnchors(run.runId);
    return checkAnchors(found.run!, found.anchors);
  };
  return [
    ['registry', () => registryText(client.registry)],
    ['order', order],
    ['registration', registration],
    ['verifier', verifier],
    ['verifier answers', () => checkVerifierAnswers(client, description, found.verifier!)],
    ['anchors', anchors],
    [
      'confirmations',
      async () => checkConfirmations(found.anchors, await client.blockNumber(), confirmations),
    ],
  ];
}

/** Errors: `RUN_SCHEDULE`; `ETA_RANGE` where a step's own rate is out of range. */
async function checkSchedules({ run }: RunDescription, found: Found): Promise<string> {
  const ownRates = run.schedule !== undefined || hasStepRates(run.spec);
  if (found.run!.schedules === (await schedulesOf(run, found.anchors))) {
    const shard = 'every window used the shard that the public schedule names';
    return ownRates ? `${shard}, and took each step at the rate of its number` : shard;
  }
  const shards = 'windows of an anchor did not use the shards that the schedule names';
  throw new PotError(
    'RUN_SCHEDULE',
    ownRates ? `${shards}, or took a step at another rate than its own` : shards,
  );
}
