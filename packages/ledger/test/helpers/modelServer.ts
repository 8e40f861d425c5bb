import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server was sent, as it came. */
export interface Sent {
  path: string;
  body: Buffer;
  authorization: string | undefined;
}

const json = (response: ServerResponse, value: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

function events(response: ServerResponse, all: readonly unknown[], named = false) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // Cut anywhere: a character or a line may lie in two pieces.
  const text = all
    .map(
      (e) =>
        `${named ? `event: ${(e as { type: string }).type}\n` : ''}data: ${typeof e === 'string' ? e : JSON.stringify(e)}\n\n`,
    )
    .join('');
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += 37) response.write(bytes.subarray(i, i + 37));
  response.end();
}

/** What an OpenAI-compatible and an Anthropic server say, whole and in events. */
const ANSWERS: Record<string, (body: Record<string, unknown>, response: ServerResponse, sent: Sent) => void> =
  {
    '/v1/chat/completions': (body, response) => {
      const head = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'tiny-1' };
      const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
      if (!body.stream) {
        const message = { role: 'assistant', content: 'Grüße, 😀' };
        return json(response, { ...head, choices: [{ index: 0, message, finish_reason: 'stop' }], usage });
      }
      const chunk = (delta: object, more: object = {}) => ({
        ...head,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason: null }],
        ...more,
      });
      const last = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage };
      return events(response, [
        chunk({ role: 'assistant', content: 'Grü' }),
        chunk({ content: 'ße, 😀' }),
        last,
        '[DONE]',
      ]);
    },
    '/v1/messages': (body, response) => {
      const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'small-2', stop_sequence: null };
      const usage = { input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 4 };
      if (!body.stream) {
        const content = [{ type: 'text', text: 'Yes.' }];
        return json(response, {
          ...head,
          content,
          stop_reason: 'end_turn',
          usage: { ...usage, output_tokens: 2 },
        });
      }
      return events(
        response,
        [
          { type: 'message_start', message: { ...head, content: [], stop_reason: null, usage } },
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Ye' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 's.' } },
          { type: 'content_block_stop', index: 0 },
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: { output_tokens: 2 },
          },
          { type: 'message_stop' },
        ],
        true,
      );
    },
    // Says its caller's key wherever it can.
    '/echo': (_, response, { authorization }) => {
      const key = authorization?.slice(7);
      json(response, {
        id: key,
        model: `m-${key}`,
        usage: { prompt_tokens: -1 },
        choices: [{ finish_reason: key, text: key }],
      });
    },
    // What is said twice in one object says nothing.
    '/twice': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"model":"one","model":"two"}');
    },
    '/error': (_, response) => json(response, { error: { message: 'no' } }, 429),
    '/cut': (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"model":"x"}\n\n');
      setTimeout(() => response.destroy(), 20);
    },
    '/empty': (_, response) => void response.writeHead(204).end(),
  };

/** A server of models on this machine. */
export async function modelServer() {
  const sent: Sent[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const one = {
      path: request.url!,
      body: Buffer.concat(parts),
      authorization: request.headers.authorization,
    };
    sent.push(one);
    const body = one.body.length > 0 && one.body[0] === 0x7b ? JSON.parse(one.body.toString()) : {};
    (ANSWERS[pathname] ?? ANSWERS['/empty']!)(body, response, one);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { url: `http://127.0.0.1:${port}`, port, sent, close };
}
