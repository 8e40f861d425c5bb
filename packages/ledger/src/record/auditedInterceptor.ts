import type { EventLog } from '../log/eventLog.js';
import { LlmCall } from './llm/call.js';

/** What undici's dispatchers hand on; only what is used of it is described. */
interface DispatchOptions {
  origin?: string | URL;
  path: string;
  method: string;
  headers?: unknown;
  body?: unknown;
}
// biome-ignore lint/suspicious/noExplicitAny: undici's handlers differ between its versions, and are handed on as they are
type Handler = any;
type Dispatch = (options: DispatchOptions, handler: Handler) => boolean;

/** What `auditedInterceptor` takes. */
export interface AuditedInterceptorOptions {
  /** Which calls are recorded; default: all that are POST. */
  isCall?: (url: URL, method: string) => boolean;
  /** Records the bodies too, up to 100 KiB each. */
  keepText?: boolean;
}

/**
 * An interceptor for undici, for calls of others that go through `globalThis.fetch`, by
 * `setGlobalDispatcher(new Agent().compose(auditedInterceptor(log)))`. Calls are recorded as `auditedFetch` records them: the answer ends for its
 * reader when the event is on disk, and fails where it cannot be written. Bodies are read whole before they are sent. Tested with undici 6.
 *
 * @example
 * const interceptor = auditedInterceptor(log, { isCall: (url) => url.host === 'api.openai.com' });
 */
export function auditedInterceptor(
  log: EventLog,
  { isCall = (_, method) => method === 'POST', keepText = false }: AuditedInterceptorOptions = {},
): (dispatch: Dispatch) => Dispatch {
  return (dispatch) => (options, handler) => {
    const url = new URL(options.path, options.origin);
    if (!isCall(url, options.method)) return dispatch(options, handler);
    wholeBody(options.body).then(
      (body) => {
        const init = { method: options.method, headers: headersOf(options.headers) };
        const call = new LlmCall(log, { url, init, body }, keepText, () => {});
        const sent = { ...options, body: body.length > 0 ? body : null };
        dispatch(sent, followed(handler, call));
      },
      (error) => (handler.onResponseError ? handler.onResponseError(null, error) : handler.onError(error)),
    );
    return true;
  };
}

/** The same handler, past which the answer goes by the call. */
function followed(inner: Handler, call: LlmCall): Handler {
  const fail = (error: unknown, tell: (error: unknown) => void) =>
    void call.end({ complete: false, error }).then(
      () => tell(error),
      (unwritten) => tell(unwritten),
    );
  const finish = (done: () => void, tell: (error: unknown) => void) =>
    void call.end({ complete: true }).then(done, tell);
  const begin = (status: number, headers: Headers) => {
    if (status >= 200) call.answered({ status, headers } as Response);
  };
  return new Proxy(inner, {
    get(target, name) {
      const own: Record<string, unknown> = {
        onHeaders(status: number, raw: Buffer[], ...rest: unknown[]) {
          begin(status, headersOf(raw?.map(String)));
          return target.onHeaders(status, raw, ...rest);
        },
        onData(part: Buffer, ...rest: unknown[]) {
          call.take(part);
          return target.onData(part, ...rest);
        },
        onComplete: (...rest: unknown[]) =>
          finish(
            () => target.onComplete(...rest),
            (e) => target.onError(e),
          ),
        onError: (error: unknown) => fail(error, (e) => target.onError(e)),
      };
      const value = Reflect.get(target, name, target);
      const mine = typeof name === 'string' ? own[name] : undefined;
      // A handler of another kind has other names, and those it has are kept.
      if (mine !== undefined && typeof value === 'function') return mine;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Headers as undici has them: pairs in a row, pairs, or an object. */
function headersOf(raw: unknown): Headers {
  const headers = new Headers();
  const add = (name: unknown, value: unknown) => {
    for (const one of Array.isArray(value) ? value : [value]) headers.append(String(name), String(one));
  };
  if (Array.isArray(raw) && raw.every((one) => !Array.isArray(one)))
    for (let i = 0; i + 1 < raw.length; i += 2) add(raw[i], raw[i + 1]);
  else if (raw && typeof (raw as Iterable<unknown>)[Symbol.iterator] === 'function')
    for (const [name, value] of raw as Iterable<[unknown, unknown]>) add(name, value);
  else for (const [name, value] of Object.entries(raw ?? {})) add(name, value);
  return headers;
}

async function wholeBody(body: unknown): Promise<Uint8Array> {
  if (body === null || body === undefined) return new Uint8Array();
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body as AsyncIterable<Uint8Array>) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
