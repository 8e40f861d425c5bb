import { megabytes, seconds, short } from '../report/table.mjs';

/** One line about a finished case, for progress; undefined where it is not done. */
export function summary({ kind, status, result: r }) {
  if (status !== 'done') return undefined;
  if (kind === 'pool') return `${short(r.proofsPerHour)} proofs an hour`;
  if (kind === 'strings')
    return `first ${seconds(r.firstMs)} s, create ${seconds(r.createMs)} s, verify ${seconds(r.verifyMs)} s`;
  if (kind === 'ledger')
    return `${Math.round(r.appendsPerSecond)} appends a second, p99 ${short(r.oneP99Ms)} ms, verify ${seconds(r.verifyMs)} s`;
  if (kind === 'inference')
    return `prove ${seconds(r.provingMs)} s (CPU ${seconds(r.provingCpuMs)} s), key ${seconds(r.keygenMs)} s, verify ${short(r.verifyingMs)} ms, ${r.proofBytes} B`;
  if (kind === 'ezklInfer')
    return `ours ${seconds(r.ours.wholeMs)} s, EZKL ${seconds(r.theirs.wholeMs)} s, keys included`;
  if (kind === 'aggregate') return `${short(r.ms / 1000)} s, ${r.compression.aggregateBytes} bytes`;
  if (kind === 'loraBatch') {
    const { first, again } = r;
    return `${seconds(first.reachedMs)} s (CPU ${seconds(first.cpuMs)} s), again ${seconds(again.reachedMs)} s`;
  }
  if (kind === 'chips')
    return `k = ${r.k}, ${r.terms} points, key ${seconds(r.keygenMs)} s, proof ${seconds(r.provingMs)} s`;
  if (r.provingMs === undefined) return 'done';
  const cpu = r.provingCpuMs === undefined ? '' : ` (CPU ${seconds(r.provingCpuMs)} s)`;
  return `prove ${seconds(r.provingMs)} s${cpu}, key ${seconds(r.keygenMs)} s, verify ${short(r.verifyingMs)} ms, ${r.proofBytes} B, peak ${megabytes(r.peakBytes)} MB`;
}
