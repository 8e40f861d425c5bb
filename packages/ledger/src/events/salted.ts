import { z } from 'zod';
import { fromBase64 } from '../bytes.js';
import { digestOfBytes } from './digest.js';

/** What is hashed before salt and content. */
export const SALTED = 'proof-of-training/ledger-text@v1\n';
/** 32 bytes, base64. */
export const saltSchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/**
 * Whether a content is the one behind a salted digest, as events of LLM calls have them: `prompt`, `answer` and `answerText`, each with a
 * salt of its own in a field beside it. Who is shown the digest alone cannot try contents; who is shown the salt too can.
 *
 * @param salt as the event's field has it, base64
 *
 * @example
 * const { fields } = verifyDisclosure(proof, keyRing({ vkeys }));
 * opensSalted(fields.prompt, fields.promptSalt, requestBody);
 */
export function opensSalted(digest: unknown, salt: unknown, content: Uint8Array | string): boolean {
  const bytes = saltSchema.safeParse(salt).success ? fromBase64(salt as string) : undefined;
  return bytes !== undefined && digestOfBytes(SALTED, bytes, content) === digest;
}
