import { createServer, type IncomingMessage, type Server } from 'node:http';

/** What a server does with one request. */
export type Fault =
  | 'pass'
  /** The request never reaches the chain. */
  | 'drop'
  /** The request is carried out, the answer gets lost. */
  | 'lose'
  /** No answer. */
  | 'hang'
  /** An error page of a proxy in between. */
  | 'busy'
  /** A wrong answer. */
  | { result: unknown };

/** An RPC server between client and chain that misbehaves by rule. */
export class FaultyRpc {
  /** Requests by method, as they came. */
  readonly seen: string[] = [];
  /** What happens to the next request of a method; nothing said: it passes. */
  rule: (method: string, params: unknown[]) => Fault = () => 'pass';
  private server!: Server;

  constructor(private readonly target: string) {}

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      void (async () => {
        const body = await read(request);
        const { id, method, params } = JSON.parse(body);
        this.seen.push(method);
        const fault = this.rule(method, params);
        if (fault === 'hang') return;
        if (fault === 'drop') return void request.socket.destroy();
        if (fault === 'busy') return void response.writeHead(503).end('<html>busy</html>');
        if (typeof fault === 'object') {
          return void response.end(JSON.stringify({ jsonrpc: '2.0', id, result: fault.result }));
        }
        const answer = await fetch(this.target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        const text = await answer.text();
        if (fault === 'lose') return void request.socket.destroy();
        response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      })();
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  count(method: string): number {
    return this.seen.filter((m) => m === method).length;
  }
}

/** A rule that applies `fault` to the first `times` requests of a method. */
export function firstTimes(method: string, times: number, fault: Fault): FaultyRpc['rule'] {
  let left = times;
  return (m) => (m === method && left-- > 0 ? fault : 'pass');
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
