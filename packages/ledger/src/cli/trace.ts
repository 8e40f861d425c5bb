import { text } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import type { Trace } from '../answer/trace.js';
import { eventText } from '../events/kinds.js';
import { type AskFlags, ask, askOptions, digestOfWord, names } from './answers.js';

interface Flags extends AskFlags {
  from: string;
  to: string;
}

/** `pot audit trace LOG --from DATA --to DECISION`: exit code 1 where nothing leads there. */
export function traceCommand(audit: Command): void {
  askOptions(audit.command('trace'))
    .description('how something was made from something else, with a proof of every step')
    .argument('<log>', 'folder of the log')
    .requiredOption('--from <artefact>', 'digest, file or folder that is known', text('--from'))
    .requiredOption('--to <artefact>', 'digest, file or folder that was made of it', text('--to'))
    .option('--fields <names>', 'fields to show besides those that the path needs, with commas', names)
    .action(async (dir: string, flags: Flags) => {
      const { trace } = await import('../audit/ask.js');
      const [from, to] = await Promise.all([digestOfWord(flags.from), digestOfWord(flags.to)]);
      const options = { from, to, ...(flags.fields && { fields: flags.fields }) };
      await ask(
        dir,
        flags,
        (log) => trace(log, options),
        async ({ path }: Trace, log) => {
          if (!path) {
            process.exitCode = 1;
            return ['no recorded events lead there'];
          }
          const events = await Promise.all(path.map(({ index }) => log.get(index)));
          const steps = path.map(
            ({ index, time, output }, i) => `${index}  ${time}  ${eventText(events[i]!.fields)} -> ${output}`,
          );
          return [from, ...steps];
        },
      );
    });
}
