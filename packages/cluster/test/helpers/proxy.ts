import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a process and Redis, which can be cut. */
export interface Proxy {
  url: string;
  /** Ends all connections, and lets none through until it is mended. */
  cut(): void;
  mend(): void;
  close(): void;
}

export async function startProxy(url: string): Promise<Proxy> {
  const port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let broken = false;
  const server = createServer((near) => {
    if (broken) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    broken = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut,
    mend: () => {
      broken = false;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
