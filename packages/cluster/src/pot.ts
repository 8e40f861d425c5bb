// What `pot` of @proof-of-training/core adds to its commands where this package is installed beside it; no promise of stability.

import type { Command } from 'commander';
import { clusterCommand } from './cli/cluster.js';
import { workerCommand } from './cli/worker.js';

export function addCommands(program: Command): void {
  workerCommand(program);
  clusterCommand(program);
}
