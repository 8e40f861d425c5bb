import { nameSchema } from '../../events/digest.js';

/** A request as it is sent, once: what is hashed is what goes out. */
export interface FrozenRequest {
  url: URL;
  init: RequestInit;
  body: Uint8Array;
}

/** Headers and parts of an address that may be secret. */
const SECRET = /key|token|secret|auth|cookie|credential|password/i;
const MIN_SECRET = 8;

/**
 * Reads a request as `fetch` takes it. Its body is copied, so that nobody changes it between the digest and the sending. Errors: those of
 * `Request`.
 */
export async function freezeRequest(input: RequestInfo | URL, init?: RequestInit): Promise<FrozenRequest> {
  const request = new Request(input, init);
  const body = new Uint8Array(await request.arrayBuffer());
  return {
    url: new URL(request.url),
    body,
    init: {
      ...init,
      method: request.method,
      headers: request.headers,
      signal: request.signal,
      redirect: request.redirect,
      // What was read is gone from the original.
      body: body.length > 0 ? body : null,
    },
  };
}

/** Values that must be in no event: of headers, and of the address. */
export function secretsOf({ url, init }: FrozenRequest): string[] {
  const headers: string[] = [];
  new Headers(init.headers).forEach((value, name) => {
    if (SECRET.test(name)) headers.push(value, ...value.split(/\s+/));
  });
  const inAddress = [url.username, url.password, ...url.searchParams.values()];
  return [...headers, ...inAddress].filter((value) => value.length >= MIN_SECRET);
}

/** What a request asks for, in OpenTelemetry's names. */
export function requestFacts({ url, init, body }: FrozenRequest): Record<string, unknown> {
  const { operation, provider } = operationOf(url.pathname);
  const asked = jsonOf(body);
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': new Headers(init.headers).has('anthropic-version') ? 'anthropic' : provider,
    ...optional('gen_ai.request.model', line(asked.model)),
    ...optional(
      'gen_ai.request.max_tokens',
      wholeOf(asked.max_tokens ?? asked.max_completion_tokens ?? asked.max_output_tokens),
    ),
    ...optional(
      'gen_ai.request.temperature',
      typeof asked.temperature === 'number' ? asked.temperature : undefined,
    ),
    'server.address': line(url.hostname) ?? 'unknown',
    'server.port': port,
  };
}

function operationOf(path: string) {
  if (/\/messages$/.test(path)) return { operation: 'chat', provider: 'anthropic' };
  if (/\/(?:chat\/completions|responses)$/.test(path)) return { operation: 'chat', provider: 'openai' };
  if (/\/completions$/.test(path)) return { operation: 'text_completion', provider: 'openai' };
  if (/\/embeddings$/.test(path)) return { operation: 'embeddings', provider: 'openai' };
  return { operation: 'other', provider: 'unknown' };
}

function jsonOf(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A text that can stand in an event; undefined for anything else. What a server says may be anything. */
export function line(value: unknown): string | undefined {
  const read = nameSchema.safeParse(value);
  return read.success ? read.data : undefined;
}

/** A count; undefined for anything else. */
export function wholeOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** A field, where there is a value for it. */
export function optional(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}
