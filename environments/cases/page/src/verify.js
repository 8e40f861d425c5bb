import {
  aggregationPin,
  deriveHere,
  parseAggregate,
  referenceFor,
  verifyAggregate,
  verifyTrainingRun,
} from '@proof-of-training/verifier';

const accept = { allowDevelopmentSrs: true };

/** Whether each of these bundles verifies. */
async function runs(urls) {
  const one = async (url) => (await verifyTrainingRun(await fetch(url))).ok;
  return (await Promise.all(urls.map(one))).join(' ');
}

/** Whether the aggregate verifies, whether it does with another end, and what a thread says that is to derive its key. */
async function aggregate(url) {
  const file = parseAggregate(await (await fetch(url)).text());
  const { run } = file;
  const { key } = file.aggregate;
  const options = { ...accept, aggregationKey: aggregationPin(key.digest, run.keys.window) };
  const { ok } = await verifyAggregate(file, options);
  const forged = structuredClone(file);
  forged.aggregate.public.endStep += run.spec.steps;
  const { ok: other } = await verifyAggregate(forged, options);
  // Of too few points: a key takes minutes, and the thread begins all the same.
  const { srs } = await referenceFor(run.srs, run.spec.shape.k, accept);
  const derived = await deriveHere(run.spec, srs, key.windowsPerProof).catch((e) => e.code);
  return `${ok} ${other} ${derived}`;
}

/** What is found of these files, in words. */
export async function verify(bundles, aggregateUrl) {
  try {
    return `runs ${await runs(bundles)}, aggregate ${await aggregate(aggregateUrl)}`;
  } catch (e) {
    return `failed: ${e} ${e.cause ?? ''}`;
  }
}
