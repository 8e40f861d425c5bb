import { randomBytes } from 'node:crypto';
import { borderOf } from '../prove/border.js';
import type { TaskOptions } from '../prove/checks.js';
import { type ProofFile, proveToFile } from '../prove/proofFile.js';
import type { IntegerStep } from './integerStep.js';
import type { StepPlace } from './stepOptions.js';
import type { StepProver } from './stepProver.js';

/** Commits to both checkpoints and the batch, and proves the step. The proof is verified before it is returned. */
export async function proveStep(
  prover: StepProver,
  step: IntegerStep,
  place: StepPlace,
  options: TaskOptions = {},
): Promise<ProofFile> {
  const spec = prover.plan(step.spec);
  const { pool } = await prover.at(spec.shape.k);
  const border = (weights: BigInt64Array, salt: Uint8Array) =>
    borderOf(pool, spec, { weights, salt }, options);
  return proveToFile(
    prover,
    {
      spec,
      place: {
        runId: place.runId ?? `0x00${randomBytes(31).toString('hex')}`,
        firstStep: place.step ?? 0,
        epoch: place.epoch ?? 0,
        eta: step.eta.toString(),
      },
      before: border(step.before, place.saltBefore ?? randomBytes(32)),
      after: border(step.after, randomBytes(32)),
      data: { x: step.x, y: step.y, salt: randomBytes(32) },
      base: step.base && prover.base(spec, step.base, place.baseSalt, options.priority),
    },
    options,
  );
}
