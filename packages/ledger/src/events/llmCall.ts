import { z } from 'zod';
import { momentSchema, nameSchema, sha256Schema } from './digest.js';
import { defineKind } from './kind.js';
import { saltSchema } from './salted.js';

const tokens = z.int().min(0).optional();

/**
 * A call of a language model. Names with dots are OpenTelemetry's (semantic conventions for generative AI, and for HTTP). Digests are of
 * bytes behind a salt (salted.ts): `prompt` of the request's body, `answer` of the response's body, as they were sent and came.
 */
export const llmCall = defineKind({
  type: 'llm.call',
  fields: z.strictObject({
    'gen_ai.operation.name': z.enum(['chat', 'text_completion', 'embeddings', 'other']),
    'gen_ai.provider.name': z.enum(['openai', 'anthropic', 'unknown']),
    'gen_ai.request.model': nameSchema.optional(),
    'gen_ai.request.max_tokens': tokens,
    'gen_ai.request.temperature': z.number().optional(),
    'gen_ai.response.model': nameSchema.optional(),
    'gen_ai.response.id': nameSchema.optional(),
    'gen_ai.response.finish_reasons': z.array(nameSchema).max(128).optional(),
    'gen_ai.usage.input_tokens': tokens,
    'gen_ai.usage.output_tokens': tokens,
    'gen_ai.usage.cache_read.input_tokens': tokens,
    'gen_ai.usage.cache_creation.input_tokens': tokens,
    'server.address': nameSchema,
    'server.port': z.int().min(0).max(65_535).optional(),
    'http.response.status_code': z.int().min(100).max(599).optional(),
    /** Class of what the call failed with; never its message. */
    'error.type': nameSchema.optional(),
    /** Whether the answer came as events. */
    stream: z.boolean(),
    /** Whether the answer was read to its end. */
    complete: z.boolean(),
    prompt: sha256Schema,
    promptSalt: saltSchema,
    answer: sha256Schema.optional(),
    answerSalt: saltSchema.optional(),
    /** Of the text alone, put together from the events of a stream. */
    answerText: sha256Schema.optional(),
    answerTextSalt: saltSchema.optional(),
    /** The bodies themselves, where they were asked for and are no larger than an event may be. */
    promptContent: z.string().optional(),
    answerContent: z.string().optional(),
    started: momentSchema,
    ended: momentSchema,
  }),
  rule(fields) {
    if (fields.ended < fields.started) return 'ended before it started';
    if ((fields.answer === undefined) !== (fields.answerSalt === undefined))
      return 'has an answer without its salt, or a salt without an answer';
    if ((fields.answerText === undefined) !== (fields.answerTextSalt === undefined))
      return 'has a text without its salt, or a salt without a text';
    if (fields.complete && fields.answer === undefined) return 'is complete and has no answer';
    return undefined;
  },
  text(fields) {
    const model = fields['gen_ai.response.model'] ?? fields['gen_ai.request.model'] ?? 'undisclosed model';
    const used = (n: number | undefined) => n ?? '?';
    const usage = `${used(fields['gen_ai.usage.input_tokens'])} tokens in, ${used(fields['gen_ai.usage.output_tokens'])} out`;
    const status = fields['error.type'] ?? fields['http.response.status_code'] ?? 'status undisclosed';
    const whole = fields.complete === false ? '; answer not read to its end' : '';
    return `call of ${model} at ${fields['server.address'] ?? 'undisclosed server'}: ${usage}; ${status}${whole}`;
  },
  flow: ({ prompt, answer }) => ({ inputs: prompt ? [prompt] : [], outputs: answer ? [answer] : [] }),
});
