/** Calls of others, which go through `globalThis.fetch` and undici. */
import { Agent, request, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditedInterceptor, type EventLog, opensSalted } from '../src/node.js';
import { modelServer } from './helpers/modelServer.js';
import { journalOf, newLog } from './helpers/newLog.js';

const KEY = 'sk-very-secret-key-0123456789';
let server: Awaited<ReturnType<typeof modelServer>>;
let made: Awaited<ReturnType<typeof newLog>>;
let log: EventLog;
let dispatcher: ReturnType<Agent['compose']>;
beforeAll(async () => {
  server = await modelServer();
  made = await newLog();
  log = made.log;
  dispatcher = new Agent().compose(auditedInterceptor(log) as never);
});
afterAll(async () => {
  await dispatcher.close();
  await log.close();
  await server.close();
});

const post = (path: string, body: string) => ({
  url: `${server.url}${path}`,
  init: {
    method: 'POST' as const,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body,
    dispatcher,
  },
});
const last = async () => (await log.get(log.size - 1)).fields;

it('are recorded when the answer has been read, whole or as a stream', async () => {
  for (const stream of [false, true]) {
    const body = JSON.stringify({ model: 'tiny', stream });
    const { url, init } = post('/v1/chat/completions', body);
    // Node's own fetch and undici's take the same dispatcher.
    const answer = await (stream ? undiciFetch(url, init) : fetch(url, init as never));
    const text = await answer.text();
    expect(text).toContain('Grü');
    const fields = await last();
    expect(fields).toMatchObject({
      'gen_ai.response.model': 'tiny-1',
      'http.response.status_code': 200,
      complete: true,
      stream,
    });
    expect(opensSalted(fields.prompt, fields.promptSalt, body)).toBe(true);
    expect(opensSalted(fields.answer, fields.answerSalt, text)).toBe(true);
  }
  expect(server.sent.at(-1)!.authorization).toBe(`Bearer ${KEY}`);
});

it('are recorded by request() as well, and where a server sends the key back or breaks off', async () => {
  const { url, init } = post('/echo', '{"model":"m"}');
  await (await request(url, init)).body.text();
  expect(await last()).toMatchObject({ 'http.response.status_code': 200 });
  const cut = post('/cut', '{"model":"m"}');
  await expect(fetch(cut.url, cut.init as never).then((answer) => answer.text())).rejects.toThrow();
  expect(await last()).toMatchObject({ complete: false, 'error.type': expect.any(String) });
  await log.checkpoint();
  expect(journalOf(made.dir).includes(KEY)).toBe(false);
});

it('that are no such calls pass, and a log that is closed lets no answer through', async () => {
  const before = log.size;
  await (await fetch(`${server.url}/empty`, { dispatcher } as never)).text();
  expect(log.size).toBe(before);
  const other = await newLog();
  await other.log.close();
  const closed = new Agent().compose(auditedInterceptor(other.log) as never);
  const { url, init } = post('/v1/chat/completions', '{"model":"m"}');
  await expect(
    fetch(url, { ...init, dispatcher: closed } as never).then((answer) => answer.text()),
  ).rejects.toThrow();
  await closed.close();
});
