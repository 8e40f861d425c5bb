import { isPotError, VERSION } from '@proof-of-training/halo2-wasm';
import { Command, CommanderError } from 'commander';
import { adapterCommand } from './adapter.js';
import { addInstalled } from './additions.js';
import { aggregateCommand } from './aggregate.js';
import { checkCommand } from './check.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { inferCommand } from './infer.js';
import { inspectCommand } from './inspect.js';
import { srsCommand } from './srs.js';
import { say } from './terminal.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';

/** The commands of this package; @proof-of-training/blockchain adds those for a chain. */
export function potProgram(): Command {
  const program = new Command('pot')
    .description('Proof of Training: train, and prove every step in zero knowledge')
    .version(VERSION)
    .exitOverride();
  trainCommand(program);
  verifyCommand(program);
  aggregateCommand(program);
  checkCommand(program);
  importCommand(program);
  exportCommand(program);
  inferCommand(program);
  evaluateCommand(program);
  inspectCommand(program);
  srsCommand(program);
  adapterCommand(program);
  return program;
}

/** Runs `pot`, with the commands of packages that are installed beside this one, with the arguments of this process, and ends it. */
export async function runProgram(program: Command): Promise<void> {
  await addInstalled(program, process.argv[1]);
  process.exit(await exitCodeOf(program, process.argv.slice(2)));
}

/**
 * Runs `pot` with `args` and says what went wrong. Gives the exit code: 0 where all is well, 1 where something does not verify,
 * 2 for a wrong input or use.
 */
export async function exitCodeOf(program: Command, args: readonly string[]): Promise<number> {
  process.exitCode = undefined;
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (e) {
    // Its text is written already.
    if (e instanceof CommanderError) return e.exitCode === 0 ? 0 : 2;
    if (args.includes('--json') && isPotError(e)) {
      process.stdout.write(`${JSON.stringify({ ok: false, error: e.toJSON() }, null, 2)}\n`);
    } else {
      say(isPotError(e) ? `Error: ${e.message}` : `Error: ${e instanceof Error ? e.message : String(e)}`);
    }
    return 2;
  }
}
