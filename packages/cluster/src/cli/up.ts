import { join } from 'node:path';
import { LiveLine, say, text, whole } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { LocalCluster, writeEnvironment } from '../local/localCluster.js';
import { servePage } from '../page/servePage.js';
import { QueueView } from '../queue/state.js';
import { lineOf } from './status.js';
import { stopSignal } from './stopSignal.js';

interface Flags {
  dir?: string;
  workers?: number;
  threads?: number;
  port?: number;
  page?: number;
  engine?: 'auto' | 'wasm' | 'native';
}

/** `pot cluster up`: a queue and workers on this machine, for trying. */
export function upCommand(cluster: Command): void {
  cluster
    .command('up')
    .description('start a queue and workers on this machine, for trying; they run until this is interrupted')
    .option(
      '--dir <folder>',
      'where keys, artefacts and the queue are (secret); default: runs/cluster',
      text('--dir'),
    )
    .option('--workers <number>', 'processes that prove; default: 2', whole('--workers', 1, 256))
    .option('--threads <number>', 'proofs that each makes at once; default: 1', whole('--threads', 1, 1024))
    .option('--port <number>', 'port of Redis; default: a free one', whole('--port', 1, 65_535))
    .option(
      '--page <port>',
      "serve a page of the queue's state; 0: on a free port",
      whole('--page', 0, 65_535),
    )
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto')
    .action(async ({ page, dir = 'runs/cluster', ...flags }: Flags) => {
      const local = await LocalCluster.start({
        dir,
        ...flags,
        onLine: (worker, line) => say(`${worker}: ${line}`),
      });
      try {
        const env = join(dir, 'env');
        await writeEnvironment(env, local.settings);
        tell(local, env);
        const { queue, workerList } = local.settings;
        const view = await QueueView.open(queue, { workerList });
        const served = page === undefined ? undefined : await servePage(view, page);
        if (served) say(`Its page: ${served.url}`);
        const live = new LiveLine(async () => lineOf(await view.read()));
        await stopSignal();
        await live.end();
        await served?.close();
        await view.close();
      } finally {
        await local.close();
      }
    });
}

function tell({ workers }: LocalCluster, env: string): void {
  say(
    `${workers.length} workers are ready: ${workers.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}.`,
  );
  say(`To prove with them, in another terminal of this folder: source ${env}`);
  say('then as ever: pot train, pot aggregate. Ctrl-C ends it.');
}
