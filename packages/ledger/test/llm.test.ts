/** Calls of language models: recorded by the SDKs' own `fetch`, with digests, without keys and texts. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  auditedFetch,
  type EventLog,
  eventText,
  keyRing,
  opensSalted,
  verifyDisclosure,
} from '../src/node.js';
import { modelServer } from './helpers/modelServer.js';
import { journalOf, leaks, newLog } from './helpers/newLog.js';

const KEY = 'sk-very-secret-key-0123456789';
const PROMPT = 'the-secret-prompt';
const code = (c: string) => expect.objectContaining({ code: c });

let server: Awaited<ReturnType<typeof modelServer>>;
let made: Awaited<ReturnType<typeof newLog>>;
let log: EventLog;
beforeAll(async () => {
  server = await modelServer();
  made = await newLog();
  log = made.log;
});
afterAll(async () => {
  await log.close();
  await server.close();
});

const last = async () => log.get(log.size - 1);
const post = (path: string, body: BodyInit = '{"model":"m"}', fetch = auditedFetch(log)) =>
  fetch(`${server.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body });

describe('a call is recorded as it was', () => {
  const openai = () =>
    new OpenAI({ apiKey: KEY, baseURL: `${server.url}/v1`, fetch: auditedFetch(log), maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: PROMPT }];

  it("by OpenAI's SDK, whole and as a stream", async () => {
    const whole = await openai().chat.completions.create({
      model: 'tiny',
      messages,
      max_completion_tokens: 5,
    });
    expect(whole.choices[0]!.message.content).toBe('Grüße, 😀');
    const one = await last();
    expect(one.type).toBe('llm.call');
    const facts = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'tiny',
      'gen_ai.response.model': 'tiny-1',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 3,
      'server.address': '127.0.0.1',
      'server.port': server.port,
      'http.response.status_code': 200,
      complete: true,
    };
    expect(one.fields).toMatchObject({ ...facts, 'gen_ai.request.max_tokens': 5, stream: false });
    const stream = await openai().chat.completions.create({ model: 'tiny', messages, stream: true });
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    expect(text).toBe('Grüße, 😀');
    const two = await last();
    expect(two.fields).toMatchObject({ ...facts, stream: true });
    // The digest is of what the server was sent; each has a salt of its own.
    for (const { fields } of [one, two]) {
      const { body } = server.sent[fields === one.fields ? 0 : 1]!;
      expect(opensSalted(fields.prompt, fields.promptSalt, body)).toBe(true);
      expect(opensSalted(fields.prompt, fields.promptSalt, `${body} `)).toBe(false);
      expect(opensSalted(fields.answerText, fields.answerTextSalt, 'Grüße, 😀')).toBe(true);
      expect(opensSalted(fields.answer, fields.promptSalt, body)).toBe(false);
    }
    const salts = [one, two].flatMap(({ fields: f }) => [f.promptSalt, f.answerSalt, f.answerTextSalt]);
    expect(new Set(salts).size).toBe(6);
    expect(eventText(two.fields)).toBe('call of tiny-1 at 127.0.0.1: 7 tokens in, 3 out; 200');
  });

  it("by Anthropic's SDK, whole and as a stream", async () => {
    const client = new Anthropic({
      apiKey: KEY,
      baseURL: server.url,
      fetch: auditedFetch(log),
      maxRetries: 0,
    });
    const request = { model: 'small', max_tokens: 8, messages };
    const whole = await client.messages.create(request);
    expect(whole.content).toEqual([{ type: 'text', text: 'Yes.' }]);
    const one = await last();
    expect(await client.messages.stream(request).finalText()).toBe('Yes.');
    for (const { fields } of [one, await last()]) {
      expect(fields).toMatchObject({
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.max_tokens': 8,
        'gen_ai.response.model': 'small-2',
        'gen_ai.response.finish_reasons': ['end_turn'],
        'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': 2,
        'gen_ai.usage.cache_read.input_tokens': 4,
        complete: true,
      });
      expect(opensSalted(fields.answerText, fields.answerTextSalt, 'Yes.')).toBe(true);
    }
  });

  it('that is not read, given up, cut off, refused, or never sent', async () => {
    const audited = auditedFetch(log);
    const unread = await post('/v1/chat/completions', '{"stream":true}', audited);
    const before = log.size;
    await audited.settle();
    expect((await log.get(before)).fields).toMatchObject({
      complete: false,
      'http.response.status_code': 200,
    });
    // Nothing is read unseen afterwards.
    await expect(unread.text()).rejects.toThrow(code('LEDGER_CLOSED'));
    await (await post('/v1/chat/completions', '{"stream":true}')).body!.cancel();
    expect((await last()).fields).toMatchObject({ complete: false });
    await expect((await post('/cut')).text()).rejects.toThrow();
    expect((await last()).fields).toMatchObject({ complete: false, 'gen_ai.response.model': 'x' });
    expect((await post('/error')).status).toBe(429);
    await audited.settle();
    await (await post('/error')).text();
    expect((await last()).fields).toMatchObject({ 'http.response.status_code': 429, complete: true });
    expect((await post('/empty')).status).toBe(204);
    expect((await last()).fields).toMatchObject({ 'http.response.status_code': 204, complete: true });
    const gone = await modelServer();
    await gone.close();
    await expect(audited(`${gone.url}/v1/messages`, { method: 'POST', body: PROMPT })).rejects.toThrow(
      'fetch failed',
    );
    const { fields } = await last();
    expect(fields).toMatchObject({ 'error.type': 'ECONNREFUSED', complete: false });
    expect(fields).not.toHaveProperty('answer');
  });

  it('with the bytes that were sent, whatever is done to them meanwhile', async () => {
    const body = new TextEncoder().encode('{"model":"before"}');
    const answer = post('/v1/chat/completions', body);
    body.set(new TextEncoder().encode('{"model":"after-"}'));
    await (await answer).text();
    const { fields } = await last();
    expect(opensSalted(fields.prompt, fields.promptSalt, server.sent.at(-1)!.body)).toBe(true);
    expect(fields['gen_ai.request.model']).toBe(JSON.parse(server.sent.at(-1)!.body.toString()).model);
  });
});

describe('what a server says', () => {
  it('does not bring a key into an event, even where text is kept', async () => {
    await (await post('/echo?key=in-the-address', KEY, auditedFetch(log, { keepText: true }))).text();
    const { fields } = await last();
    expect(JSON.stringify(fields)).not.toContain(KEY);
    expect(
      Object.keys(fields).filter((name) => /response\.(id|model|finish)|usage|Content/.test(name)),
    ).toEqual([]);
    expect(fields.complete).toBe(true);
    await (await post('/twice')).text();
    expect((await last()).fields).not.toHaveProperty('gen_ai.response.model');
  });

  it('is kept as text where that is asked for, and nowhere else', async () => {
    const request = `{"messages":"${PROMPT}-kept"}`;
    const text = await (
      await post('/v1/chat/completions', request, auditedFetch(log, { keepText: true }))
    ).text();
    expect((await last()).fields).toMatchObject({ promptContent: request, answerContent: text });
  });
});

it('no key, prompt or salt lies outside the journal, and no key in it', async () => {
  const salts: string[] = [];
  for (let i = 0; i < log.size; i++) {
    const { fields } = await log.get(i);
    for (const name of ['promptSalt', 'answerSalt', 'answerTextSalt'])
      if (typeof fields[name] === 'string') salts.push(fields[name]);
  }
  await log.checkpoint();
  expect(salts.length).toBeGreaterThan(20);
  const raw = salts.map((salt) => Buffer.from(salt, 'base64'));
  expect(leaks(made.dir, [KEY, PROMPT, 'Grüße', ...salts, ...raw])).toEqual([]);
  expect(journalOf(made.dir).includes(KEY)).toBe(false);
  expect(journalOf(made.dir).includes('in-the-address')).toBe(false);
  // What a disclosure of the rest shows.
  const proof = await log.disclose(0, ['type', 'prompt', 'gen_ai.request.model']);
  const shown = Buffer.from(/^extra (.*)$/m.exec(proof)![1]!, 'base64');
  expect([KEY, PROMPT, salts[0]!].filter((secret) => shown.includes(secret))).toEqual([]);
  expect(eventText(verifyDisclosure(proof, keyRing(made)).fields)).toContain(
    'call of tiny at undisclosed server',
  );
});

it('a call that cannot be recorded does not pass', async () => {
  const other = await newLog();
  const audited = auditedFetch(other.log);
  const answer = await post('/v1/chat/completions', '{}', audited);
  await other.log.close();
  await expect(answer.text()).rejects.toThrow(code('LEDGER_CLOSED'));
  expect(() => auditedFetch(log, { keepTxt: true } as never)).toThrow(code('OPTION_UNKNOWN'));
});
