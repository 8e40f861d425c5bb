import { say, text } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { makeIdentity } from '../identity/identity.js';

/** `pot cluster key`: keys of a worker. */
export function keyCommand(cluster: Command): void {
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
}
