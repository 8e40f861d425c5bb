/** `pot worker` and nothing else: what a local cluster starts, whatever program asked for it. */
import { exitCodeOf } from '@proof-of-training/core/cli';
import { Command } from 'commander';
import { workerCommand } from './worker.js';

const program = new Command('pot').exitOverride();
workerCommand(program);
process.exit(await exitCodeOf(program, process.argv.slice(2)));
