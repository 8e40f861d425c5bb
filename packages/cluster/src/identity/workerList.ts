import { readFile } from 'node:fs/promises';
import { identityError, parseLine, type WorkerPublic } from './identity.js';

/** A list has at most so many lines. */
const MOST = 10_000;

/**
 * The workers who may have witnesses, by the trainer's own list: a line each, `#` begins a remark. It is read again for
 * every job: who strikes a line out has revoked the worker.
 */
export class WorkerList {
  private constructor(private readonly path: string) {}

  /** Errors: `CLUSTER_IDENTITY` where the file cannot be read, has a wrong line, or none. */
  static async open(path: string): Promise<WorkerList> {
    const list = new WorkerList(path);
    await list.read();
    return list;
  }

  /** By id. Errors: as of {@link open}. */
  async read(): Promise<Map<string, WorkerPublic>> {
    const text = await readFile(this.path, 'utf8').catch((cause) => {
      throw identityError(`the list of workers ${this.path} cannot be read`, cause);
    });
    const workers = new Map<string, WorkerPublic>();
    const lines = text.split('\n');
    if (lines.length > MOST) throw identityError(`${this.path} has more than ${MOST} lines`);
    for (const [n, line] of lines.entries()) {
      const said = line.replace(/#.*$/, '').trim();
      if (said === '') continue;
      const worker = parseLine(said, `line ${n + 1} of ${this.path}`);
      workers.set(worker.id, worker);
    }
    if (workers.size === 0) throw identityError(`${this.path} lists no worker`);
    return workers;
  }
}
