import { createServer, type Server } from 'node:http';
import { loadConfig, ProverMetrics } from '@proof-of-training/core';
import { say, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { readIdentity } from '../identity/identity.js';
import { ClusterWorker } from '../worker/clusterWorker.js';

interface Flags {
  identity: string;
  queue?: string;
  artefacts?: string;
  workers?: number;
  memory?: number;
  proofThreads?: number;
  engine?: 'auto' | 'wasm' | 'native';
  metrics?: number;
}

/** `pot worker`: makes proofs for others, until it is stopped. */
export function workerCommand(program: Command): void {
  program
    .command('worker')
    .description('take proofs from a queue, make them and return them (docs/operate/cluster.md)')
    .requiredOption(
      '--identity <file>',
      'its keys, as pot cluster key made them (secret)',
      text('--identity'),
    )
    .option(
      '--queue <url>',
      'redis:// or rediss://; default: ZK_QUEUE, which no list of processes shows',
      text('--queue'),
    )
    .option('--artefacts <place>', 'folder or s3://BUCKET/PREFIX; default: ZK_ARTEFACTS', text('--artefacts'))
    .option('--workers <number>', 'proofs at once; -1: one a core', Number)
    .option(
      '--memory <megabytes>',
      'what its proofs may need together; larger ones go to other workers',
      whole('--memory', 1),
    )
    .option(
      '--proof-threads <number>',
      'threads inside each proof; default: as many as are free',
      whole('--proof-threads', 1, 1024),
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto')
    .option(
      '--metrics <port>',
      'Prometheus text at http://127.0.0.1:PORT/metrics',
      whole('--metrics', 0, 65535),
    )
    .action(async (flags: Flags) => {
      const config = await loadConfig();
      const metrics = new ProverMetrics();
      const queue = flags.queue ?? config.prover.queue;
      const artefacts = flags.artefacts ?? config.prover.artefacts;
      const worker = await ClusterWorker.start({
        identity: await readIdentity(flags.identity),
        queue: named(queue, '--queue (or ZK_QUEUE)'),
        artefacts: named(artefacts, '--artefacts (or ZK_ARTEFACTS)'),
        config,
        metrics,
        ...(flags.workers !== undefined && { workers: flags.workers }),
        ...(flags.memory !== undefined && { memoryBudgetMb: flags.memory }),
        ...(flags.proofThreads !== undefined && { proofThreads: flags.proofThreads }),
        ...(flags.engine && { engine: flags.engine }),
        onJob: ({ statement, ms, error }) =>
          say(`${statement.slice(0, 16)} ${error ?? 'proven'} ${Math.round(ms)} ms`),
        onWarning: (message) => say(`Warning: ${message}`),
      });
      const server = flags.metrics === undefined ? undefined : await served(metrics, flags.metrics);
      say('ready');
      await stopped(worker);
      server?.close();
    });
}

/** Until a signal comes: the first one lets it finish what it has, the second ends it. */
async function stopped(worker: ClusterWorker): Promise<void> {
  await new Promise<void>((resolve) => {
    let closing: Promise<void> | undefined;
    const stop = () => {
      if (closing) void worker.close({ force: true });
      else say('finishing what was begun; once more ends it');
      closing ??= worker.close().then(resolve);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  });
}

async function served(metrics: ProverMetrics, port: number): Promise<Server> {
  const server = createServer((_, response) => {
    void metrics
      .prometheus()
      .then((body) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function named(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new PotError('OPTION_INVALID', `pot worker needs ${what}`, { details: { option: what } });
}
