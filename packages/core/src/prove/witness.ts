import { type Halo2, PotError } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { publicBaseSalt } from '@proof-of-training/verifier/run';
import type { ProverResult, ProverTask } from './tasks.js';

type Statement = Extract<ProverTask, { kind: 'window' | 'genesis' }>;

/**
 * Debug mode's check of a proof's witness: takes an exact window's steps once more with the integer executor and
 * compares each digest of the statement with a commitment made from the witness.
 *
 * Errors: `DEBUG_WITNESS`, naming the digest that differs; those of the executor.
 */
export async function checkWitness(
  halo2: Halo2,
  task: Statement,
  run: (commitment: ProverTask) => Promise<ProverResult & { digest?: string }>,
): Promise<void> {
  const { spec } = task;
  const weights = (values: BigInt64Array, salt: Uint8Array) =>
    run({ kind: 'commitWeights', spec, weights: values, salt });
  const compare = async (name: 'weightsIn' | 'weightsOut' | 'data' | 'base', made: Promise<ProverResult>) => {
    const { digest } = await made;
    if (digest === task.public[name]) return;
    throw new PotError('DEBUG_WITNESS', `the statement's ${name} is not the commitment to its witness`, {
      details: { name, statement: task.public[name], witness: digest },
      hint: 'Weights, data or a salt were changed after they were committed to.',
    });
  };
  const { base, baseSalt = publicBaseSalt() } = task;
  if (base) await compare('base', run({ kind: 'commitBase', spec, base, salt: baseSalt }));
  if (task.kind === 'genesis') return compare('weightsIn', weights(task.weights, task.salt));
  const { x, y, dataSalt } = task;
  await compare('weightsIn', weights(task.before, task.saltBefore));
  await compare('data', run({ kind: 'commitData', spec, x, y, salt: dataSalt }));
  const after = spec.mode === 'exact' ? replay(halo2, spec, task) : task.after;
  await compare('weightsOut', weights(after, task.saltAfter));
}

function replay(
  halo2: Halo2,
  spec: SgdSpec,
  { before, base, x, y, public: statement }: Extract<ProverTask, { kind: 'window' }>,
): BigInt64Array {
  const executor = halo2.executor(JSON.stringify(spec), before, base);
  try {
    const [width, outputs] = [x.length / spec.steps, y.length / spec.steps];
    for (let s = 0; s < spec.steps; s++) {
      const part = (v: Int32Array, size: number) => v.slice(s * size, (s + 1) * size);
      executor.step(part(x, width), part(y, outputs), BigInt(statement.eta), BigInt(statement.firstStep + s));
    }
    return executor.weights();
  } finally {
    executor.free();
  }
}
