import { whyMissing } from './find.mjs';
import { megabytes, seconds, short, table } from './table.mjs';

const HEAD = [
  'network',
  'samples',
  'engine',
  'rows',
  'plan s',
  'key s',
  'prove s',
  'CPU s',
  'verify ms',
  'its key s',
  'bytes',
  'peak MB',
  'load',
];
const NOTE =
  'A proof of what a network gives, all samples in one; inputs committed, outputs public. `as a window`: rows and columns of weights as a window of that batch has them, which is what an inference of a trained run pays.';

/** The suite inference; undefined where it was not measured. */
export function inferenceTable(run) {
  const rows = run.records.filter((r) => r.kind === 'inference').map(row);
  return rows.length > 0 ? `${table(HEAD, rows)}\n\n${NOTE}` : undefined;
}

function row(record) {
  const { widths, options, engine } = record;
  const name = `${widths.join('-')}${options.window ? ', as a window' : ''}`;
  const said = [name, options.samples, engine];
  if (record.status !== 'done') return [...said, whyMissing(record)];
  const r = record.result;
  return [
    ...said,
    `2^${r.shape.k}`,
    ...[r.planningMs, r.keygenMs, r.provingMs, r.provingCpuMs].map(seconds),
    short(r.verifyingMs),
    seconds(r.verifyingKeyMs),
    r.proofBytes,
    megabytes(r.peakBytes),
    record.load.toFixed(1),
  ];
}
