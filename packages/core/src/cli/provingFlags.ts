import type { Command } from 'commander';
import { pin, text, whole } from './flags.js';

/** Flags of every command that proves with the weights of an opening; `--json` too. */
export function provingFlags(command: Command): Command {
  return command
    .option('--context <hex>', 'what the proof is bound to: of a request', pin('--context'))
    .option(
      '--uses <folder>',
      'where proofs of these weights are counted, beside the opening wherever it goes; default: OPENING.uses',
      text('--uses'),
    )
    .option('--srs <file>', "the run's SRS; the Ignition ceremony's is there", text('--srs'))
    .option('--allow-development-srs', 'prove with the INSECURE development SRS, where the run did')
    .option('--engine <name>', 'wasm, native or auto; default: ZK_ENGINE, else auto', text('--engine'))
    .option('--threads <number>', 'threads of the proof; default: all cores', whole('--threads', 1))
    .option('--json', 'print the summary as JSON');
}
