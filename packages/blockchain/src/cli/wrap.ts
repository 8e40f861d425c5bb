import { parseAggregate, readSrs } from '@proof-of-training/core';
import { readProofFile, say } from '@proof-of-training/core/cli';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import { Clock } from '../anchoring/clock.js';
import { wrapAggregate, wrapperString } from '../anchoring/wrap/wrapAggregate.js';
import { path as pathOf, whole } from './values.js';

interface Flags {
  out: string;
  srs?: string;
  threads?: number;
}

/** `pot chain wrap AGGREGATE`: the proof that a contract verifies, and the contract, in one file. */
export function wrapCommand(chain: Command): void {
  chain
    .command('wrap')
    .description('prove to a contract that an aggregate verifies (native engine; minutes, 4.3 GB)')
    .argument('<aggregate>', 'aggregate')
    .requiredOption('-o, --out <file>', 'file to write', pathOf('--out'))
    .option(
      '--srs <file>',
      "the run's SRS, 2^20 points; default: the INSECURE development SRS, if it was made with that",
      pathOf('--srs'),
    )
    .option('--threads <number>', 'threads; default: all cores', whole('--threads', 1, 1024))
    .action(async (path: string, flags: Flags) => {
      const file = parseAggregate(await readProofFile(path));
      const halo2 = await loadProver({ engine: 'native' });
      const clock = new Clock();
      try {
        if (flags.srs) clock.step('reading the SRS');
        const given = flags.srs ? await readSrs(halo2, flags.srs) : undefined;
        const srs = await wrapperString(halo2, file.run.srs, given, clock.step);
        const { threads } = flags;
        const wrapped = await wrapAggregate(file, {
          srs,
          ...(threads !== undefined && { threads }),
          onStep: clock.step,
        });
        await writeFileAtomic(flags.out, `${JSON.stringify(wrapped.file)}\n`);
        say(
          `${flags.out}: proof ${wrapped.proofBytes} bytes, verifier code ${wrapped.file.verifier.codeHash}`,
        );
      } finally {
        clock.end();
      }
    });
}
