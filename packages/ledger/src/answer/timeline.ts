import type { Opened } from './evidence.js';
import { unfit } from './format.js';

/** What happened when. */
export interface Timeline {
  events: { index: number; time: string; type: string | null }[];
}

/**
 * All events from a time on and before another. That none was left out follows from the log's order: the evidence has every entry between one
 * that lies before the span, or the first, and one that does not lie before its end, or the last. It holds as far as times never run backwards
 * in the log: among those that are shown they do not. Errors: `LEDGER_ANSWER`.
 */
export function timelineIn(opened: Opened, span: { from: string; to: string }): Timeline {
  const { covered, events, checkpoint } = opened;
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  if (checkpoint.size === 0) return { events: [] };
  const [first, last] = [covered[0], covered.at(-1)];
  if (first === undefined || last === undefined) throw unfit('it has no evidence');
  if (covered.length !== last - first + 1) throw unfit('entries in the middle of the span are left out');
  const times = events.map(({ index, fields }) => {
    if (typeof fields.time === 'string') return { index, fields, time: Date.parse(fields.time) };
    throw unfit(`event ${index} does not show its time`);
  });
  if (times.some(({ time }, i) => time < (times[i - 1]?.time ?? time))) throw unfit('times run backwards');
  const isBefore = times[0] !== undefined && times[0].index === first && times[0].time < from;
  if (first > 0 && !isBefore) throw unfit('events at the beginning of the span may be left out');
  const end = times.at(-1);
  const isAfter = end !== undefined && end.index === last && end.time >= to;
  if (last < checkpoint.size - 1 && !isAfter) throw unfit('events at the end of the span may be left out');
  return {
    events: times
      .filter(({ time }) => time >= from && time < to)
      .map(({ index, fields }) => ({
        index,
        time: String(fields.time),
        type: typeof fields.type === 'string' ? fields.type : null,
      })),
  };
}
