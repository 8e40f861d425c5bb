import { whyMissing } from './find.mjs';
import { seconds, short, table } from './table.mjs';

const HEAD = [
  'entries',
  'appends/s',
  'CPU us',
  'one ms',
  'p99 ms',
  'proof ms',
  'query ms',
  'verify s',
  'CPU s',
  'public s',
  'open s',
  'B/entry',
  'public B',
  'load',
];
const NOTE =
  'Appends are on disk before they count: 2,000 given at once, then `CPU us` of this process for each; and one at a time, its median and p99. Inclusion proofs and queries (ten events by type and time) are medians. `verify` is the whole log with its private store and index, `public` what others verify, `open` what the owner waits for.';

/** The suite ledger; undefined where it was not measured. */
export function ledgerTable(run) {
  const rows = run.records.filter((r) => r.kind === 'ledger').map(row);
  return rows.length > 0 ? `${table(HEAD, rows)}\n\n${NOTE}` : undefined;
}

function row(record) {
  if (record.status !== 'done') return [record.entries, whyMissing(record)];
  const r = record.result;
  return [
    r.entries,
    Math.round(r.appendsPerSecond),
    Math.round(r.appendCpuUs),
    ...[r.oneMs, r.oneP99Ms, r.proofMs, r.queryMs].map(short),
    ...[r.verifyMs, r.verifyCpuMs, r.publicVerifyMs, r.openMs].map(seconds),
    Math.round(r.bytesPerEntry),
    Math.round(r.publicBytesPerEntry),
    record.load.toFixed(1),
  ];
}
