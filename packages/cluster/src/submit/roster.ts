import { setTimeout as sleep } from 'node:timers/promises';
import { PotError } from '@proof-of-training/errors';
import type { Redis } from 'ioredis';
import type { ArtefactStore } from '../artefacts/store.js';
import type { WorkerPublic } from '../identity/identity.js';
import type { WorkerList } from '../identity/workerList.js';
import { type Presence, present } from '../queue/presence.js';

/** How long a job waits for a worker that is there. */
const WAIT_MS = 30_000;
const LOOK_MS = 300;
const MB = 2 ** 20;

/** Which workers a trainer gives witnesses to: those of its list, less those that returned a wrong proof. */
export class Roster {
  private readonly aside = new Set<string>();
  private live: Presence[] = [];

  constructor(
    private readonly list: WorkerList,
    private readonly redis: Redis,
    private readonly store: ArtefactStore,
  ) {}

  /** Listed workers that were there when somebody last looked. */
  get workers(): number {
    return this.live.length;
  }
  /** Proofs that they make at once. */
  get threads(): number {
    return this.live.reduce((sum, { threads }) => sum + threads, 0);
  }

  /** From now on it gets nothing, and nothing of it counts. */
  setAside(id: string): void {
    this.aside.add(id);
  }

  /** A worker whose results count; undefined for any other. Errors: `CLUSTER_IDENTITY`. */
  async trusted(id: string): Promise<WorkerPublic | undefined> {
    return this.aside.has(id) ? undefined : (await this.list.read()).get(id);
  }

  /** Looks who is there. Errors: `CLUSTER_IDENTITY`. */
  async look(): Promise<{ listed: WorkerPublic[]; live: Presence[] }> {
    const listed = [...(await this.list.read()).values()].filter(({ id }) => !this.aside.has(id));
    this.live = await present(
      this.redis,
      listed.map(({ id }) => id),
    );
    return { listed, live: this.live };
  }

  /**
   * Workers that may have a witness of so many bytes of memory: all of the list, but those who are to be avoided where another one is
   * there. Waits for one to come.
   *
   * Errors: `CLUSTER_NO_WORKER`, at once where those that are there are all too small; `CLUSTER_ARTEFACT` where they have
   * another folder; `CLUSTER_IDENTITY`.
   */
  async recipients(
    memoryBytes: number,
    avoid: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<WorkerPublic[]> {
    for (const end = Date.now() + WAIT_MS; ; await sleep(LOOK_MS, undefined, { signal }).catch(() => {})) {
      signal.throwIfAborted();
      const { listed, live } = await this.look();
      if (listed.length === 0)
        throw noWorker('every worker of the list is set aside', 'See the reports: pot cluster status.');
      const able = live.filter((worker) => worker.memoryBytes >= memoryBytes);
      if (live.length > 0 && able.length === 0) throw tooSmall(memoryBytes, live);
      this.requireShared(able);
      if (able.length > 0) {
        const another = able.some(({ id }) => !avoid.has(id));
        return another ? listed.filter(({ id }) => !avoid.has(id)) : listed;
      }
      if (Date.now() > end) {
        throw noWorker(`no worker of the list has come in ${WAIT_MS / 1000} s`, 'Start one: pot worker.');
      }
    }
  }

  private requireShared(able: readonly Presence[]): void {
    if (able.length === 0 || able.some(({ store }) => store === this.store.id)) return;
    const names = able.map(({ name }) => name).join(', ');
    throw new PotError('CLUSTER_ARTEFACT', `the folder of artefacts is another one than that of ${names}`, {
      hint: 'Mount one folder on all machines.',
    });
  }
}

function tooSmall(memoryBytes: number, live: readonly Presence[]): PotError {
  const largest = Math.max(...live.map((worker) => worker.memoryBytes));
  return noWorker(
    `a proof needs about ${Math.ceil(memoryBytes / MB)} MB, the largest worker has ${Math.floor(largest / MB)} MB`,
    'Start a worker with more memory, or use a shorter window or a smaller batch.',
  );
}

function noWorker(what: string, hint: string): PotError {
  return new PotError('CLUSTER_NO_WORKER', what, { hint });
}
