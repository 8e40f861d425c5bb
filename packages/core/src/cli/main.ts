#!/usr/bin/env node
/** `pot` without the commands for a chain, which @proof-of-training/blockchain adds. */
import { potProgram, runProgram } from './program.js';

runProgram(potProgram());
