import { z } from 'zod';

/** What the one who recorded a proof found. The proof convinces whoever verifies it again: its digest is beside. */
export const verificationSchema = z.strictObject({
  result: z.enum(['verified', 'conditional', 'refused', 'not looked at']),
  /** Code of the first failure. */
  failure: z
    .string()
    .regex(/^[A-Z0-9_]{1,64}$/)
    .optional(),
  /** What the verifier insisted on. */
  pinned: z.array(z.string().max(64)).max(64),
  /** Made with the SRS whose secret everyone knows: convinces nobody. */
  developmentSrs: z.boolean(),
});

export type Verification = z.infer<typeof verificationSchema>;

/** In words. */
export function verificationText(verification: Verification | undefined): string {
  if (!verification) return 'verification undisclosed';
  const { result, failure, developmentSrs } = verification;
  const what = result === 'refused' ? `REFUSED [${failure ?? 'no code'}]` : result;
  return developmentSrs ? `${what}, on the INSECURE development SRS` : what;
}
