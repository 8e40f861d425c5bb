import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';

/** Finished cases, kept on disk after each one, so that an interrupted run goes on where it was. */
export class State {
  #done;

  constructor(path, version, done = []) {
    this.path = path;
    this.version = version;
    this.#done = new Map(done.map((record) => [record.id, record]));
  }

  /**
   * With `resume`, what a run of the same version has finished; failed cases and missing engines are tried again.
   *
   * Errors: `BENCH_STATE` where the file is damaged or of another commit or other engines.
   */
  static async open(path, version, { resume }) {
    makeFolder(dirname(path));
    const text = resume ? await readFile(path, 'utf8').catch(() => undefined) : undefined;
    if (text === undefined) return new State(path, version);
    const hint = 'Begin anew, without --resume.';
    let stored;
    try {
      stored = JSON.parse(text);
      if (!Array.isArray(stored.done)) throw new Error('no list of cases');
    } catch (cause) {
      throw new PotError('BENCH_STATE', `the state in ${path} is damaged`, { cause, hint });
    }
    if (JSON.stringify(stored.version) !== JSON.stringify(version)) {
      throw new PotError('BENCH_STATE', `the state in ${path} is of another version`, { hint });
    }
    return new State(
      path,
      version,
      stored.done.filter((r) => r.status === 'done'),
    );
  }

  get(id) {
    return this.#done.get(id);
  }

  async add(record) {
    this.#done.set(record.id, record);
    await writeFileAtomic(
      this.path,
      `${JSON.stringify({ version: this.version, done: [...this.#done.values()] })}\n`,
    );
  }
}
