import { z } from 'zod';
import type { RunBundle } from '../bundle/schema.js';
import { bundleSchema } from '../bundle/schema.js';
import type { ShapeFor } from '../options/checkOptions.js';
import { finite, flag, notNegative, object, text, whole } from '../options/kinds.js';
import type { VerificationReport } from '../verify/report.js';

/** What a report shows. */
export interface ReportInput {
  bundle: RunBundle;
  /** What the verifier found. */
  verification: VerificationReport;
  /** Proving time of each window, local knowledge. */
  timings?: { window: number | undefined; ms: number }[];
  testAccuracy?: number;
  /** Altered bundles that were tried, and how they were refused. */
  attacks?: { name: string; code: string; message: string }[];
}

/** What `renderReport` takes. */
export const reportInput = z.strictObject({
  bundle: bundleSchema,
  verification: z.looseObject(
    {
      ok: flag,
      developmentSrs: flag,
      checks: z.array(z.looseObject({ name: text, ok: flag, detail: z.string() })),
      pinned: z.array(text),
      notPinned: z.array(text),
      conditional: z.array(text).optional(),
      description: z
        .looseObject({
          mode: text,
          numbers: z.looseObject({ weights: finite, activations: finite, base: finite.optional() }),
        })
        .optional(),
      proven: z
        .looseObject({
          optimizer: object,
          learningRate: finite,
          parameters: whole(0),
          lora: z.looseObject({ statement: text }).optional(),
        })
        .optional(),
      failure: z.looseObject({ message: z.string() }).optional(),
    },
    'must be what verifyTrainingRun gives',
  ),
  timings: z.array(z.looseObject({ window: whole(0).optional(), ms: notNegative })).optional(),
  testAccuracy: finite.optional(),
  attacks: z.array(z.looseObject({ name: z.string(), code: z.string(), message: z.string() })).optional(),
} satisfies ShapeFor<ReportInput>);
