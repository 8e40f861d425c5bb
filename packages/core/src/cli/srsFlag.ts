import { type Engine, loadProver } from '@proof-of-training/halo2-wasm';
import { readSrs } from '@proof-of-training/halo2-wasm/node';
import type { SrsChoice } from '../run/chooseSrs.js';
import { text } from './flags.js';

/** What commands that prove say of `--srs`. */
export const SRS_FLAG = [
  '--srs <file>',
  "the SRS, or the word development for the INSECURE one; default: the Ignition ceremony's, up to 2^14 rows, above the INSECURE one",
  text('--srs'),
] as const;

/** What `--srs` asks for. Errors: those of `readSrs`. */
export async function srsChoice(flag: string | undefined, engine?: Engine): Promise<SrsChoice | undefined> {
  if (flag === undefined || flag === 'development') return flag;
  return readSrs(await loadProver({ engine }), flag);
}
