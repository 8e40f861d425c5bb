import type { Command } from 'commander';
import { initCommand } from './init.js';
import { recordCommand } from './record.js';
import { runCommand } from './run.js';

/** `pot audit`: a log of events, from the command line. */
export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('record events in a log that nobody can change unseen');
  initCommand(audit);
  runCommand(audit);
  recordCommand(audit);
}
