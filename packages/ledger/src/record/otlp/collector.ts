import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { canonicalJson, type Json } from '../../event/canonical.js';
import { digestOfBytes } from '../../events/digest.js';
import { observationText } from '../../lineage/observed.js';
import type { EventLog } from '../../log/eventLog.js';
import { signersOf } from '../../log/options.js';
import { formatNote, signNote } from '../../note/note.js';
import type { Signer } from '../../note/signer.js';
import { type OtlpPath, otlpRecords } from './decode.js';

/** What `collectOtlp` takes. */
export interface CollectorOptions {
  /** The collector's own signer, Ed25519 or ML-DSA-65, as `generateLogKeys` makes them under the collector's name: it is none of the log's. */
  signer: string;
  /** Default: a port that is free. */
  port?: number;
  /** Default: this machine alone. */
  host?: string;
  /** Sources must send it as `Authorization: Bearer ...`. */
  token?: string;
}

/** A collector that listens. */
export interface Collector {
  /** For exporters: below it lie /v1/logs, /v1/traces and /v1/metrics. */
  url: string;
  close(): Promise<void>;
}

const schema = z.object({
  signer: z.string().min(1),
  port: z.int().min(0).max(65_535).optional(),
  host: z.string().min(1).optional(),
  token: z.string().min(16).optional(),
} satisfies ShapeFor<CollectorOptions>);

const MAX_BODY = 4 << 20;
const PATHS: Record<string, OtlpPath> = {
  '/v1/logs': 'logs',
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
};

/**
 * Takes in what others observe, by OTLP over HTTP in JSON, and records each log record, span and metric as an event (`observation`) under the
 * collector's signature. A request is answered when all of it is on disk. What cannot be an event is counted as rejected, as OTLP has it.
 *
 * Errors: `OPTION_*`, `LEDGER_KEY_INVALID`; those of listening.
 *
 * @example
 * const { signers } = generateLogKeys('example.com/collector');
 * const collector = await collectOtlp(log, { signer: signers[0] });
 * console.log(`OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url}`);
 */
export async function collectOtlp(log: EventLog, options: CollectorOptions): Promise<Collector> {
  checkOptions(schema, options, 'collectOtlp');
  const { port = 0, host = '127.0.0.1', token } = options;
  const [signer] = signersOf([options.signer]);
  const server = createServer((request, response) => {
    answer(log, signer!, token, request).then(
      ({ status, body }) => reply(response, status, body),
      () => reply(response, 503, { message: 'the log cannot be written' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: used } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${used}`, close: () => closed(server) };
}

interface Reply {
  status: number;
  body: object;
}

async function answer(
  log: EventLog,
  signer: Signer,
  token: string | undefined,
  request: IncomingMessage,
): Promise<Reply> {
  const refuse = (status: number, message: string) => ({ status, body: { message } });
  const path = PATHS[new URL(request.url ?? '/', 'http://collector').pathname];
  if (!path) return refuse(404, 'not a path of OTLP');
  if (request.method !== 'POST') return refuse(405, 'POST alone');
  if (token !== undefined && !isToken(request.headers.authorization, token)) return refuse(401, 'no access');
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return refuse(415, 'JSON alone');
  if (request.headers['content-encoding'] !== undefined) return refuse(415, 'no compression');
  const body = await bodyOf(request);
  if (!body) return refuse(413, `more than ${MAX_BODY} bytes`);
  let value: unknown;
  try {
    value = readStrictJson(body, { maxBytes: MAX_BODY }, 'the request');
  } catch {
    return refuse(400, 'no JSON that can be read in one way');
  }
  const records = otlpRecords(path, value);
  if (!records) return refuse(400, 'not as OTLP has it');
  const settled = await Promise.allSettled(
    records.map((record) => log.append(observed(log, signer, record))),
  );
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const fatal = failed.find((e) => !isPotError(e, 'LEDGER_EVENT'));
  if (fatal) throw fatal;
  if (failed.length === 0) return { status: 200, body: {} };
  const name = { logs: 'rejectedLogRecords', traces: 'rejectedSpans', metrics: 'rejectedDataPoints' }[path];
  return {
    status: 200,
    body: {
      partialSuccess: { [name]: String(failed.length), errorMessage: 'not plain data within the limits' },
    },
  };
}

/** The event of a record, signed. */
function observed(
  log: EventLog,
  signer: Signer,
  { content, ...facts }: { content: Json },
): { type: string; fields: Record<string, unknown> } {
  let contentDigest: string;
  try {
    contentDigest = digestOfBytes(canonicalJson(content));
  } catch {
    // The log says what is wrong with it.
    contentDigest = digestOfBytes('');
  }
  const note = formatNote(signNote(observationText(log.origin, contentDigest), [signer]));
  return { type: 'observation', fields: { ...facts, content, contentDigest, note } };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > MAX_BODY) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

function isToken(header: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function closed(server: Server): Promise<void> {
  server.closeIdleConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
