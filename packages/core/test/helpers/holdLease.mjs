// A process that takes a run's folder and does what its standard input says, one command a line; it answers each with a line of JSON.
//   node holdLease.mjs DIR BEAT_MS      take, check, release, block MS (no timer and no promise gets a turn), clock MS (jumps)
import { createInterface } from 'node:readline';
import { Lease } from '../../dist/session/lease/lease.js';

const [, , dir, beatMs] = process.argv;
let lease;
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const commands = {
  async take() {
    lease = await Lease.take(dir, { beatMs: Number(beatMs) });
    return { generation: lease.generation };
  },
  async check() {
    await lease.check();
    return { ok: true };
  },
  async release() {
    await lease.release();
    return { ok: true };
  },
  async block(ms) {
    const end = performance.now() + Number(ms);
    while (performance.now() < end);
    return { ok: true };
  },
  async clock(ms) {
    const { now } = Date;
    Date.now = () => now() + Number(ms);
    return { now: Date.now() };
  },
};
answer({ pid: process.pid });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...rest] = line.split(' ');
  answer(await commands[name](...rest).catch((e) => ({ code: e.code, message: e.message })));
}
process.exit(0);
