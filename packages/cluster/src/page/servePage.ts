import { createServer, type Server, type ServerResponse } from 'node:http';
import { PotError } from '@proof-of-training/errors';
import type { QueueView } from '../queue/state.js';
import { statePage } from './statePage.js';

/** Names under which this machine is itself: a page of another site that has its own name lead here is refused. */
const OWN = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** A page of a queue's state that is served. */
export interface ServedPage {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a queue's state: `/` a page, `/state.json`, `/metrics` Prometheus text; to this machine alone unless `host` is another
 * address. Nothing in it is secret, and nothing can be changed by it.
 *
 * Errors: `OPTION_INVALID` where the port is taken.
 */
export async function servePage(
  view: Pick<QueueView, 'read'>,
  port: number,
  host = '127.0.0.1',
): Promise<ServedPage> {
  const server = createServer((request, response) => {
    if (host === '127.0.0.1' && !OWN.test(request.headers.host ?? ''))
      return plain(response, 403, 'not this machine');
    if (request.method !== 'GET') return plain(response, 405, 'GET alone');
    void answer(view, request.url ?? '/', response);
  });
  await listening(server, port, host);
  const { port: own } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${host}:${own}/`, close };
}

async function answer(view: Pick<QueueView, 'read'>, path: string, response: ServerResponse): Promise<void> {
  try {
    const { prometheus, ...state } = await view.read();
    response.setHeader('cache-control', 'no-store');
    switch (path) {
      case '/':
        response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end(statePage({ ...state, prometheus }));
        return;
      case '/state.json':
        response.setHeader('content-type', 'application/json').end(JSON.stringify(state));
        return;
      case '/metrics':
        response.setHeader('content-type', 'text/plain; version=0.0.4').end(prometheus);
        return;
      default:
        plain(response, 404, 'there is /, /state.json and /metrics');
    }
  } catch {
    plain(response, 503, 'the queue cannot be read');
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  }).catch((cause) => {
    throw new PotError('OPTION_INVALID', `port ${port} cannot be used`, {
      cause,
      details: { option: 'port' },
      hint: 'Give another port, or 0 for a free one.',
    });
  });
}
