import type { Command } from 'commander';
import { keyCommand } from './key.js';
import { pageCommand } from './page.js';
import { statusCommand } from './status.js';
import { upCommand } from './up.js';

/** `pot cluster`: keys of workers, a cluster for trying, and what a queue holds. */
export function clusterCommand(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('proofs on many machines: keys of workers, a cluster for trying, state of a queue');
  keyCommand(cluster);
  upCommand(cluster);
  statusCommand(cluster);
  pageCommand(cluster);
}
