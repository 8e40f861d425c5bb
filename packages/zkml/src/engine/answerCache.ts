import { createHash } from 'node:crypto';
import { canonicalJson } from '@proof-of-training/sgd-circuit';

/** What makes two requests the same one: all of it. */
export interface AnswerKey {
  /** SHA-256 of the model and of how it is proven. */
  model: string;
  /** Who asks. */
  owner: string;
  inputs: Float64Array;
  /** Everything that decides what is shown: visibility, predicates, context, transcript, whether there is a proof. */
  shown: object;
}

/** Answers of those who asked, each for him alone: the least recently used goes first. Memory alone. */
export class AnswerCache<T> {
  private readonly answers = new Map<string, { model: string; answer: T }>();
  hits = 0;
  misses = 0;

  constructor(private readonly most: number) {}

  get size(): number {
    return this.answers.size;
  }

  /** A copy: nobody changes what the next one gets. */
  get(key: AnswerKey): T | undefined {
    const name = nameOf(key);
    const found = this.answers.get(name);
    if (!found) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.answers.delete(name);
    this.answers.set(name, found);
    return structuredClone(found.answer);
  }

  set(key: AnswerKey, answer: T): void {
    if (this.most === 0) return;
    const name = nameOf(key);
    this.answers.delete(name);
    this.answers.set(name, { model: key.model, answer: structuredClone(answer) });
    const [oldest] = this.answers.keys();
    if (this.answers.size > this.most) this.answers.delete(oldest!);
  }

  /** Forgets what was answered by a model. */
  forget(model: string): void {
    for (const [name, entry] of this.answers) if (entry.model === model) this.answers.delete(name);
  }

  clear(): void {
    this.answers.clear();
  }
}

/** A digest of all parts: canonical JSON says where each ends. */
function nameOf({ model, owner, inputs, shown }: AnswerKey): string {
  const bytes = Buffer.from(inputs.buffer, inputs.byteOffset, inputs.byteLength);
  return sha256(canonicalJson([model, owner, sha256(bytes), shown]));
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
