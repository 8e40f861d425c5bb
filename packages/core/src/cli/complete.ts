import { installedBeside } from '../run/installedBeside.js';

/**
 * Path of the whole program in @proof-of-training/blockchain, which has this package's commands and those for a chain; undefined where
 * that package is not installed beside this one, or is installed over another copy of this one.
 *
 * One package alone owns the name, since each package manager has its own rule for which of two is called by it; so this one
 * hands over.
 *
 * @param called the path by which this program was called: a folder of linked packages shows there alone
 */
export function completeProgram(called: string | undefined): string | undefined {
  return installedBeside('@proof-of-training/blockchain/pot', called);
}
