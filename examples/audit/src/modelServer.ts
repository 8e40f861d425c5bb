import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of this machine that speaks as OpenAI's does: no model, but a rule, which is all that the demo needs of it. */
export async function modelServer(): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { messages } = JSON.parse(Buffer.concat(parts).toString());
    const sure = Number(/by (\d+) percent/.exec(messages.at(-1).content)?.[1] ?? 0) >= 20;
    const content = sure ? 'Accept it.' : 'Ask a person.';
    const usage = { prompt_tokens: 20, completion_tokens: 3, total_tokens: 23 };
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ id: 'demo-1', object: 'chat.completion', model: 'rule-1', choices, usage }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`, close };
}
