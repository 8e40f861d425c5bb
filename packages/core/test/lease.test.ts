/** One writer a folder: real processes, name spaces, signals and clocks. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lease } from '../src/session/lease/lease.js';
import { Holder, noNamespaces } from './helpers/holder.js';

const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** A beat of the holders here; ten of them without a sign of life are an expiry. */
const BEAT = 100;

let dir: string;
const holders: Holder[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pot-lease-'));
});
afterEach(async () => {
  await Promise.all(holders.splice(0).map((h) => h.kill()));
  rmSync(dir, { recursive: true, force: true });
});

async function holder(world: string[] = []): Promise<Holder> {
  const h = await Holder.start(dir, { world, beatMs: BEAT });
  holders.push(h);
  return h;
}

/** How long it took, in milliseconds. */
async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  return [await work, performance.now() - begun];
}

describe('processes of one machine', () => {
  it('one has the folder; the next one gets it when it is given back', async () => {
    const [a, b] = [await holder(), await holder()];
    expect(await a.ask('take')).toEqual({ generation: 1 });
    expect(await b.ask('take')).toMatchObject({
      code: 'SESSION_LOCKED',
      message: expect.stringContaining(`${a.pid}`),
    });
    expect(await a.ask('release')).toEqual({ ok: true });
    expect(await a.ask('check')).toMatchObject({ code: 'SESSION_LEASE_LOST' });
    expect(await b.ask('take')).toEqual({ generation: 2 });
    expect(await a.ask('release')).toEqual({ ok: true });
    expect(await b.ask('check')).toEqual({ ok: true });
  });

  it('a killed one is followed at once', async () => {
    const a = await holder();
    await a.ask('take');
    await a.kill();
    const b = await holder();
    const [answer, ms] = await timed(b.ask('take'));
    expect(answer).toEqual({ generation: 2 });
    expect(ms).toBeLessThan(10 * BEAT);
  });

  it('its number, given to another process, is not it', async () => {
    const a = await holder();
    await a.ask('take');
    await a.kill();
    // As if the kernel had given its number to this process, which lives.
    const path = join(dir, 'lock/000001.json');
    const claim = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...claim, place: { ...claim.place, pid: process.pid } }));
    const lease = await Lease.take(dir);
    expect(lease.generation).toBe(2);
    await lease.release();
  });

  it('a stopped one keeps it from processes that see that it lives', async () => {
    const [a, b] = [await holder(), await holder()];
    await a.ask('take');
    a.signal('SIGSTOP');
    expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
    a.signal('SIGCONT');
    expect(await a.ask('check')).toEqual({ ok: true });
  });

  it('of eight that follow a dead one at once, one gets it', async () => {
    const a = await holder();
    await a.ask('take');
    await a.kill();
    const eight = await Promise.all(Array.from({ length: 8 }, () => holder()));
    const answers = await Promise.all(eight.map((h) => h.ask('take')));
    expect(answers.filter((x) => x.generation === 2)).toHaveLength(1);
    expect(answers.filter((x) => x.code === 'SESSION_LOCKED')).toHaveLength(7);
  });
});

describe.skipIf(noNamespaces)(
  `containers that share a folder${noNamespaces ? `: ${noNamespaces}` : ''}`,
  () => {
    it('the number of a process says nothing there: one that lives keeps the folder', async () => {
      const a = await holder(CONTAINER);
      expect(await a.ask('take')).toEqual({ generation: 1 });
      for (const world of [CONTAINER, []]) {
        const b = await holder(world);
        expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
      }
      expect(await a.ask('check')).toEqual({ ok: true });
    });

    it('also while its training blocks everything for longer than an expiry', async () => {
      const [a, b] = [await holder(CONTAINER), await holder(CONTAINER)];
      await a.ask('take');
      const blocked = a.ask(`block ${30 * BEAT}`);
      expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
      await blocked;
      expect(await a.ask('check')).toEqual({ ok: true });
    });

    it('one that died is followed when its heartbeat has been missing long enough', async () => {
      // Both are there before the first dies: its name space's number could be given to the second otherwise, which shows that it is dead.
      const [a, b] = [await holder(CONTAINER), await holder(CONTAINER)];
      await a.ask('take');
      await a.kill();
      const [answer, ms] = await timed(b.ask('take'));
      expect(answer).toEqual({ generation: 2 });
      expect(ms).toBeGreaterThan(9 * BEAT);
    });

    it('one that was stopped, and lost the folder, is told at its next write, and gives nothing back that is not its own', async () => {
      const [a, b] = [await holder(CONTAINER), await holder(CONTAINER)];
      await a.ask('take');
      a.signal('SIGSTOP');
      expect(await b.ask('take')).toEqual({ generation: 2 });
      a.signal('SIGCONT');
      expect(await a.ask('check')).toMatchObject({ code: 'SESSION_LEASE_LOST' });
      expect(await a.ask('release')).toEqual({ ok: true });
      expect(await b.ask('check')).toEqual({ ok: true });
      expect(readdirSync(join(dir, 'lock')).sort()).toEqual(['000002.beat', '000002.json']);
    });

    it('of six that wait for the same expiry, one gets it', async () => {
      const a = await holder(CONTAINER);
      await a.ask('take');
      await a.kill();
      const six = await Promise.all(Array.from({ length: 6 }, () => holder(CONTAINER)));
      const answers = await Promise.all(six.map((h) => h.ask('take')));
      expect(answers.filter((x) => x.generation === 2)).toHaveLength(1);
      expect(answers.filter((x) => x.code === 'SESSION_LOCKED')).toHaveLength(5);
    });

    it('a name space whose /proc is another one concludes nothing from it', async () => {
      // Process 1 of this name space is process 1 of the machine for the /proc that it sees.
      const a = await holder(['unshare', '--pid', '--fork', '--kill-child']);
      await a.ask('take');
      const claim = JSON.parse(readFileSync(join(dir, 'lock/000001.json'), 'utf8'));
      expect(claim.place).toMatchObject({ pidNamespace: null, started: null });
      const b = await holder();
      expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
    });

    it('a start time that is counted from another beginning proves nothing', async () => {
      const a = await holder();
      await a.ask('take');
      const b = await holder(['unshare', '--time', '--boottime', '100000', '--fork', '--kill-child']);
      expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
      expect(await a.ask('check')).toEqual({ ok: true });
    });

    it('another boot of the same machine is looked at for a moment; of another machine, for an expiry', async () => {
      const boot = join(dir, 'boot');
      writeFileSync(boot, '00000000-0000-4000-8000-000000000000\n');
      const over = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
      const rebooted = ['unshare', '--mount', 'sh', '-c', over, boot];
      const a = await holder();
      await a.ask('take');
      const early = await holder(rebooted);
      // It lives, though its machine has another boot id: a copied machine.
      expect(await early.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
      await a.kill();
      const b = await holder(rebooted);
      const [answer, ms] = await timed(b.ask('take'));
      expect(answer).toEqual({ generation: 2 });
      expect(ms).toBeLessThan(9 * BEAT);
      await b.kill();
      const c = await holder(['unshare', '--uts', 'sh', '-c', 'hostname another && exec "$@"', 'sh']);
      const [last, longer] = await timed(c.ask('take'));
      expect(last).toEqual({ generation: 3 });
      expect(longer).toBeGreaterThan(9 * BEAT);
    });
  },
);

describe('clocks', () => {
  it.skipIf(noNamespaces)('that jump, here or there, by years, decide nothing', async () => {
    for (const years of [-50, 50]) {
      const [a, b] = [await holder(CONTAINER), await holder(CONTAINER)];
      await a.ask('take');
      for (const h of [a, b]) await h.ask(`clock ${(h === a ? years : -years) * 3.15e10}`);
      expect(await b.ask('take')).toMatchObject({ code: 'SESSION_LOCKED' });
      expect(await a.ask('check')).toEqual({ ok: true });
      await a.ask('release');
    }
  });
});

describe('what is found in place of a claim', () => {
  const found = (content: string) => {
    mkdirSync(join(dir, 'lock'));
    writeFileSync(join(dir, 'lock/000007.json'), content);
  };

  it.each(['', '{', 'null', '{"generation":7}', '\u0000\u0001'])(
    '%j, without a heartbeat, expires',
    async (content) => {
      found(content);
      const told: string[] = [];
      const quick = { beatMs: BEAT, unreadableBeatMs: 20, onWarning: (m: string) => void told.push(m) };
      const lease = await Lease.take(dir, quick);
      expect(lease.generation).toBe(8);
      expect(told.join()).toContain('sign of life');
      await lease.release();
    },
  );

  it('a claim of a later version is not judged', async () => {
    found('{"format":"proof-of-training/lease","version":2}');
    await expect(Lease.take(dir)).rejects.toMatchObject({
      code: 'SESSION_LOCKED',
      message: expect.stringContaining('version 2'),
    });
  });

  it('a file named lock, as an earlier version made it', async () => {
    writeFileSync(join(dir, 'lock'), '1');
    await expect(Lease.take(dir)).rejects.toMatchObject({ code: 'SESSION_LOCKED' });
  });

  it('nothing, where the claim was taken away: the session is told', async () => {
    const lease = await Lease.take(dir);
    rmSync(join(dir, 'lock'), { recursive: true });
    await expect(lease.check()).rejects.toMatchObject({ code: 'SESSION_LEASE_LOST' });
    await lease.release();
  });
});

describe('a file system that fails', () => {
  it('shows no silence: what cannot be read says nothing of the owner', async () => {
    for (const broken of ['000001.beat', '000001.json']) {
      mkdirSync(join(dir, 'lock', broken), { recursive: true });
      const claim = join(dir, 'lock/000001.json');
      if (!existsSync(claim)) writeFileSync(claim, '');
      await expect(Lease.take(dir, { unreadableBeatMs: 5 })).rejects.toMatchObject({ code: 'EISDIR' });
      expect(readdirSync(join(dir, 'lock'))).not.toContain('000002.json');
      rmSync(join(dir, 'lock'), { recursive: true });
    }
  });

  it('where the heartbeat cannot begin, the claim is taken back: this process lives, and would keep the run', async () => {
    mkdirSync(join(dir, 'lock/000001.beat'), { recursive: true });
    await expect(Lease.take(dir)).rejects.toMatchObject({ code: 'EISDIR' });
    rmSync(join(dir, 'lock/000001.beat'), { recursive: true });
    expect(readdirSync(join(dir, 'lock'))).toEqual([]);
    await (await Lease.take(dir)).release();
  });
});

it('a claim that another one clears away while it is half written is made once more', async () => {
  const lock = join(dir, 'lock');
  mkdirSync(lock);
  let cleared = 0;
  const watcher = watch(lock, (_, name) => {
    const path = join(lock, name ?? '');
    if (cleared > 0 || !path.endsWith('.tmp') || !existsSync(path)) return;
    rmSync(path);
    cleared++;
  });
  try {
    await (await Lease.take(dir)).release();
    expect(cleared).toBe(1);
  } finally {
    watcher.close();
  }
});

it('waiting ends with its signal', async () => {
  mkdirSync(join(dir, 'lock'));
  writeFileSync(join(dir, 'lock/000001.json'), '');
  await expect(Lease.take(dir, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(readdirSync(join(dir, 'lock'))).toEqual(['000001.json']);
});
