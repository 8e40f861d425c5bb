// Type-checked alone.
import { type VerificationReport, verifyTrainingRun } from '@proof-of-training/verifier';

export async function isProven(bundle: string): Promise<boolean> {
  const report: VerificationReport = await verifyTrainingRun(new TextEncoder().encode(bundle), {
    expected: { start: 'seed' },
  });
  return report.ok;
}
