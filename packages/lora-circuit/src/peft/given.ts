import { numbersSchema, textSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';

/** A module as a caller gives it; its numbers are compared with each other and with the configuration elsewhere. */
export const moduleSchema = z.object({
  name: textSchema,
  rank: z.number(),
  alpha: z.number(),
  inputs: z.number(),
  outputs: z.number(),
  A: numbersSchema,
  B: numbersSchema,
});

/** An adapter as a caller gives it; what its configuration holds, the configuration's own schema says. */
export const adapterSchema = z.object({ config: z.object({}), modules: z.array(moduleSchema) });
