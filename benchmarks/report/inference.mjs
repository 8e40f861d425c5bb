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

const PEER_HEAD = [
  'network',
  'prover',
  'rows',
  'key and proof s',
  'CPU s',
  'verify ms',
  'proof B',
  'key MB',
  'peak MB',
  'largest error',
];
const PEER_NOTE =
  'The same ONNX file and input in one run: model and input hidden, outputs public, keys made in that time. EZKL verifies with a key that is stored, we derive ours in the time given; its weights are hidden without a commitment. Largest error: of an output against float32.';

/** EZKL on the same ONNX file; undefined where it was not asked for. */
export function inferencePeersTable(run) {
  const rows = run.records.filter((r) => r.kind === 'ezklInfer').flatMap(peerRows);
  return rows.length > 0 ? `${table(PEER_HEAD, rows)}\n\n${PEER_NOTE}` : undefined;
}

function peerRows(record) {
  if (record.status !== 'done') return [[record.network, whyMissing(record)]];
  const { version, ours, theirs } = record.result;
  const line = (name, rows, r) => [
    record.network,
    name,
    rows,
    seconds(r.wholeMs),
    seconds(r.wholeCpuMs),
    short(r.verifyingMs),
    r.proofBytes,
    megabytes(r.keyBytes),
    megabytes(r.peakBytes),
    r.largestError.toExponential(1),
  ];
  return [line(`ours, ${record.engine}`, `2^${ours.k}`, ours), line(`EZKL ${version}`, theirs.rows, theirs)];
}
