import type { Command } from 'commander';
import { checkCommand } from './check.js';
import { collectCommand } from './collect.js';
import { discloseCommand } from './disclose.js';
import { exportCommand } from './export.js';
import { hookCommands } from './hook.js';
import { initCommand } from './init.js';
import { mirrorCommand } from './mirror.js';
import { packageCommand } from './package.js';
import { prologCommand } from './prolog.js';
import { quarantineCommand } from './quarantine.js';
import { queryCommand } from './query.js';
import { recordCommand } from './record.js';
import { releaseCommand } from './release.js';
import { replayCommand } from './replay.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { taintCommand } from './taint.js';
import { timelineCommand } from './timeline.js';
import { traceCommand } from './trace.js';
import { verifyCommand } from './verify.js';

/** `pot audit`: a log of events, from the command line. */
export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('record events in a log that nobody can change unseen');
  initCommand(audit);
  runCommand(audit);
  recordCommand(audit);
  packageCommand(audit);
  hookCommands(audit);
  collectCommand(audit);
  taintCommand(audit);
  checkCommand(audit);
  quarantineCommand(audit);
  releaseCommand(audit);
  queryCommand(audit);
  traceCommand(audit);
  timelineCommand(audit);
  reportCommand(audit);
  discloseCommand(audit);
  replayCommand(audit);
  verifyCommand(audit);
  mirrorCommand(audit);
  prologCommand(audit);
  exportCommand(audit);
}
