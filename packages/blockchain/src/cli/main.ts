#!/usr/bin/env node
/** `pot` with the commands for a chain. The program of that name in @proof-of-training/core hands over to this one (`./pot` of the exports). */
import { runProgram } from '@proof-of-training/core/cli';
import { chainProgram } from './program.js';

runProgram(chainProgram());
