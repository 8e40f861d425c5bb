/** A folder as a web server gives it, for pages in tests. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html',
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
 * Serves a folder on a free port of the loopback interface.
 *
 * @param {string} folder
 * @param {object} [how]
 * @param {boolean} [how.isolated] with the headers that isolate a page
 * @param {string} [how.page] what `/` is; without it, the folder's index.html
 * @param {(text: string, file: string) => string} [how.script] what is given for the text of a `.js` file
 * @returns {Promise<{ server: import('node:http').Server, url: string }>} `url` without a slash at its end
 */
export async function serveFolder(folder, { isolated = false, page, script = (text) => text } = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (isolated) for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    if (path === '/' && page !== undefined)
      return response.setHeader('content-type', TYPES['.html']).end(page);
    const file = join(folder, path === '/' ? 'index.html' : path);
    try {
      const body = await readFile(file);
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(extname(file) === '.js' ? script(body.toString(), file) : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, url: `http://127.0.0.1:${port}` };
}
