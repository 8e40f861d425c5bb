import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { installedBeside } from '../run/installedBeside.js';

/** Packages that add commands to `pot`. */
const ADDING = ['@proof-of-training/ledger/pot', '@proof-of-training/cluster/pot'];

/** What such a package exports. */
interface Addition {
  addCommands(program: Command): void;
}

/** Adds the commands of @proof-of-training/ledger and @proof-of-training/cluster, where they are installed beside this package. */
export async function addInstalled(program: Command, called: string | undefined): Promise<void> {
  for (const name of ADDING) {
    const path = installedBeside(name, called);
    if (path) ((await import(pathToFileURL(path).href)) as Addition).addCommands(program);
  }
}
