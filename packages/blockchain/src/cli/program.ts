import { potProgram } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { anchorCommand } from './anchor.js';
import { chainCommand } from './chain.js';
import { checkChainCommand } from './checkChain.js';
import { drawCommand } from './draw.js';

/** `pot` with the commands for a chain. */
export function chainProgram(): Command {
  const program = potProgram();
  anchorCommand(program);
  checkChainCommand(program);
  chainCommand(program);
  drawCommand(program);
  return program;
}
