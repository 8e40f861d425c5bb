import { PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceReport } from '@proof-of-training/verifier';

/** A report that says yes. Errors: the failure that it names. */
export function requireHolds(report: InferenceReport): InferenceReport {
  if (report.ok) return report;
  const failure = report.failure ?? { code: 'VERIFY_FAILED', message: 'the proof does not hold' };
  throw PotError.fromJSON(failure);
}
