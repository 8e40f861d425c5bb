import { createHash } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';
import { memoryUses, type UseCounter } from '@proof-of-training/inference/node';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import type { Committed, Inspected, ModelSource, Opened } from '../jobs/job.js';
import type { RegisterModelOptions, ZkmlLimits } from './options.js';
import type { SharedWork } from './signals.js';
import { limitOf } from './stages.js';

/** What is known of a registered model. */
export interface RegisteredModel extends Inspected {
  id: string;
  /** SHA-256 of the file, or the commitment of an opening. */
  digest: string;
  /** What its proofs name: each hides the weights in so many proofs, then there is another. Empty before it is compiled. */
  commitments: Committed[];
}

/** A commitment that proofs open, and its count. */
export interface Generation extends Opened {
  uses: UseCounter;
}

/** A registered model with what is secret of it. */
export interface Held {
  id: string;
  source: ModelSource;
  digest: string;
  /** Of model and options: what tells its answers from others'. */
  cacheKey: string;
  info: Inspected;
  latest?: Generation;
  commitments: Committed[];
  compiling?: SharedWork<Generation>;
}

/** Commitments whose range proofs are kept. */
const KEPT_RANGES = 1000;

/** The models of an engine. */
export class Models {
  private readonly held = new Map<string, Held>();
  /** Names that are being registered: they count. */
  private readonly reserved = new Set<string>();

  constructor(private readonly limits: ZkmlLimits) {}

  get size(): number {
    return this.held.size;
  }

  /** Errors: `ZKML_LIMIT`; `ZKML_MODEL_INVALID` for a name that is taken. The name is free again with the function that is given. */
  reserve(id: string): () => void {
    if (this.held.has(id) || this.reserved.has(id))
      throw new PotError('ZKML_MODEL_INVALID', `there is a model ${id} already`, { details: { model: id } });
    if (this.held.size + this.reserved.size >= this.limits.models)
      throw limitOf('limits.models', this.limits.models, 'registered models');
    this.reserved.add(id);
    return () => void this.reserved.delete(id);
  }

  add(held: Held): void {
    this.held.set(held.id, held);
  }
  remove(id: string): Held | undefined {
    const held = this.held.get(id);
    this.held.delete(id);
    return held;
  }
  clear(): void {
    this.held.clear();
  }
  all(): Held[] {
    return [...this.held.values()];
  }

  /** Errors: `ZKML_MODEL_INVALID`. */
  get(id: string): Held {
    const held = this.held.get(id);
    if (held) return held;
    throw new PotError('ZKML_MODEL_INVALID', `there is no model ${id}`, {
      details: { model: id },
      hint: 'Register it first.',
    });
  }
}

/** A model as options give it, with what they must be together. Errors: `OPTION_INVALID`, `ZKML_LIMIT`, `ZKML_SECURITY`. */
export function heldOf(options: RegisterModelOptions, limits: ZkmlLimits): Omit<Held, 'info'> {
  const { id, onnx, opening, uses, genesis, sha256, ...how } = options;
  if ((onnx === undefined) === (opening === undefined)) throw invalid('onnx or opening, one of the two');
  if (onnx) {
    if (uses || genesis) throw invalid('uses and genesis with an opening alone');
    if (onnx.length > limits.modelBytes)
      throw limitOf('limits.modelBytes', limits.modelBytes, 'bytes of a model');
    // A copy: what was looked at is what is proven.
    const source = { ...how, onnx: Uint8Array.from(onnx) };
    const digest = createHash('sha256').update(source.onnx).digest('hex');
    if (sha256 !== undefined && sha256.toLowerCase() !== digest)
      throw new PotError('ZKML_SECURITY', `the file of ${id} does not have the SHA-256 that it must have`, {
        details: { model: id, found: digest },
      });
    return { id, source, digest, cacheKey: keyOf(digest, how), commitments: [] };
  }
  const odd = [sha256, ...Object.values(how)].some((value) => value !== undefined);
  if (odd) throw invalid('with an opening only uses and genesis');
  if (!uses) throw invalid('uses with an opening (fileUses): its proofs are counted');
  const own = structuredClone(opening!);
  const latest = { opening: own, uses, ...(genesis && { genesis: structuredClone(genesis) }) };
  const digest = String(own.commitment);
  return { id, source: { opening: own }, digest, cacheKey: keyOf(digest, {}), latest, commitments: [] };
}

const keyOf = (digest: string, how: object) =>
  createHash('sha256')
    .update(canonicalJson([digest, how]))
    .digest('hex');

function invalid(what: string): PotError {
  return new PotError('OPTION_INVALID', `registerModel takes ${what}`, {
    details: { where: 'registerModel' },
  });
}

/** A new commitment counts from its range proof on. */
export function newCount(): UseCounter {
  return memoryUses(0);
}

/** Makes a generation the one that is proven with. */
export function adopt(held: Held, { opening, genesis, uses }: Generation): Generation {
  held.latest = { opening, uses, ...(genesis && { genesis }) };
  held.commitments.push({ commitment: opening.commitment, ...(genesis && { genesis }) });
  const old = held.commitments[held.commitments.length - 1 - KEPT_RANGES];
  if (old) delete old.genesis;
  return held.latest;
}

/** What may be said of a model. */
export function described({ id, digest, info, commitments }: Held): RegisteredModel {
  return { id, digest, ...structuredClone(info), commitments: structuredClone(commitments) };
}
