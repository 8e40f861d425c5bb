import { PotError } from '@proof-of-training/halo2-wasm';
import type { Readable } from '@proof-of-training/verifier/files';
import { checkOptions } from '@proof-of-training/verifier/options';
import type { Signer } from 'ethers';
import { BEACON_CONFIRMATIONS } from '../client/beacon.js';
import { type Ensured, Ensurer, POLL_MS, pause } from '../client/ensure.js';
import { type EnsureOptions, ensureOptions } from '../client/options.js';
import { deployOnce } from '../contracts/deploy.js';
import { drawsArtifact } from '../contracts/drawsArtifact.js';
import { DrawsContract } from './contract.js';
import { evaluationDigest } from './evaluation.js';
import { type DrawsOptions, drawsOptions, summaryShape, termsShape } from './options.js';
import { drawIdOf, testSetIdOf } from './rule.js';
import type { Draw, DrawTerms, RegisteredTestSet } from './types.js';

/** A draw whose seed is fixed. */
export type FixedDraw = Draw & { fixed: NonNullable<Draw['fixed']> };

/**
 * Samples of a test set drawn by a block that came after model and test set were fixed: for the owner of the test set, who proves, and who
 * verifies (`verifyDrawnEvaluation`). Everything that writes is idempotent, as of `BlockchainClient`.
 *
 * @example
 * const draws = await EvaluationDraws.deploy({ connection, signer });
 * const { value: draw } = await draws.request({ testSet, model: opening.commitment, samples: 100, window: 5000 });
 * const { fixed } = await draws.fix(draw.id);
 */
export class EvaluationDraws {
  private readonly ensurer: Ensurer | undefined;

  private constructor(
    private readonly options: DrawsOptions,
    readonly contract: DrawsContract,
  ) {
    if (options.signer) this.ensurer = new Ensurer(options.connection, options.signer);
  }

  /** Opens the contract at the address that follows from its code. Errors: `OPTION_*`, `DRAW_CONTRACT`, those of the connection. */
  static async open(options: DrawsOptions): Promise<EvaluationDraws> {
    const { connection } = checkOptions(drawsOptions, options, 'EvaluationDraws.open');
    await connection.checkChain();
    return new EvaluationDraws(options, await DrawsContract.on(connection));
  }

  /** Finds or deploys the contract, and opens it. Errors: those of `deployOnce`, and of `open`. */
  static async deploy(options: DrawsOptions & { signer: Signer }): Promise<EvaluationDraws> {
    await checkOptions(drawsOptions, options, 'EvaluationDraws.deploy').connection.checkChain();
    await deployOnce(options.signer, drawsArtifact.bytecode);
    return EvaluationDraws.open(options);
  }

  /**
   * Registers a test set by its root and number of samples (`summaryOfTestSet`). Errors: `OPTION_*`, `DRAW_TEST_SET_INVALID`, those of
   * sending.
   */
  async registerTestSet(
    summary: { root: string; samples: number },
    options: EnsureOptions = {},
  ): Promise<Ensured<RegisteredTestSet>> {
    const { root, samples } = checkOptions(summaryShape, summary, 'draws.registerTestSet');
    const id = testSetIdOf(await this.writer().address(), root, samples);
    return this.ensure(options, {
      name: 'registering the test set',
      find: async () => {
        const value = await this.contract.testSet(id);
        return value && { value, blockNumber: value.registeredBlock };
      },
      transaction: this.contract.encode('registerTestSet', [root, samples]),
    });
  }

  /**
   * Names a model, and asks for samples. An account has one draw for a model and a test set: what it asked for first stands.
   *
   * Errors: `OPTION_*`; `DRAW_EXISTS` where it asked for it with other terms; `DRAW_TEST_SET_UNKNOWN`, `DRAW_TERMS`, `DRAW_NOT_RUN_OWNER`,
   * `DRAW_MODEL_NOT_ANCHORED`; those of sending.
   */
  async request(terms: DrawTerms, options: EnsureOptions = {}): Promise<Ensured<Draw>> {
    const wanted = checkOptions(termsShape, terms, 'draws.request');
    const id = drawIdOf(await this.writer().address(), wanted.testSet, wanted.model);
    return this.ensure(options, {
      name: 'asking for the draw',
      find: async () => {
        const value = await this.contract.draw(id);
        if (value && !sameTerms(value, wanted)) {
          throw new PotError(
            'DRAW_EXISTS',
            'this account drew for this model from this test set on other terms',
            {
              details: { draw: id, samples: value.samples, window: value.window },
              hint: 'The first draw stands: another one would be a second try.',
            },
          );
        }
        return value && { value, blockNumber: value.requestedBlock };
      },
      transaction: this.contract.encodeRequest(wanted),
    });
  }

  /** A draw; undefined where nobody asked for it. */
  draw(id: string): Promise<Draw | undefined> {
    return this.contract.draw(id);
  }

  /**
   * Waits for the block that draws, with its confirmations (12 unless told otherwise), fixes its seed on the chain where nobody has, and gives
   * the samples. It is to be called within 256 blocks (8191 where the chain has EIP-2935): later the draw is lost.
   *
   * Errors: `DRAW_UNKNOWN`, `DRAW_TOO_OLD`, `CHAIN_DEADLINE`, those of sending.
   */
  async fix(id: string, options: EnsureOptions = {}): Promise<FixedDraw> {
    const own = checkOptions(ensureOptions, options, 'draws.fix');
    const confirmations = own.confirmations ?? this.options.confirmations ?? BEACON_CONFIRMATIONS;
    const all = { ...this.options, ...own };
    const since = Date.now();
    const writer = this.writer();
    await this.mined((await this.known(id)).drawingBlock + 1, all, since);
    const { value } = await writer.ensure<FixedDraw>(
      {
        name: 'fixing what is drawn',
        find: async () => {
          const { fixed, ...draw } = await this.known(id);
          return fixed && { value: { ...draw, fixed }, blockNumber: draw.drawingBlock };
        },
        transaction: this.contract.encode('fix', [id]),
      },
      { ...all, confirmations },
      since,
    );
    return value;
  }

  /**
   * Registers the evaluation of the drawn samples: the proofs' files, in the order of the samples. Nothing of them is verified.
   *
   * Errors: those of `parseInference`; `DRAW_UNKNOWN`, `DRAW_TOO_EARLY`, `DRAW_NOT_REQUESTER`, `DRAW_WINDOW_CLOSED`, `DRAW_ANSWERED` where
   * another one was registered; those of sending.
   */
  async answer(id: string, files: readonly Readable[], options: EnsureOptions = {}): Promise<Ensured<Draw>> {
    const evaluation = evaluationDigest(files);
    const { fixed, drawingBlock } = await this.known(id);
    if (!fixed) {
      throw new PotError('DRAW_TOO_EARLY', 'nobody has fixed what is drawn', {
        details: { draw: id, blockNumber: drawingBlock },
        hint: 'Fix it first (draws.fix, pot draw show --fix), and prove an evaluation of these samples.',
      });
    }
    return this.ensure(options, {
      name: 'registering the evaluation',
      find: async () => {
        const value = await this.known(id);
        if (value.answer && value.answer.evaluation !== evaluation) {
          throw new PotError('DRAW_ANSWERED', 'another evaluation was registered for this draw', {
            details: { draw: id, evaluation: value.answer.evaluation },
            hint: 'The first one stands.',
          });
        }
        return value.answer && { value, blockNumber: value.answer.block };
      },
      transaction: this.contract.encode('answer', [id, fixed.seed, evaluation]),
    });
  }

  /** Errors: `DRAW_UNKNOWN`. */
  async known(id: string): Promise<Draw> {
    const draw = await this.contract.draw(id);
    if (draw) return draw;
    throw new PotError('DRAW_UNKNOWN', 'there is no such draw', { details: { draw: id } });
  }

  /** Waits until the chain has a block. Errors: `CHAIN_DEADLINE`. */
  private async mined(block: number, options: EnsureOptions, since: number): Promise<void> {
    const { provider, read } = this.options.connection;
    const { deadlineMs = 900_000, pollMs = POLL_MS, signal } = options;
    while ((await read(() => provider.getBlockNumber())) < block) {
      if (Date.now() > since + deadlineMs) {
        throw new PotError('CHAIN_DEADLINE', `block ${block} did not come in ${deadlineMs} ms`, {
          hint: 'A local chain needs a block time: pot chain up --block-time 1.',
        });
      }
      await pause(pollMs, signal);
    }
  }

  private ensure<T>(options: EnsureOptions, goal: Parameters<Ensurer['ensure']>[0]): Promise<Ensured<T>> {
    const own = checkOptions(ensureOptions, options, 'EvaluationDraws');
    return this.writer().ensure(goal, { ...this.options, ...own }) as Promise<Ensured<T>>;
  }

  private writer(): Ensurer {
    if (this.ensurer) return this.ensurer;
    throw new PotError('SIGNER_MISSING', 'this client only reads: it has no signer', {
      hint: 'Give a signer, or set POT_PRIVATE_KEY or POT_KEYSTORE.',
    });
  }
}

function sameTerms(draw: Draw, terms: DrawTerms): boolean {
  const run = (of: DrawTerms) => (of.run ? `${of.run.registry} ${of.run.runId}`.toLowerCase() : '');
  return draw.samples === terms.samples && draw.window === terms.window && run(draw) === run(terms);
}
