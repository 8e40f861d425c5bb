import type { Json } from '../event/canonical.js';
import { FLOW_FIELDS } from '../events/kinds.js';
import { Lineage } from '../lineage/lineage.js';
import type { Opened, ShownEvent } from './evidence.js';
import { unfit } from './format.js';

/** A step of a trace: what an event has made from what. */
export interface TraceStep {
  index: number;
  time: string | null;
  type: string | null;
  input: string;
  output: string;
}

/** How something was made from something else; null: by no events of the log. */
export interface Trace {
  path: TraceStep[] | null;
}

/**
 * The path from one digest to another. That there is none follows only from evidence that has all entries and shows of each what it was made
 * from. Errors: `LEDGER_ANSWER`.
 */
export function traceIn(opened: Opened, { from, to }: { from: string; to: string }): Trace {
  if (from === to) throw unfit('a path leads from one content to another');
  const steps = new Lineage(opened.events).path(from, to);
  if (steps) {
    const events = new Map(opened.events.map((event) => [event.index, event]));
    return {
      path: steps.map((step) => {
        const { time, type } = events.get(step.index)!.fields;
        return { ...step, time: text(time), type: text(type) };
      }),
    };
  }
  if (!opened.complete) throw unfit('no path is in its evidence, which has not all entries');
  const hidden = opened.events.find(hidesFlow);
  if (hidden)
    throw unfit(`event ${hidden.index} may be part of a path: it does not show what it was made from`);
  return { path: null };
}

/** Whether an event may have made something that is not shown. */
function hidesFlow({ fields, withheld }: ShownEvent): boolean {
  if (withheld.includes('type')) return true;
  const needed = FLOW_FIELDS[String(fields.type)] ?? [];
  return withheld.some((name) => needed.includes(name));
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
