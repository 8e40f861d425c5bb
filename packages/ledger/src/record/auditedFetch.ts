import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { EventLog } from '../log/eventLog.js';
import { LlmCall } from './llm/call.js';
import { freezeRequest } from './llm/request.js';

/** What `auditedFetch` takes. */
export interface AuditedFetchOptions {
  /** What is called; default: `globalThis.fetch`. */
  fetch?: typeof fetch;
  /** Records the bodies too, up to 100 KiB each; default: their salted digests alone. */
  keepText?: boolean;
}

/** `fetch`, recorded. */
export interface AuditedFetch {
  (input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Ends what is still open: answers that nobody has read to their end are recorded as such. Errors: those of `EventLog.append`. */
  settle(): Promise<void>;
}

const schema = z.object({
  fetch: z.function().optional(),
  keepText: z.boolean().optional(),
} satisfies ShapeFor<AuditedFetchOptions>);

/**
 * `fetch` for the SDKs of language models, and for any other caller: each call is recorded (`llm.call`) when its answer has been read, fails
 * or is given up. The end of an answer comes when the event is on disk; where that fails, reading the answer fails, so that no call passes
 * unrecorded. Keys are in no event, texts only where they are asked for.
 *
 * Errors: `OPTION_*`; of calls, what `fetch` throws, and those of `EventLog.append`.
 *
 * @example
 * const audited = auditedFetch(log);
 * const answer = await audited('http://127.0.0.1:8080/v1/chat/completions', { method: 'POST', body: request });
 * console.log(await answer.json());
 * await audited.settle();
 */
export function auditedFetch(log: EventLog, options: AuditedFetchOptions = {}): AuditedFetch {
  checkOptions(schema, options, 'auditedFetch');
  const { fetch: send = globalThis.fetch, keepText = false } = options;
  const open = new Set<LlmCall>();
  const audited = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = await freezeRequest(input, init);
    const call = new LlmCall(log, request, keepText, (ended) => open.delete(ended));
    open.add(call);
    let response: Response;
    try {
      response = await send(request.url.href, request.init);
    } catch (error) {
      await call.end({ complete: false, error });
      throw error;
    }
    call.answered(response);
    if (response.body) return followed(response, response.body, call);
    await call.end({ complete: true });
    return response;
  };
  const settle = async () => void (await Promise.all([...open].map((call) => call.end({ complete: false }))));
  return Object.assign(audited, { settle });
}

/** The same answer, whose body passes by the call. */
function followed(response: Response, body: ReadableStream<Uint8Array>, call: LlmCall): Response {
  const reader = body.getReader();
  const passing = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read().catch(async (error) => {
          await call.end({ complete: false, error });
          throw error;
        });
        if (!next.done) {
          call.take(next.value);
          controller.enqueue(next.value);
          return;
        }
        await call.end({ complete: true });
        controller.close();
      },
      async cancel(reason) {
        await Promise.all([reader.cancel(reason), call.end({ complete: false })]);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers, url } = response;
  const same = new Response(passing, { status, statusText, headers });
  return Object.defineProperty(same, 'url', { value: url });
}
