import { PotError } from '@proof-of-training/errors';
import type { LogSource } from '../merkle/tileReader.js';

/**
 * The files of a log on a web server, by `fetch`: in browsers and in Node.
 *
 * Errors of its `read`: `LEDGER_SOURCE` where the server answers neither with the file nor with 404, or with too much.
 *
 * @param root address of the log's root, below which checkpoint and tile/ lie
 *
 * @example
 * const log = await PublicLog.open(fetchSource('https://example.com/log/'), { vkeys });
 */
export function fetchSource(root: string | URL): LogSource {
  const base = new URL(root);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return {
    async read(path, maxBytes) {
      // A checkpoint changes, all else does not.
      const cache = path === 'checkpoint' ? 'no-cache' : 'default';
      const response = await fetch(new URL(path, base), { cache }).catch((cause) => {
        throw failed(path, 'it cannot be fetched', cause);
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw failed(path, `the server answers ${response.status}`);
      return contentOf(response, path, maxBytes);
    },
  };
}

async function contentOf(response: Response, path: string, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    length += part.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      throw failed(path, `it has more than ${maxBytes} bytes`);
    }
    parts.push(part.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function failed(path: string, why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_SOURCE', `the log's file ${path} cannot be read: ${why}`, {
    details: { path },
    hint: 'Try again; check the address of the log.',
    ...(cause !== undefined && { cause }),
  });
}
