/**
 * A log of events: durable appends, proofs, queries, verification, disk. node ledger.mjs ENTRIES
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog, folderSource, generateLogKeys, PublicLog } from '@proof-of-training/ledger/node';

const entries = JSON.parse(process.argv[2]);
/** Events that are given at once. */
const AT_ONCE = 2000;
const SAMPLES = 300;
const { signers, vkeys } = generateLogKeys('example.com/log');
const dir = mkdtempSync(join(tmpdir(), 'pot-bench-ledger-'));

/** An inference as it would be recorded: seven fields with id, time and type. */
const event = (n) => ({
  type: n % 10 === 0 ? 'decision' : 'inference',
  fields: { input: `sha256:${digits(n)}`, output: `sha256:${digits(n + 1)}`, model: 'digits-mlp', tokens: n },
});
const digits = (n) => n.toString(16).padStart(64, '0');

async function measured(work) {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms: performance.now() - from, cpuMs: (user + system) / 1000 };
}

/** Milliseconds of each of some calls, sorted. */
async function each(count, call) {
  const times = [];
  for (let i = 0; i < count; i++) times.push((await measured(() => call(i))).ms);
  return times.sort((a, b) => a - b);
}

const bytesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);

async function measure() {
  const log = await EventLog.create({ dir: join(dir, 'log'), signers });
  const one = await each(SAMPLES, (i) => log.append(event(i)));
  const batched = await measured(async () => {
    for (let n = SAMPLES; n < entries; n += AT_ONCE) {
      const count = Math.min(AT_ONCE, entries - n);
      await Promise.all(Array.from({ length: count }, (_, i) => log.append(event(n + i))));
    }
  });
  await log.checkpoint();
  const proofs = await each(SAMPLES, (i) => log.prove(Math.floor((i * entries) / SAMPLES)));
  const from = new Date(Date.now() - 3_600_000);
  const query = await each(20, (i) => log.find({ type: 'decision', from, after: i * 100, limit: 10 }));
  const whole = await measured(() => log.verify());
  await log.close();
  const opened = await measured(() => EventLog.open({ dir: join(dir, 'log'), signers }));
  await opened.value.close();
  const others = await PublicLog.open(folderSource(join(dir, 'log/public')), { vkeys });
  const byOthers = await measured(() => others.verify());
  const appended = entries - SAMPLES;
  return {
    entries,
    appendsPerSecond: (appended * 1000) / batched.ms,
    appendCpuUs: (batched.cpuMs * 1000) / appended,
    oneMs: one[SAMPLES >> 1],
    oneP99Ms: one[Math.floor(SAMPLES * 0.99)],
    proofMs: proofs[SAMPLES >> 1],
    queryMs: query[query.length >> 1],
    verifyMs: whole.ms,
    verifyCpuMs: whole.cpuMs,
    publicVerifyMs: byOthers.ms,
    openMs: opened.ms,
    bytesPerEntry: bytesBelow(join(dir, 'log')) / entries,
    publicBytesPerEntry: bytesBelow(join(dir, 'log/public')) / entries,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
