#!/usr/bin/env node
/** `pot`: with the commands for a chain where @proof-of-training/blockchain is installed too, and those for logs of events with @proof-of-training/ledger. */
import { pathToFileURL } from 'node:url';
import { completeProgram } from './complete.js';
import { potProgram, runProgram } from './program.js';

const complete = completeProgram(process.argv[1]);
if (complete) await import(pathToFileURL(complete).href);
else await runProgram(potProgram());
