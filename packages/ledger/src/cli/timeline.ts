import { text } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import type { Timeline } from '../answer/timeline.js';
import { eventText } from '../events/kinds.js';
import { type AskFlags, ask, askOptions, names } from './answers.js';

interface Flags extends AskFlags {
  from?: string;
  to?: string;
  around?: string;
}

/** Of `--around`: so much before and after. */
const AROUND_MS = 60_000;

/** `pot audit timeline LOG`: what happened around a time. */
export function timelineCommand(audit: Command): void {
  askOptions(audit.command('timeline'))
    .description('what happened from a time on and before another, with what shows that nothing was left out')
    .argument('<log>', 'folder of the log')
    .option('--from <time>', 'RFC 3339: 2026-11-30T12:20:00Z', text('--from'))
    .option('--to <time>', 'before this', text('--to'))
    .option('--around <time>', 'a minute before and after', text('--around'))
    .option('--fields <names>', 'fields to show besides time and type, with commas', names)
    .action(async (dir: string, flags: Flags) => {
      const { timeline } = await import('../audit/ask.js');
      const options = { ...spanOf(flags), ...(flags.fields && { fields: flags.fields }) };
      await ask(
        dir,
        flags,
        (log) => timeline(log, options),
        async ({ events }: Timeline, log) =>
          Promise.all(
            events.map(
              async ({ index, time }) => `${index}  ${time}  ${eventText((await log.get(index)).fields)}`,
            ),
          ),
      );
    });
}

function spanOf({ from, to, around }: Flags): { from: Date; to: Date } {
  if (around !== undefined && from === undefined && to === undefined) {
    const at = timeOf('--around', around).getTime();
    return { from: new Date(at - AROUND_MS), to: new Date(at + AROUND_MS) };
  }
  if (around !== undefined || from === undefined || to === undefined)
    throw new PotError('OPTION_INVALID', 'pot audit timeline needs --from and --to, or --around alone');
  return { from: timeOf('--from', from), to: timeOf('--to', to) };
}

function timeOf(flag: string, value: string): Date {
  const time = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? value : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new PotError('OPTION_INVALID', `${flag} must be RFC 3339 in UTC: 2026-11-30T12:20:00Z`);
}
