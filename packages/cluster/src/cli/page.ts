import { say, text, whole } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { servePage } from '../page/servePage.js';
import { QueueView } from '../queue/state.js';
import { stopSignal } from './stopSignal.js';
import { viewed } from './viewed.js';

interface Flags {
  queue?: string;
  workerList?: string;
  port?: number;
  host?: string;
}

/** `pot cluster page`: the queue's state as a page for this machine. */
export function pageCommand(cluster: Command): void {
  cluster
    .command('page')
    .description("serve a page of the queue's state, until it is interrupted")
    .option('--queue <url>', 'redis:// or rediss://; default: ZK_QUEUE', text('--queue'))
    .option('--worker-list <file>', 'the list of workers; default: ZK_WORKER_LIST', text('--worker-list'))
    .option(
      '--host <address>',
      'address to listen on; default: 127.0.0.1, this machine alone',
      text('--host'),
    )
    .option('--port <number>', 'port; 0: a free one; default: 8080', whole('--port', 0, 65_535))
    .action(async (flags: Flags) => {
      const view = await QueueView.open(...(await viewed('pot cluster page', flags)));
      try {
        const page = await servePage(view, flags.port ?? 8080, flags.host);
        process.stdout.write(`${page.url}\n`);
        say('Ctrl-C ends it.');
        await stopSignal();
        await page.close();
      } finally {
        await view.close();
      }
    });
}
