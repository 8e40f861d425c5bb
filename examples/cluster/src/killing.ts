import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCluster, LocalWorker, QueueView } from '@proof-of-training/cluster';

/** A worker that was killed, and the job that it had. */
export interface Killed {
  worker: LocalWorker;
  statement: string;
  at: number;
}

/** Kills the first worker that is seen at a window, as a machine that loses its power is. */
export async function killOne(cluster: LocalCluster, view: QueueView, signal: AbortSignal): Promise<Killed> {
  for (; ; await sleep(20, undefined, { signal })) {
    const { active } = await view.read();
    for (const { statement, kind, worker: id } of active) {
      const worker = cluster.workers.find((w) => w.id === id);
      if (!worker || kind !== 'window') continue;
      // Frozen first: one that finishes in this very moment goes on.
      worker.kill('SIGSTOP');
      await sleep(100);
      if ((await workerOf(view, statement)) === id) {
        worker.kill('SIGKILL');
        await worker.ended;
        return { worker, statement, at: Date.now() };
      }
      worker.kill('SIGCONT');
    }
  }
}

/** Waits until the job that a killed worker had is another's, or done. Gives the milliseconds since it was killed. */
export async function takenOver(view: QueueView, killed: Killed, signal: AbortSignal): Promise<number> {
  const { worker, statement, at } = killed;
  for (; ; await sleep(50, undefined, { signal })) {
    const { jobs, active } = await view.read();
    const waiting = (jobs.waiting ?? 0) + (jobs.prioritized ?? 0) + (jobs.delayed ?? 0);
    const job = active.find((each) => each.statement === statement);
    if (job ? job.worker !== worker.id : waiting === 0) return Date.now() - at;
  }
}

async function workerOf(view: QueueView, statement: string): Promise<string | undefined> {
  const { active } = await view.read();
  return active.find((job) => job.statement === statement)?.worker;
}
