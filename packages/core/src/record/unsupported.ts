import { PotError } from '@proof-of-training/halo2-wasm';

/** What of a model is not supported. */
export type UnsupportedWhat = 'LAYER' | 'ACTIVATION' | 'LOSS' | 'OPTIMIZER';

/** `UNSUPPORTED_<WHAT>`: names what was found and what is supported. */
export function unsupported(what: UnsupportedWhat, found: string, supported: string): PotError {
  return new PotError(`UNSUPPORTED_${what}`, `${found} is not supported`, {
    details: { found, supported },
    hint: `Supported: ${supported}.`,
  });
}
