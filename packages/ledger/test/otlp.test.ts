/** What others observe, by OpenTelemetry's own exporters, and by whoever sends something else. */
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Collector,
  collectOtlp,
  type EventLog,
  eventText,
  generateLogKeys,
  isObservedBy,
  keyRing,
  verifyDisclosure,
  verifyRecords,
  writeRecord,
} from '../src/node.js';
import { newLog } from './helpers/newLog.js';

const own = generateLogKeys('example.com/collector');
const TOKEN = 'a-token-of-sixteen-or-more';
let log: EventLog;
let vkeys: string[];
let collector: Collector;
beforeAll(async () => {
  const made = await newLog();
  [log, vkeys] = [made.log, made.vkeys];
  collector = await collectOtlp(log, { signer: own.signers[0], token: TOKEN });
});
afterAll(async () => {
  await collector.close();
  await log.close();
});

const headers = { authorization: `Bearer ${TOKEN}` };
const exporter = (path: string) => ({ url: `${collector.url}/v1/${path}`, headers });
const resource = resourceFromAttributes({ 'service.name': 'meter-7' });
const last = async () => (await log.get(log.size - 1)).fields;

describe("OpenTelemetry's exporters", () => {
  it('send logs, such as a name that was looked up', async () => {
    const processors = [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter(exporter('logs')) })];
    const provider = new LoggerProvider({ resource, processors });
    provider.getLogger('dns').emit({
      eventName: 'dns.lookup',
      attributes: {
        'dns.question.name': 'example.com',
        'pot.layer': 'network',
        ports: [53, 853],
      },
    });
    await provider.forceFlush();
    // It does not wait for the answer, and shutdown() breaks it off.
    await expect.poll(() => log.size, { timeout: 10_000 }).toBe(1);
    await provider.shutdown();
    const fields = await last();
    expect(fields).toMatchObject({ signal: 'log', name: 'dns.lookup', service: 'meter-7', layer: 'network' });
    expect(fields.content).toMatchObject({
      resource: { 'service.name': 'meter-7' },
      scope: { name: 'dns' },
      record: { attributes: { 'dns.question.name': 'example.com', ports: [53, 853] } },
    });
    expect(eventText(fields)).toBe('log dns.lookup of meter-7');
  });

  it('send spans and readings of machines', async () => {
    const spanProcessors = [new SimpleSpanProcessor(new OTLPTraceExporter(exporter('traces')))];
    const tracer = new BasicTracerProvider({ resource, spanProcessors });
    tracer
      .getTracer('tls')
      .startSpan('handshake', { attributes: { 'pot.layer': 'network' } })
      .end();
    await tracer.forceFlush();
    await tracer.shutdown();
    expect(await last()).toMatchObject({ signal: 'span', name: 'handshake', layer: 'network' });

    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(exporter('metrics')),
      exportIntervalMillis: 3_600_000,
    });
    const meter = new MeterProvider({
      resource: resource.merge(resourceFromAttributes({ 'pot.layer': 'physical' })),
      readers: [reader],
    });
    meter.getMeter('power').createGauge('hw.power', { unit: 'W' }).record(211.5);
    await meter.forceFlush();
    await meter.shutdown();
    const fields = await last();
    expect(fields).toMatchObject({ signal: 'metric', name: 'hw.power', layer: 'physical' });
    expect(fields.content).toMatchObject({
      record: { unit: 'W', gauge: { dataPoints: [{ asDouble: 211.5 }] } },
    });
    const [record] = verifyRecords([JSON.stringify(await writeRecord(log, { index: log.size - 1 }))], {
      vkeys,
    });
    expect([record!.valid, record!.record.zkproof.layer]).toEqual([true, 'physical']);
  });
});

it("an observation carries its collector's signature, for this log and this content alone", async () => {
  const shown = async (...names: string[]) =>
    verifyDisclosure(await log.disclose(log.size - 1, names), keyRing({ vkeys }));
  const { fields, origin } = await shown('content', 'contentDigest', 'note');
  const [vkey] = own.vkeys;
  expect(isObservedBy(fields, origin, vkey)).toBe(true);
  expect(isObservedBy((await shown('contentDigest', 'note')).fields, origin, vkey)).toBe(true);
  expect(isObservedBy(fields, 'example.com/other', vkey)).toBe(false);
  expect(isObservedBy(fields, origin, generateLogKeys('example.com/collector').vkeys[0])).toBe(false);
  expect(isObservedBy({ ...fields, content: { record: 'other' } }, origin, vkey)).toBe(false);
  expect(isObservedBy({ ...fields, contentDigest: `sha256:${'0'.repeat(64)}` }, origin, vkey)).toBe(false);
  expect(isObservedBy({ content: fields.content! }, origin, vkey)).toBe(false);
});

describe('what is refused', () => {
  const send = (path: string, body: BodyInit, more: Record<string, string> = {}, method = 'POST') =>
    fetch(collector.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers, ...more },
      ...(method === 'POST' && { body }),
    });
  const deep = (n: number): unknown => (n === 0 ? 1 : { a: deep(n - 1) });
  const logs = (record: unknown) =>
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });

  it.each<[string, number, () => Promise<Response>]>([
    ['another path', 404, () => send('/v1/profiles', '{}')],
    ['another method', 405, () => send('/v1/logs', '', {}, 'GET')],
    ['no token', 401, () => send('/v1/logs', '{}', { authorization: 'Bearer other' })],
    ['Protobuf', 415, () => send('/v1/logs', 'x', { 'content-type': 'application/x-protobuf' })],
    ['compression', 415, () => send('/v1/logs', 'x', { 'content-encoding': 'gzip' })],
    ['no JSON', 400, () => send('/v1/logs', '{')],
    ['doubled keys', 400, () => send('/v1/logs', '{"resourceLogs":[],"resourceLogs":[]}')],
    ['what is not UTF-8', 400, () => send('/v1/logs', new Uint8Array([0x22, 0xff, 0x22]))],
    ['another request', 400, () => send('/v1/traces', logs({}))],
    ['a prototype', 400, () => send('/v1/logs', logs(JSON.parse('{"__proto__":{"x":1}}')))],
    ['a body that is too large', 413, () => send('/v1/logs', 'x'.repeat((4 << 20) + 1))],
  ])('%s', async (_, status, request) => {
    const before = log.size;
    expect((await request()).status).toBe(status);
    expect(log.size).toBe(before);
  });

  it('a record that can be no event is counted, and those beside it are recorded', async () => {
    const before = log.size;
    const huge = { body: { stringValue: 'x'.repeat(400_000) } };
    const body = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'INFO' }, huge, deep(20)] }] }],
    };
    const answer = await (await send('/v1/logs', JSON.stringify(body))).json();
    expect(Number(answer.partialSuccess.rejectedLogRecords)).toBe(3 - (log.size - before));
    expect(log.size - before).toBeLessThan(3);
    expect(log.size - before).toBeGreaterThan(0);
  });
});
