#!/usr/bin/env node
/** `pot` with the commands for a chain: what the program in @proof-of-training/core, whose name it is, hands over to (`./pot` of the exports). */
import { runProgram } from '@proof-of-training/core/cli';
import { chainProgram } from './program.js';

await runProgram(chainProgram());
