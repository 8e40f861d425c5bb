import { type Aggregate, type AggregatePublic, aggregateSchema } from '@proof-of-training/aggregator';
import type { LinkProver, Member } from '@proof-of-training/aggregator/node';
import { closedError } from '@proof-of-training/core/executor';
import { PotError } from '@proof-of-training/errors';
import type { AggregateForm } from '@proof-of-training/halo2-wasm';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { messageError } from '../message/messages.js';
import { type AggregationTask, statementOf } from '../message/statement.js';
import { ClusterMetrics } from '../metrics/clusterMetrics.js';
import { ask } from './ask.js';
import type { ConnectedParts } from './connectParts.js';

/** Peak memory of a link: measured at 2^17 rows (1.1 GB) and 2^19 (2.4 GB), docs/operate/aggregating.md. */
const memoryOf = (k: number) => 2 ** 29 + 5 * 2 ** (10 + k);

/**
 * Has the links of an aggregate made by workers of a queue. Every one is verified here, and says what was asked for, before it counts.
 *
 * @example
 * const links = await connectLinks({ local, srs, spec: run.spec, queue });
 * const aggregate = await new ProofAggregator(run, links).aggregateProofs(bundle.windows);
 * await links.close();
 */
export class QueueLinks implements LinkProver {
  readonly metrics: ClusterMetrics;
  private readonly stop = new AbortController();
  private outstanding = 0;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly parts: ConnectedParts,
    private readonly local: LinkProver,
    private readonly spec: SgdSpec,
    private readonly form: AggregateForm | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {
    const { roster } = parts;
    this.metrics = new ClusterMetrics(() => {
      const { workers, threads } = roster;
      return { workers, threads, outstanding: this.outstanding };
    });
  }

  get info(): LinkProver['info'] {
    return this.local.info;
  }

  get key(): Uint8Array {
    return this.local.key;
  }

  /** Errors: `PROVER_ABORTED`, `PROVER_CLOSED`, `CLUSTER_*`; `CLUSTER_FAILED` has what workers say, `VERIFY_*` of a window among it. */
  async prove(
    previous: Aggregate | undefined,
    members: readonly Member[],
    wanted?: AggregatePublic,
  ): Promise<Aggregate> {
    if (this.closing) throw closedError();
    const { parts, metrics, spec, form, stop } = this;
    const signal = AbortSignal.any([...(this.signal ? [this.signal] : []), stop.signal]);
    const { places, k } = this.info;
    const task: AggregationTask = {
      kind: 'aggregation',
      spec,
      places,
      ...(form && { form }),
      ...(previous && { previous }),
      members: [...members],
    };
    const statement = statementOf(task, parts.srs.hash);
    const check = async (bytes: Uint8Array) => this.verify(requireSays(aggregateOf(bytes), wanted));
    const asked = { task, statement, memoryBytes: memoryOf(k), priority: 0, signal, check };
    this.outstanding++;
    try {
      const { proof } = await ask(parts, metrics, asked);
      metrics.ended('ok');
      return aggregateOf(proof!);
    } catch (e) {
      metrics.ended(signal.aborted ? 'cancelled' : 'failed');
      throw stop.signal.aborted ? closedError(e) : e;
    } finally {
      this.outstanding--;
    }
  }

  verify(aggregate: Aggregate): Promise<void> {
    return this.local.verify(aggregate);
  }

  /** Ends what is asked for, the connection and the thread. */
  async close(): Promise<void> {
    this.stop.abort(closedError());
    this.closing ??= this.parts.disconnect().then(() => this.local.close());
    await this.closing;
  }
}

/** Errors: `CLUSTER_MESSAGE`. */
function aggregateOf(bytes: Uint8Array): Aggregate {
  try {
    return aggregateSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    throw messageError('an aggregate that is none');
  }
}

/** One that holds, of other windows, is no answer. */
function requireSays(aggregate: Aggregate, wanted: AggregatePublic | undefined): Aggregate {
  if (!wanted || canonicalJson(aggregate.public) === canonicalJson(wanted)) return aggregate;
  throw new PotError('AGGREGATE_STATEMENT', 'the new aggregate does not say what the run says');
}
