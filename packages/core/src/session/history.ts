import { damaged } from './folder.js';
import { windowName } from './names.js';
import type { WindowRecord } from './records.js';

/**
 * A run's windows 0, 1, ... out of all records in its folder. An owner that had lost the run may have left a record that its successor never
 * saw, so records form a tree: each names the one before. The run is the branch that ends with the latest owner's last record: every
 * owner continues the branch that it found.
 *
 * `creator`: the owner that began the run. Errors: `STATE_DAMAGED` where a record of the branch is missing.
 */
export function historyOf(records: readonly WindowRecord[], creator: number): WindowRecord[] {
  const at = new Map(records.map((r) => [windowName(r.window, r.generation), r]));
  let record = records.reduce<WindowRecord | undefined>(
    (best, r) => (best && !isLater(r, best) ? best : r),
    undefined,
  );
  const history: WindowRecord[] = [];
  while (record) {
    history.push(record);
    const { window, parent }: WindowRecord = record;
    if (window === 0) {
      if (parent !== creator) throw damaged(windowName(0, record.generation));
      break;
    }
    const name: string = windowName(window - 1, parent);
    record = at.get(name);
    if (!record) throw damaged(name);
  }
  return history.reverse();
}

function isLater(a: WindowRecord, b: WindowRecord): boolean {
  return a.generation > b.generation || (a.generation === b.generation && a.window > b.window);
}
