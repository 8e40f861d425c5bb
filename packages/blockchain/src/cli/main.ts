#!/usr/bin/env node
/** `pot` with the commands for a chain. The program of that name in @proof-of-training/core hands over to this one (`./pot` of the exports). */
import { potProgram, runProgram } from '@proof-of-training/core/cli';
import { anchorCommand } from './anchor.js';
import { chainCommand } from './chain.js';
import { checkChainCommand } from './checkChain.js';

const program = potProgram();
anchorCommand(program);
checkChainCommand(program);
chainCommand(program);
runProgram(program);
