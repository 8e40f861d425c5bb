import type { Job, Queue, QueueEvents } from 'bullmq';

/** How often jobs are read again: an event may be missed. */
const READ_MS = 1000;

/** How a job left the queue. */
export type Ended =
  | { how: 'completed'; value: unknown; by: string | undefined }
  | { how: 'failed'; reason: string; by: string | undefined }
  /** The queue does not know it any more. */
  | { how: 'lost' }
  /** A worker has had it for too long. */
  | { how: 'held'; by: string | undefined };

interface Watched {
  /** While an answer is waited for, it is not asked again. */
  looking: boolean;
  missing: number;
  /** Since when this process has seen one worker at it. */
  since: { by: string | undefined; at: number } | undefined;
  holdMs: number;
  resolve(ended: Ended): void;
}

/** Tells when jobs have ended: by the queue's events, and by reading them again. */
export class JobWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly queue: Queue,
    events: QueueEvents,
  ) {
    const look = ({ jobId }: { jobId: string }) => void this.look(jobId);
    events.on('completed', look);
    events.on('failed', look);
    this.timer = setInterval(() => {
      for (const id of this.watched.keys()) void this.look(id);
    }, READ_MS);
  }

  /** Waits for a job. Two may not wait for one. */
  ended(id: string, holdMs: number): Promise<Ended> {
    return new Promise((resolve) => {
      this.watched.set(id, { looking: false, missing: 0, since: undefined, holdMs, resolve });
      void this.look(id);
    });
  }

  forget(id: string): void {
    this.watched.delete(id);
  }

  close(): void {
    clearInterval(this.timer);
    this.watched.clear();
  }

  private async look(id: string): Promise<void> {
    const entry = this.watched.get(id);
    if (!entry || entry.looking) return;
    entry.looking = true;
    let job: Job | undefined;
    try {
      job = await this.queue.getJob(id);
    } catch (e) {
      // What is no job any more counts as gone; a Redis that does not answer has not lost it.
      if (!(e instanceof SyntaxError)) return;
    } finally {
      entry.looking = false;
    }
    const ended = job ? endOf(job) : ++entry.missing > 1 ? ({ how: 'lost' } as const) : undefined;
    if (job) entry.missing = 0;
    const over = ended ?? (job && held(job, entry));
    if (!over || this.watched.get(id) !== entry) return;
    this.watched.delete(id);
    entry.resolve(over);
  }
}

/** How a job has ended; undefined while it has not. */
export function endOf(job: Job): Ended | undefined {
  if (job.finishedOn === undefined) return undefined;
  const by = job.processedBy;
  if (job.failedReason) return { how: 'failed', reason: job.failedReason, by };
  return { how: 'completed', value: job.returnvalue, by };
}

/** By this process' clock: the workers' may differ. */
function held({ processedOn, processedBy: by }: Job, entry: Watched): Ended | undefined {
  if (processedOn === undefined) entry.since = undefined;
  else if (entry.since?.by !== by) entry.since = { by, at: Date.now() };
  if (!entry.since || Date.now() - entry.since.at < entry.holdMs) return undefined;
  return { how: 'held', by };
}
