import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { installedBeside } from './complete.js';

/** What a package exports that adds commands to `pot`. */
interface Addition {
  addCommands(program: Command): void;
}

/** Adds the commands of @proof-of-training/ledger, where it is installed beside this package. */
export async function addInstalled(program: Command, called: string | undefined): Promise<void> {
  const path = installedBeside('@proof-of-training/ledger/pot', called);
  if (path) ((await import(pathToFileURL(path).href)) as Addition).addCommands(program);
}
