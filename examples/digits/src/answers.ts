/** What the trained model says of images that it never saw, proven to come from the weights that the run ended with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainResult, VerificationReport } from '@proof-of-training/core';
import { fileUses, proveInference, verifyInference } from '@proof-of-training/inference/node';
import { line } from './screen.js';

/** Images in the one proof. */
const IMAGES = 32;

/** Proves answers, verifies them against what the run ended with, and shows that another answer is refused. Gives the file's path. */
export async function answersChapter(
  { opening, data }: Pick<TrainResult, 'opening' | 'data'>,
  { proven }: VerificationReport,
  dir: string,
  accept: { allowDevelopmentSrs?: boolean },
): Promise<string> {
  const pixels = data.test.x.subarray(0, IMAGES * data.inputs);
  const from = Date.now();
  const { proof, outputs } = await proveInference({
    ...accept,
    opening,
    inputs: pixels,
    uses: fileUses(join(dir, 'opening.uses')),
    // The images are everybody's; the weights stay behind their commitment.
    show: { inputs: 'public' },
  });
  const proving = Date.now() - from;
  const right = outputs.filter((scores, i) => largest(scores) === largest(label(data, i))).length;
  // The run was verified just now: what it ended with is enough. Others give `run: bundle`.
  const weights = proven!.weightsAfter;
  const verified = await verifyInference(proof, { ...accept, expected: { weights } });
  if (!verified.ok) throw new Error(`no answers: ${verified.failure?.message}`);
  line(
    `  ${IMAGES} images that it never saw, in one proof of ${bytesOf(proof.proof)} bytes: ${(proving / 1000).toFixed(1)} s`,
  );
  line(`  ok       the answers are those of the weights behind ${weights.slice(0, 18)}…, which the run`);
  line(`           ended with; ${right} of ${IMAGES} are right`);
  const { failure } = await verifyInference(lie(proof), accept);
  if (!failure) throw new Error('another answer was accepted');
  line(
    `  refused  another answer for the first image\n           ${failure.message.split('\n')[0]} [${failure.code}]`,
  );
  const file = join(dir, 'answers.json');
  writeFileSync(file, `${JSON.stringify(proof)}\n`);
  return file;
}

type Proof = Awaited<ReturnType<typeof proveInference>>['proof'];

/** The same proof with the first image's scores in another order. */
function lie(proof: Proof): Proof {
  const copy = structuredClone(proof);
  if (typeof copy.public.outputs === 'object' && 'public' in copy.public.outputs) {
    const [scores] = copy.public.outputs.public;
    const [a, b] = [scores![0]!, scores![1]!];
    scores!.splice(0, 2, a === b ? a + 1 : b, a);
  }
  return copy;
}

const bytesOf = (base64url: string) => Math.floor((base64url.length * 3) / 4);
const label = (data: TrainResult['data'], i: number) =>
  data.test.y.subarray(i * data.outputs, (i + 1) * data.outputs);
const largest = (row: ArrayLike<number>) =>
  Array.from(row).reduce((best, v, i, all) => (v > all[best]! ? i : best), 0);
