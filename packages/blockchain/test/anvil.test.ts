import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Anvil, freePort, startAnvil } from '../src/anvil/index.js';
import { refusal } from './helpers/errors.js';

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

  it('says that a port is taken, and by what', async () => {
    const server = createServer((_, response) => response.end('not a chain'));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      const error = await refusal(startAnvil({ port }));
      expect([error.code, error.details.port]).toEqual(['ANVIL_PORT_TAKEN', port]);
      expect(error.message).toContain(`127.0.0.1:${port}`);
      expect(error.hint).toContain('another port');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("does not take another's node for its own, which has the same port and chain id", async () => {
    const other = await start();
    const error = await refusal(startAnvil({ port: other.port }));
    expect([error.code, error.details.port]).toEqual(['ANVIL_PORT_TAKEN', other.port]);
    const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
    const up = promisify(execFile)('node', [cli, 'chain', 'up', '--port', String(other.port)]);
    const ended = await up.catch((e: { code: number; stdout: string; stderr: string }) => e);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('Code: ANVIL_PORT_TAKEN');
    expect(alive(other.pid)).toBe(true);
  });

  it("does not take another's node for its own while the one that it started is silent", async () => {
    const other = await start();
    const dir = mkdtempSync(join(tmpdir(), 'pot-anvil-'));
    process.env.POT_ANVIL = join(dir, 'anvil');
    writeFileSync(process.env.POT_ANVIL, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    try {
      const error = await refusal(startAnvil({ port: other.port, startTimeoutMs: 2000 }));
      expect([error.code, error.details.port]).toEqual(['ANVIL_START', other.port]);
    } finally {
      delete process.env.POT_ANVIL;
      rmSync(dir, { recursive: true });
    }
    expect(alive(other.pid)).toBe(true);
  });

  it('answers for as long as it is asked: what it writes is read, or not written', async () => {
    const anvil = await start();
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}';
    const headers = { 'content-type': 'application/json' };
    for (let i = 0; i < 10; i++) {
      const all = Array.from({ length: 100 }, () => fetch(anvil.url, { method: 'POST', headers, body }));
      for (const response of await Promise.all(all))
        expect(await response.json()).toMatchObject({ result: '0x0' });
    }
  });

  it('says that it is not there', async () => {
    process.env.POT_ANVIL = '/nowhere/anvil';
    try {
      const error = await refusal(startAnvil());
      expect([error.code, error.hint]).toEqual(['ANVIL_START', expect.stringContaining('/nowhere/anvil')]);
    } finally {
      delete process.env.POT_ANVIL;
    }
  });

  it('says what it complains of', async () => {
    const error = await refusal(startAnvil({ args: ['--no-such-option'] }));
    expect([error.code, error.hint]).toEqual(['ANVIL_START', expect.stringContaining('--no-such-option')]);
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
