/** Times may differ so much before they are remarked on, and so much before the check fails. */
const REMARK = 1.25;
const FAIL = 2;

/** The part of a run that is kept in git: what must stay the same exactly, and times for orientation. Pure. */
export function baselineOf(run) {
  const cases = run.records
    .filter((r) => r.kind === 'prove' && r.status === 'done')
    .map((r) => [r.id, { exact: exactOf(r.result), cpuMs: Math.round(r.result.provingCpuMs) }]);
  return { machine: run.machine.cpu, commit: run.version.commit, cases: Object.fromEntries(cases) };
}

function exactOf({ weights, shape, proofBytes, plan }) {
  const { rows, adviceColumns, fixedColumns, degree } = plan;
  return { weights, shape, proofBytes, rows, adviceColumns, fixedColumns, degree };
}

/**
 * Compares a run with a baseline: figures that do not depend on the machine exactly, processor time as a ratio, since
 * another machine has another speed. Cases that are in one of them alone are named. Pure.
 * Gives `{ ok, lines }`: `ok` is false where an exact figure differs or a case needs more than twice the time.
 */
export function compareBaseline(baseline, run) {
  const now = baselineOf(run).cases;
  const lines = [];
  let ok = true;
  for (const [id, then] of Object.entries(baseline.cases)) {
    const measured = now[id];
    if (!measured) continue;
    for (const [name, value] of Object.entries(then.exact)) {
      const found = measured.exact[name];
      if (same(value, found)) continue;
      ok = false;
      lines.push(`${id}: ${name} was ${JSON.stringify(value)}, is ${JSON.stringify(found)}`);
    }
    const ratio = measured.cpuMs / then.cpuMs;
    if (ratio > FAIL) ok = false;
    if (ratio > REMARK || ratio < 1 / REMARK) {
      const verdict = ratio > FAIL ? ' (more than twice)' : '';
      lines.push(`${id}: processor time ${ratio.toFixed(2)} times the baseline's${verdict}`);
    }
  }
  for (const id of Object.keys(now)) if (!baseline.cases[id]) lines.push(`${id}: not in the baseline`);
  const compared = Object.keys(now).filter((id) => baseline.cases[id]).length;
  return { ok: ok && compared > 0, compared, lines };
}

/** Equal in value, whatever the order of an object's keys. */
function same(a, b) {
  if (typeof a !== 'object' || a === null) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b ?? {})]);
  return [...keys].every((k) => same(a[k], b?.[k]));
}
