import type { Command } from 'commander';
import type { LogReport } from '../answer/report.js';
import { type AskFlags, ask, askOptions } from './answers.js';

/** `pot audit report LOG`: a log in numbers. */
export function reportCommand(audit: Command): void {
  askOptions(audit.command('report'))
    .description('a log in numbers, over all its entries: types, outcomes, models, verifications, quarantine')
    .argument('<log>', 'folder of the log')
    .action(async (dir: string, flags: AskFlags) => {
      const { report } = await import('../audit/ask.js');
      await ask(dir, flags, report, (answer: LogReport) =>
        Object.entries(answer).map(([name, value]) => `${name.padEnd(14)} ${JSON.stringify(value)}`),
      );
    });
}
