import { loadConfig } from '@proof-of-training/core';
import { result, say, text } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { makeIdentity } from '../identity/identity.js';
import { type QueueState, queueState } from '../queue/state.js';

/** `pot cluster`: keys of workers, and what a queue holds. */
export function clusterCommand(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('proofs on many machines: keys of workers, state of a queue');
  cluster
    .command('key')
    .description("make a worker's keys, and print the line for the trainers' lists")
    .argument('<name>', 'what the worker is called')
    .requiredOption('--out <file>', 'where its keys go (secret, for that machine alone)', text('--out'))
    .action(async (name: string, { out }: { out: string }) => {
      process.stdout.write(`${await makeIdentity(name, out)}\n`);
      say(
        `${out} is secret. The line above belongs into the list of workers (ZK_WORKER_LIST) of those who train.`,
      );
    });
  cluster
    .command('status')
    .description('what the queue holds, who is there, and what went wrong')
    .option('--queue <url>', 'redis:// or rediss://; default: ZK_QUEUE', text('--queue'))
    .option('--worker-list <file>', 'the list of workers; default: ZK_WORKER_LIST', text('--worker-list'))
    .option('--prometheus', 'print the counts of jobs as Prometheus text')
    .option('--json', 'print it as JSON')
    .action(async (flags: { queue?: string; workerList?: string; prometheus?: boolean; json?: boolean }) => {
      const { prover } = await loadConfig();
      const url = flags.queue ?? prover.queue;
      const workerList = flags.workerList ?? prover.workerList;
      if (!url) throw new PotError('OPTION_INVALID', 'pot cluster status needs --queue (or ZK_QUEUE)');
      const { prometheus, ...state } = await queueState(url, {
        ...(workerList !== undefined && { workerList }),
      });
      if (flags.prometheus) process.stdout.write(prometheus);
      else result({ ...state }, linesOf(state), flags.json ?? false);
    });
}

function linesOf({ jobs, workers, reports }: Omit<QueueState, 'prometheus'>): string[] {
  return [
    ...Object.entries(jobs).map(([state, count]) => `${state.padEnd(16)} ${count}`),
    ...(workers ?? []).map(
      ({ name, threads, memoryBytes }) =>
        `worker           ${name}: ${threads} at once, ${Math.floor(memoryBytes / 2 ** 20)} MB`,
    ),
    ...reports.map(
      ({ at, what, worker, cause, statement }) =>
        `${at} ${what}${worker ? ` of ${worker}` : ''}: ${cause} (${statement.slice(0, 16)})`,
    ),
  ];
}
