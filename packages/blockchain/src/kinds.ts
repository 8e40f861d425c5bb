/** What options of this package may be, beside the kinds of core. */
import { kinds } from '@proof-of-training/verifier/options';
import { z } from 'zod';

/** Anything: another check says what it must be, with a code of its own (`PIN_INVALID`, `OPENING_*`, `CHAIN_OWNER`). */
export const elsewhere = z.unknown();
export const connection = kinds.is<object>(
  'a connection (connect)',
  (v) => typeof (v as { checkChain?: unknown } | null)?.checkChain === 'function',
);
export const signer = kinds.is<object>(
  'a signer of ethers',
  (v) => typeof (v as { getAddress?: unknown } | null)?.getAddress === 'function',
);
export const address = kinds.is<string>(
  'an address: 0x and 40 hex digits',
  (v) => typeof v === 'string' && /^0x[0-9a-fA-F]{40}$/.test(v),
);
export const chainId = kinds.whole(1);
export const threads = kinds.whole(0, 1024);
