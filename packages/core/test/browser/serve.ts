import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withAddresses } from './resolve.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** What makes a page cross-origin isolated, so that it may share memory with its workers. */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves the repository's folder on a free port of the loopback interface; `/` is an empty page. Modules import packages by address, as
 * after a bundler; the packages' files are otherwise as they are.
 */
export async function serveRepository({ isolated = false } = {}): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (isolated) for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Proof of Training</title>');
      return;
    }
    try {
      const file = join(ROOT, path);
      const body = await readFile(file);
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.end(extname(path) === '.js' ? withAddresses(body.toString(), file, ROOT) : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
