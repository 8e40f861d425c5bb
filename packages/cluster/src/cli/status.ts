import { LiveLine, result, text } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { type QueueState, QueueView } from '../queue/state.js';
import { stopSignal } from './stopSignal.js';
import { viewed } from './viewed.js';

interface Flags {
  queue?: string;
  workerList?: string;
  watch?: boolean;
  prometheus?: boolean;
  json?: boolean;
}

/** `pot cluster status`: what a queue holds, once or as a line that is drawn anew. */
export function statusCommand(cluster: Command): void {
  cluster
    .command('status')
    .description('what the queue holds, who is there, and what went wrong')
    .option('--queue <url>', 'redis:// or rediss://; default: ZK_QUEUE', text('--queue'))
    .option('--worker-list <file>', 'the list of workers; default: ZK_WORKER_LIST', text('--worker-list'))
    .option('--watch', 'show one line again and again, until it is interrupted')
    .option('--prometheus', 'print the counts of jobs as Prometheus text')
    .option('--json', 'print it as JSON')
    .action(async (flags: Flags) => {
      const view = await QueueView.open(...(await viewed('pot cluster status', flags)));
      try {
        if (flags.watch) await watch(view);
        else await once(view, flags);
      } finally {
        await view.close();
      }
    });
}

async function once(view: QueueView, { prometheus: asPrometheus, json }: Flags): Promise<void> {
  const { prometheus, ...state } = await view.read();
  if (asPrometheus) process.stdout.write(prometheus);
  else result({ ...state }, linesOf(state), json ?? false);
}

async function watch(view: QueueView): Promise<void> {
  const live = new LiveLine(async () => lineOf(await view.read()));
  await stopSignal();
  await live.end();
}

/** A queue's state in one line. */
export function lineOf({ jobs, active, workers, reports }: Omit<QueueState, 'prometheus'>): string {
  const waiting = (jobs.waiting ?? 0) + (jobs.prioritized ?? 0) + (jobs.delayed ?? 0);
  const there =
    workers && `${workers.length} workers (${workers.reduce((n, w) => n + w.threads, 0)} at once)`;
  const kinds = [...new Set(active.map(({ kind }) => kind))].join(', ');
  const parts = [
    there,
    `${waiting} waiting`,
    `${jobs.active ?? 0} under way${kinds && ` (${kinds})`}`,
    `${jobs.completed ?? 0} done`,
    `${jobs.failed ?? 0} failed`,
    reports[0] && `last report: ${reports[0].what}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function linesOf({ jobs, active, workers, reports }: Omit<QueueState, 'prometheus'>): string[] {
  return [
    ...Object.entries(jobs).map(([state, count]) => `${state.padEnd(16)} ${count}`),
    ...(workers ?? []).map(
      ({ name, threads, memoryBytes }) =>
        `worker           ${name}: ${threads} at once, ${Math.floor(memoryBytes / 2 ** 20)} MB`,
    ),
    ...active.map(
      ({ statement, kind, worker = '' }) =>
        `under way        ${statement.slice(0, 16)} ${kind}: ${workers?.find(({ id }) => id === worker)?.name ?? worker}`,
    ),
    ...reports.map(
      ({ at, what, worker, cause, statement }) =>
        `${at} ${what}${worker ? ` of ${worker}` : ''}: ${cause} (${statement.slice(0, 16)})`,
    ),
  ];
}
