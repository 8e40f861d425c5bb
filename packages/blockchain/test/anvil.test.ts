import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Anvil, freePort, startAnvil } from '../src/anvil/index.js';
import { codeOf } from './helpers/errors.js';

const running: Anvil[] = [];
const start = async (...args: Parameters<typeof startAnvil>) => {
  const anvil = await startAnvil(...args);
  running.push(anvil);
  return anvil;
};
afterEach(async () => {
  for (const anvil of running.splice(0)) await anvil.stop();
});

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a local chain', () => {
  it('starts on a free port and ends when it is stopped, also twice', async () => {
    const [a, b] = await Promise.all([start({ chainId: 7 }), start()]);
    expect(a!.port).not.toBe(b!.port);
    expect([a!.chainId, b!.chainId]).toEqual([7, 31337]);
    expect(alive(a!.pid)).toBe(true);
    await Promise.all([a!.stop(), a!.stop()]);
    await a!.stop();
    expect(alive(a!.pid)).toBe(false);
    expect(alive(b!.pid)).toBe(true);
  });

  it('says that a port is taken', async () => {
    const server = createServer((_, response) => response.end('not a chain'));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      expect(await codeOf(startAnvil({ port, startTimeoutMs: 5000 }))).toBe('ANVIL_START');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('says that it is not there', async () => {
    process.env.POT_ANVIL = '/nowhere/anvil';
    try {
      expect(await codeOf(startAnvil())).toBe('ANVIL_START');
    } finally {
      delete process.env.POT_ANVIL;
    }
  });

  it('ends with the process that started it, which did not stop it', async () => {
    const script = `import { startAnvil } from '@proof-of-training/blockchain/anvil';
      const anvil = await startAnvil();
      console.log(anvil.pid);
      process.exit(0);`;
    const cwd = new URL('..', import.meta.url);
    const { stdout } = await promisify(execFile)('node', ['--input-type=module', '-e', script], { cwd });
    for (let i = 0; i < 50 && alive(Number(stdout)); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive(Number(stdout))).toBe(false);
  });
});
