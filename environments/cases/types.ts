// Type-checked alone.
import { type VerificationReport, verifyTrainingRun } from '@proof-of-training/verifier';

export async function isProven(bundle: string, run: string): Promise<boolean> {
  const report: VerificationReport = await verifyTrainingRun(new TextEncoder().encode(bundle), {
    expected: { run },
  });
  return report.ok;
}
