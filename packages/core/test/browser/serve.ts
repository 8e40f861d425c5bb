import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { serveFolder } from '../../../../scripts/browser/serve.mjs';
import { withAddresses } from './resolve.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PAGE = '<!doctype html><title>Proof of Training</title>';

/**
 * Serves the repository's folder; `/` is an empty page. Modules import packages by address, as after a bundler; the
 * packages' files are otherwise as they are.
 */
export function serveRepository({ isolated = false } = {}): Promise<{ server: Server; url: string }> {
  return serveFolder(ROOT, { isolated, page: PAGE, script: (text, file) => withAddresses(text, file, ROOT) });
}
