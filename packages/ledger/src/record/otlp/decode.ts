import { z } from 'zod';
import type { Json } from '../../event/canonical.js';

/** A record of OTLP in plain JSON: what it is of, and what it says. */
export interface OtlpRecord {
  signal: 'log' | 'span' | 'metric';
  name?: string;
  service?: string;
  layer?: 'network' | 'physical';
  timeUnixNano?: string;
  content: Json;
}

/** Where the records of each kind of request lie (OTLP 1.x, JSON). */
const SHAPES = {
  logs: { signal: 'log', resources: 'resourceLogs', scopes: 'scopeLogs', records: 'logRecords' },
  traces: { signal: 'span', resources: 'resourceSpans', scopes: 'scopeSpans', records: 'spans' },
  metrics: { signal: 'metric', resources: 'resourceMetrics', scopes: 'scopeMetrics', records: 'metrics' },
} as const;
export type OtlpPath = keyof typeof SHAPES;

const some = z.record(z.string(), z.unknown());
type Some = z.output<typeof some>;

/** The records of a request's body; undefined where it is not of this kind. Attributes become objects, values plain ones. */
export function otlpRecords(path: OtlpPath, body: unknown): OtlpRecord[] | undefined {
  const { signal, resources, scopes, records } = SHAPES[path];
  const all: OtlpRecord[] = [];
  for (const of of listOf(body, resources) ?? [undefined]) {
    for (const scope of listOf(of, scopes) ?? [undefined]) {
      const found = listOf(scope, records);
      if (!found) return undefined;
      const resource = attributesOf(of?.resource as Some | undefined);
      const from = { resource, scope: plain(scope?.scope ?? {}) };
      for (const record of found) all.push(recordOf(signal, from, record));
    }
  }
  return all;
}

function recordOf(
  signal: OtlpRecord['signal'],
  from: { resource: Some; scope: Json },
  record: Some,
): OtlpRecord {
  const attributes = attributesOf(record);
  const layer = attributes['pot.layer'] ?? from.resource['pot.layer'];
  const name = line(record.name ?? record.eventName ?? attributes['event.name'] ?? record.severityText);
  const service = line(from.resource['service.name']);
  const time = record.timeUnixNano ?? record.startTimeUnixNano ?? record.observedTimeUnixNano;
  return {
    signal,
    ...(name !== undefined && { name }),
    ...(service !== undefined && { service }),
    ...((layer === 'network' || layer === 'physical') && { layer }),
    ...(/^[0-9]{1,20}$/.test(String(time)) && { timeUnixNano: String(time) }),
    content: plain({ ...from, record }),
  };
}

function listOf(value: unknown, name: string): Some[] | undefined {
  const list = some.safeParse(value);
  const read = z
    .array(some)
    .max(10_000)
    .safeParse(list.success ? list.data[name] : undefined);
  return read.success ? read.data : undefined;
}

function attributesOf(value: Some | undefined): Some {
  return (plain(value?.attributes ?? []) ?? {}) as Some;
}

/** Names of the one member that a value of OTLP has. */
const VALUES = ['stringValue', 'boolValue', 'doubleValue', 'intValue', 'bytesValue'];

/** Lists of keys and values as objects, and values as what they are. Whole numbers that JSON cannot hold stay texts. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) {
    const pairs = value.every((one) => typeof one?.key === 'string' && 'value' in one);
    if (!pairs || value.length === 0) return value.map(plain);
    return Object.fromEntries(value.map(({ key, value: of }) => [key, plain(of)]));
  }
  if (typeof value !== 'object' || value === null) return value as Json;
  const entries = Object.entries(value);
  const [[name, only] = ['', undefined]] = entries;
  if (entries.length === 1 && VALUES.includes(name)) {
    return name === 'intValue' && Number.isSafeInteger(Number(only)) ? Number(only) : (only as Json);
  }
  if (entries.length === 1 && (name === 'arrayValue' || name === 'kvlistValue'))
    return plain((only as Some | null)?.values ?? []);
  return Object.fromEntries(entries.map(([key, of]) => [key, plain(of)]));
}

function line(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || /[\p{C}\p{Zl}\p{Zp}]/u.test(value)) return undefined;
  return value.slice(0, 256);
}
