import { PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue, LIMITS } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';

const count = z.int().min(1);
/** What a verifier needs of the settings before the engine reads them; that they are canonical, it says. */
const settingsSchema = z.object({
  kind: z.literal('infer'),
  shape: z.object({ k: count.max(LIMITS.maxK), weightColumns: count }),
});

export type InferenceSettings = z.infer<typeof settingsSchema>;

/**
 * The settings of an inference, with rows that are not too many, before anything is made of that size. `maxK`: log2 of the rows that are
 * accepted. Errors: `FORMAT_INVALID`, `SPEC_TOO_LARGE`.
 */
export function readSettings(text: string, maxK: number): InferenceSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PotError('FORMAT_INVALID', 'settings: they are no JSON');
  }
  const parsed = settingsSchema.safeParse(value);
  if (!parsed.success)
    throw new PotError('FORMAT_INVALID', `settings, of an inference: ${firstIssue(parsed.error).text}`);
  const { k } = parsed.data.shape;
  if (k <= maxK) return parsed.data;
  throw new PotError(
    'SPEC_TOO_LARGE',
    `the proof's circuit has 2^${k} rows: up to 2^${maxK} are accepted without its run`,
    {
      details: { k, maxK },
      hint: 'Give the run that the model comes from, or a larger maxK.',
    },
  );
}
