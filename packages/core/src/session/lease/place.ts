import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/**
 * Which process on which machine: what a process of the same machine needs to tell whether it still lives. Null: not known
 * here, and then nothing is concluded from it.
 */
export const placeSchema = z.strictObject({
  host: z.string().max(300),
  /** SHA-256 of the machine's own id, which is not to be shown. */
  machine: z.string().max(64).nullable(),
  /** Drawn anew by the kernel each time it starts. */
  boot: z.string().max(64).nullable(),
  /** The name space that gives `pid` its meaning: containers have one each. */
  pidNamespace: z.string().max(64).nullable(),
  /** The name space in which `started` is counted. */
  timeNamespace: z.string().max(64).nullable(),
  pid: z.int().min(1),
  /** Ticks from the start of the machine to that of the process: another process of the same number has another one. */
  started: z.string().max(32).nullable(),
});

export type Place = z.infer<typeof placeSchema>;

/** The kernel's first process name space, the one outside of all containers: its number is fixed (include/linux/proc_ns.h). */
const OUTERMOST = 'pid:[4026531836]';

/** This process. */
export function ownPlace(): Place {
  // A /proc of another name space (unshare without --mount-proc) shows other processes under these numbers.
  const own = attempt(() => readlinkSync('/proc/self')) === String(process.pid);
  const machine = attempt(() => readFileSync('/etc/machine-id', 'utf8').trim());
  return {
    host: hostname().slice(0, 300),
    machine: machine
      ? createHash('sha256').update(`proof-of-training/lease\n${machine}`).digest('hex')
      : null,
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: own ? attempt(() => readlinkSync('/proc/self/ns/pid')) : null,
    timeNamespace: own ? attempt(() => readlinkSync('/proc/self/ns/time')) : null,
    pid: process.pid,
    started: own ? (processState(process.pid)?.started ?? null) : null,
  };
}

/**
 * What is known of the owner at `place`, from `here`:
 *   `alive`     it runs
 *   `dead`      no process of this number and start time is there any more
 *   `gone`      its machine has started anew since, or, where there is no /proc, has no process of this number: near certain,
 *               since a name and an id of a machine can be copied
 *   `unknown`   another machine, another name space, or a system that does not tell
 */
export type Verdict = 'alive' | 'dead' | 'gone' | 'unknown';

export function judge(place: Place, here: Place): Verdict {
  const { host, machine, boot, pidNamespace, pid } = place;
  if (boot === null && here.boot === null) {
    return host === here.host && !exists(pid) ? 'gone' : 'unknown';
  }
  if (boot !== null && boot === here.boot) {
    return pidNamespace !== null && pidNamespace === here.pidNamespace
      ? judgeProcess(place, here)
      : 'unknown';
  }
  const same = host === here.host && machine !== null && machine === here.machine;
  const outermost = pidNamespace === OUTERMOST && here.pidNamespace === OUTERMOST;
  return same && outermost && boot !== null && here.boot !== null ? 'gone' : 'unknown';
}

/** In one name space of one running kernel. */
function judgeProcess({ pid, started, timeNamespace }: Place, here: Place): Verdict {
  if (!exists(pid)) return 'dead';
  const state = processState(pid);
  if (!state) return 'unknown';
  if (state.ended) return 'dead';
  if (started === null || timeNamespace !== here.timeNamespace) return 'unknown';
  return state.started === started ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** From /proc/PID/stat; undefined where it does not say. The name, in brackets, may hold anything. */
function processState(pid: number): { started: string; ended: boolean } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return state && started && /^\d+$/.test(started) ? { started, ended: /[ZXx]/.test(state) } : undefined;
}

function attempt(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
