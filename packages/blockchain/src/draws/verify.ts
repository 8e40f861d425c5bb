import { isPotError, PotError, type PotErrorJson } from '@proof-of-training/halo2-wasm';
import { parseInference, type Readable } from '@proof-of-training/verifier/files';
import {
  type ProvenEvaluation,
  type VerifyEvaluationOptions,
  verifyEvaluation,
} from '@proof-of-training/verifier/node';
import { checkOptions } from '@proof-of-training/verifier/options';
import { BEACON_CONFIRMATIONS } from '../client/beacon.js';
import { registryArtifact } from '../contracts/artifact.js';
import { deploymentAddress } from '../contracts/deploy.js';
import type { EvaluationDraws, FixedDraw } from './client.js';
import { contentsOfProofs, evaluationDigest } from './evaluation.js';
import { drawnShape } from './options.js';
import { requireDrawn } from './testSet.js';
import type { Draw, RegisteredTestSet } from './types.js';

/** What a reader knows from elsewhere. */
export interface DrawExpectations {
  /** Id of the test set: without it, it may be one that the trainer made up. */
  testSet?: string;
  /** Digest of the model. */
  model?: string;
  /** Account that asked for the draw. */
  requester?: string;
  /** The registry that the run must be in. Default: the one at the address that follows from its code. */
  registry?: string;
}

export interface VerifyDrawnOptions extends Omit<VerifyEvaluationOptions, 'testSet' | 'inputs' | 'expected'> {
  /** The drawn samples with their way to the root (`discloseSamples`), as a value: JSON. */
  samples: unknown;
  /** Of each proof that shows a digest of its inputs, the salt that opens it: `secrets.inputs.salt`. */
  salts?: readonly (Uint8Array | undefined)[];
  expected?: DrawExpectations;
  /** Blocks that the answer must have, its own included. Default: {@link BEACON_CONFIRMATIONS}. */
  confirmations?: number;
}

/** `evaluation` is there only where everything holds. */
export interface DrawnReport {
  ok: boolean;
  failure?: PotErrorJson;
  draw?: Draw;
  testSet?: RegisteredTestSet;
  /** Further draws for this model, or by this account from this test set: tries that a reader weighs. Absent where the server keeps no log. */
  others?: string[];
  evaluation?: ProvenEvaluation;
  /** As `verifyEvaluation` has it. */
  conditional?: string[];
}

/**
 * Verifies an evaluation of samples that a block drew: that the proofs' files are those that were registered for the draw in its window, that
 * their samples are exactly the drawn ones of the registered test set, their model the one that was named before the block, and that the
 * proofs hold and were made after it.
 *
 * Never throws for bad files: `ok` is false and `failure` says why. Throws those of the connection, and for wrong options.
 *
 * @example
 * const report = await verifyDrawnEvaluation(draws, id, [file], { run: bundle, samples, salts, expected: { testSet } });
 * if (report.ok) console.log(report.evaluation?.right, report.evaluation?.samples, report.others);
 */
export async function verifyDrawnEvaluation(
  draws: EvaluationDraws,
  id: string,
  files: readonly Readable[],
  options: VerifyDrawnOptions,
): Promise<DrawnReport> {
  const { samples, salts = [], expected = {}, confirmations = BEACON_CONFIRMATIONS, ...given } = options;
  checkOptions(drawnShape, { samples, salts, expected, confirmations }, 'verifyDrawnEvaluation');
  const report: DrawnReport = { ok: false };
  try {
    const draw = await requireDraw(draws, id, expected, confirmations);
    report.draw = draw;
    report.testSet = (await draws.contract.testSet(draw.testSet))!;
    report.others = await othersThan(draws, draw);
    if (evaluationDigest(files) !== draw.answer.evaluation) {
      throw new PotError('DRAW_EVALUATION', 'these are not the files that were registered for the draw');
    }
    const parsed = files.map((file) => parseInference(file));
    const shown = requireDrawn(samples, report.testSet, draw.fixed.indices);
    const inputs = contentsOfProofs(parsed, shown, salts);
    const { context } = draw.fixed;
    const verified = await verifyEvaluation(parsed, {
      ...given,
      inputs,
      expected: { weights: draw.model, context },
    });
    if (verified.failure) return { ...report, failure: verified.failure };
    requireRun(draw, verified.evaluation!.run);
    const { evaluation, conditional } = verified;
    return { ...report, ok: true, evaluation: evaluation!, ...(conditional && { conditional }) };
  } catch (e) {
    if (!isPotError(e) || /^(CHAIN|OPTION)_/.test(e.code)) throw e;
    return { ...report, failure: e.toJSON() };
  }
}

type AnsweredDraw = FixedDraw & { answer: NonNullable<Draw['answer']> };

/** What the chain has of the draw, compared with its blocks and with what is expected. Errors: `DRAW_*`, `EXPECTED_MISMATCH`. */
async function requireDraw(
  draws: EvaluationDraws,
  id: string,
  expected: DrawExpectations,
  confirmations: number,
): Promise<AnsweredDraw> {
  const { contract } = draws;
  const { provider, read } = contract.connection;
  const draw = await draws.known(id);
  const registry = expected.registry ?? deploymentAddress(registryArtifact.bytecode);
  const pairs = [
    ['testSet', expected.testSet, draw.testSet],
    ['model', expected.model, draw.model],
    ['requester', expected.requester, draw.requester],
    ['registry', draw.run && registry, draw.run?.registry],
  ] as const;
  const wrong = pairs.find(
    ([, want, has]) => want !== undefined && want.toLowerCase() !== has?.toLowerCase(),
  );
  if (wrong) {
    throw new PotError('EXPECTED_MISMATCH', `the ${wrong[0]} of the draw is another one`, {
      details: { name: wrong[0], expected: wrong[1], found: wrong[2] },
    });
  }
  const { fixed, answer } = draw;
  if (!fixed || !answer) {
    throw new PotError('DRAW_UNANSWERED', 'no evaluation was registered for this draw', {
      details: { draw: id, lastBlock: draw.lastBlock },
    });
  }
  const logged = await contract.requests({ draw: id }, draw.requestedBlock, draw.requestedBlock);
  const block = await read(() => provider.getBlock(draw.drawingBlock));
  if (logged.length !== 1 || block?.hash?.toLowerCase() !== fixed.blockHash) {
    throw new PotError('DRAW_BLOCK', "the contract's blocks are not those of the RPC server", {
      details: { requestedBlock: draw.requestedBlock, drawingBlock: draw.drawingBlock },
      hint: 'Where contracts count other blocks than RPC servers (Arbitrum), the block may have been known before. Or ask another server.',
    });
  }
  const height = await read(() => provider.getBlockNumber());
  if (height - answer.block + 1 < confirmations) {
    throw new PotError('DRAW_UNCONFIRMED', 'the answer is too young: a reorganisation may replace it', {
      details: { wanted: confirmations, found: height - answer.block + 1 },
      hint: 'Wait, or ask for fewer confirmations.',
    });
  }
  return { ...draw, fixed, answer };
}

/** The run that was named must be the run that was verified, where one was. Errors: `EXPECTED_MISMATCH`. */
function requireRun(draw: Draw, run: string | undefined): void {
  if (!draw.run || run === undefined || draw.run.runId === run) return;
  throw new PotError('EXPECTED_MISMATCH', 'the run is not the one that the draw names', {
    details: { name: 'run', expected: draw.run.runId, found: run },
  });
}

async function othersThan({ contract }: EvaluationDraws, draw: Draw): Promise<string[] | undefined> {
  try {
    const found = [
      ...(await contract.requests({ model: draw.model })),
      ...(await contract.requests({ testSet: draw.testSet })).filter((r) => r.requester === draw.requester),
    ];
    return [...new Set(found.map((r) => r.draw))].filter((other) => other !== draw.id);
  } catch (e) {
    // Servers refuse ranges that are too long for them.
    if (isPotError(e, 'CHAIN_FAILED')) return undefined;
    throw e;
  }
}
