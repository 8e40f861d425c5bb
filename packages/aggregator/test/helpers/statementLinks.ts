import { createHash } from 'node:crypto';
import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Aggregate, AggregatePublic } from '../../src/aggregate.js';
import type { LinkProver, Member } from '../../src/node/linkProver.js';
import type { OpenRun } from '../../src/run.js';
import { scheduleBeginning, windowParts } from '../../src/statement.js';
import { hex } from './toyRun.js';

/**
 * Links without proofs: it makes the statements that the circuit would prove, and a hash instead of a proof. For tests of order,
 * storage and refusal; that aggregates hold is the slow tier's.
 */
export class StatementLinks implements LinkProver {
  readonly info;
  readonly key = new Uint8Array([1, 2, 3]);
  /** Number of members of each link that was made. */
  readonly made: number[] = [];
  closed = false;
  /** Called before each link. */
  before: (members: readonly Member[]) => void | Promise<void> = () => {};

  constructor(
    private readonly run: OpenRun,
    places = 2,
    digest = hex(99),
  ) {
    this.info = { digest, windowKey: run.windowKey, k: 18, places, proofBytes: 32 };
  }

  async prove(previous: Aggregate | undefined, members: readonly Member[]): Promise<Aggregate> {
    await this.before(members);
    const { run } = this;
    const first = members[0]!.public;
    const from = previous?.public;
    let schedule = from?.schedule ?? scheduleBeginning(run, first.firstStep / run.spec.steps);
    for (const m of members) {
      const at = () => ({ epoch: m.public.epoch, shard: m.shard });
      const etaOf = run.etaOf && (() => m.public.eta);
      const own = windowParts({ ...run, at, etaOf }, m.public.firstStep / run.spec.steps);
      schedule = own.reduce(run.pair, schedule);
    }
    const last = members[members.length - 1]!.public;
    const statement: AggregatePublic = {
      key: this.info.digest,
      runId: first.runId,
      eta: members[0]!.named?.eta ?? first.eta,
      firstStep: from?.firstStep ?? first.firstStep,
      endStep: last.firstStep + run.spec.steps,
      weightsIn: from?.weightsIn ?? first.weightsIn,
      weightsOut: last.weightsOut,
      datasetRoot: run.datasetRoot,
      schedule,
      base: first.base ?? hex(0),
      depth: members[0]!.siblings.length,
    };
    this.made.push(members.length);
    return { public: statement, accumulator: Array<string>(8).fill(hex(0)), proof: sealOf(statement) };
  }

  async verify(aggregate: Aggregate): Promise<void> {
    if (aggregate.proof !== sealOf(aggregate.public)) throw new PotError('VERIFY_FAILED', 'not made here');
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function sealOf(statement: AggregatePublic): string {
  return createHash('sha256').update(JSON.stringify(statement)).digest('base64url');
}

/** The code of the error that a promise ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
  return 'nothing';
}
