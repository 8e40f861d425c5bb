import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { type Aggregate, aggregateSchema } from '../aggregate.js';

const NAME = /^(\d{10})-([0-9a-f]{64})\.json$/;

/** A stored aggregate that has not been read yet. */
interface Entry {
  endStep: number;
  name: string;
  hash: string;
}

/**
 * Intermediate aggregates in a folder: one file each, written atomically, named by its last step and by the SHA-256 of what is in
 * it. They hold nothing secret.
 *
 * @example
 * const store = new IntermediateStore('aggregates');
 * const latest = await store.furthest(32);
 */
export class IntermediateStore {
  constructor(readonly dir: string) {
    makeFolder(dir);
    // Half-written files of a process that was killed.
    for (const name of readdirSync(dir)) {
      if (/^\.[0-9a-f]{12}\.tmp$/.test(name)) rmSync(join(dir, name), { force: true });
    }
  }

  async write(aggregate: Aggregate): Promise<void> {
    const text = JSON.stringify(aggregate);
    const step = String(aggregate.public.endStep).padStart(10, '0');
    const path = join(this.dir, `${step}-${sha256(text)}.json`);
    if (!existsSync(path)) await writeFileAtomic(path, text);
  }

  /**
   * The stored aggregate that reaches furthest, but not beyond `endStep`; undefined where there is none. It is of the right form and is
   * what was stored under its name; whether it holds is for the caller.
   *
   * Errors: `INTERMEDIATE_DAMAGED`.
   */
  async furthest(endStep: number): Promise<Aggregate | undefined> {
    const entries: Entry[] = readdirSync(this.dir).flatMap((name) => {
      const [, step, hash] = NAME.exec(name) ?? [];
      return hash ? [{ endStep: Number(step), name, hash }] : [];
    });
    const usable = entries.filter((e) => e.endStep <= endStep);
    usable.sort((a, b) => b.endStep - a.endStep || (a.hash < b.hash ? -1 : 1));
    const best = usable[0];
    return best && this.read(best);
  }

  private async read({ name, hash, endStep }: Entry): Promise<Aggregate> {
    const path = join(this.dir, name);
    const damaged = (what: string, cause?: unknown) =>
      new PotError('INTERMEDIATE_DAMAGED', `the stored aggregate ${path} ${what}`, {
        hint: 'Remove the file: what it stood for is made again.',
        ...(cause !== undefined && { cause }),
      });
    const text = await readFile(path, 'utf8').catch((cause) => {
      throw damaged('cannot be read', cause);
    });
    if (sha256(text) !== hash) throw damaged('is not what was stored under this name');
    try {
      const aggregate = aggregateSchema.parse(readStrictJson(text));
      if (aggregate.public.endStep === endStep) return aggregate;
    } catch (cause) {
      throw damaged('is no aggregate of this version', cause);
    }
    throw damaged('ends with another step than its name says');
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
