#!/usr/bin/env node
/** `pnpm verify:onchain`. */
import { runProgram } from '@proof-of-training/core/cli';
import { onchainProgram } from './onchain.js';

runProgram(onchainProgram());
