import { readdirSync, readlinkSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { describe, expect, it } from 'vitest';
import { TestChain } from './helpers/chain.js';
import { calldataOf, statementOf } from './helpers/fixtures.js';

/** Sockets that this process has open (Linux). */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

describe('100 runs in one session', () => {
  it('are registered and anchored, and leave no process, port or socket behind', async () => {
    const chain = new TestChain();
    await chain.start();
    const before = sockets();
    let most = 0;
    for (let i = 0; i < 100; i++) {
      await chain.register(`many${i}/0`);
      const { value } = await chain.client.anchor(calldataOf(`many${i}/0`));
      expect(value).toMatchObject({ index: 0, weights: statementOf(`many${i}/0`).weightsOut });
      most = Math.max(most, sockets());
    }
    expect(most - before).toBeLessThan(10);
    const { pid, port } = chain.anvil;
    expect([alive(pid), await listens(port)]).toEqual([true, true]);
    await chain.stop();
    expect([alive(pid), await listens(port)]).toEqual([false, false]);
    expect(sockets()).toBeLessThanOrEqual(before);
  });
});
