#!/usr/bin/env node
/** `pot` with the commands for a chain. */
import { potProgram, runProgram } from '@proof-of-training/core/cli';
import { anchorCommand } from './anchor.js';
import { chainCommand } from './chain.js';
import { checkChainCommand } from './checkChain.js';

const program = potProgram();
anchorCommand(program);
checkChainCommand(program);
chainCommand(program);
runProgram(program);
