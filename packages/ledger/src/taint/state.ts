import { PotError } from '@proof-of-training/errors';
import { short } from '../events/digest.js';
import { applyQuarantine, type Quarantined } from '../lineage/quarantineState.js';
import type { EventLog, RecordedEvent } from '../log/eventLog.js';

const TYPES = ['quarantine', 'quarantine.release'];

interface State {
  held: Map<string, Quarantined[]>;
  /** The first event that was not looked at. */
  next: number;
}

const states = new WeakMap<EventLog, Promise<State>>();

/** What is in quarantine now. The log is read once; afterwards only where this process has recorded more of it. */
export async function quarantineOf(log: EventLog): Promise<ReadonlyMap<string, readonly Quarantined[]>> {
  const state = (states.get(log) ?? Promise.resolve({ held: new Map(), next: 0 })).then((before) =>
    catchUp(log, before),
  );
  states.set(log, state);
  // What fails is read again the next time.
  state.catch(() => states.delete(log));
  return (await state).held;
}

async function catchUp(log: EventLog, state: State): Promise<State> {
  const last = Math.max(...TYPES.map((type) => log.lastOf(type) ?? -1));
  if (state.next > 0 && last < state.next) return state;
  const { size } = log;
  for (const event of await eventsOf(log, TYPES, state.next)) applyQuarantine(log.origin, state.held, event);
  state.next = Math.max(size, 1);
  return state;
}

/** All events of some types, in the order of the log. */
export async function eventsOf(log: EventLog, types: readonly string[], after = 0): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (const type of types) found.push(...(await log.find({ type, after, limit: 1_000_000 })));
  return found.sort((a, b) => a.index - b.index);
}

/** Errors: `LEDGER_QUARANTINED`. */
export async function requireFree(log: EventLog, digest: string): Promise<void> {
  const [held] = (await quarantineOf(log)).get(digest) ?? [];
  if (!held) return;
  throw new PotError('LEDGER_QUARANTINED', `the artefact ${short(digest)} is in quarantine`, {
    details: { artefact: digest, quarantine: held.id, index: held.index },
    hint: 'It is not read, wherever a copy of it lies, until a key that its quarantine names releases it.',
  });
}
