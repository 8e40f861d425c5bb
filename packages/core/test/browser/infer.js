// A page's web worker: proves what a model gives for a visitor's numbers, and verifies it against the run, as the packages are packed.
import { memoryUses, proveInference, verifyInference } from '/packages/inference/dist/index.js';

self.onmessage = async ({ data: { opening, bundle, inputs } }) => {
  try {
    const { proof, outputs } = await proveInference({ opening, inputs, uses: memoryUses() });
    const { ok, failure, inference } = await verifyInference(proof, { run: bundle });
    const lie = structuredClone(proof);
    lie.public.outputs.public[0][0] += 1;
    const refused = await verifyInference(lie, {});
    self.postMessage({
      ok,
      code: failure?.code,
      run: inference?.run,
      samples: outputs.length,
      refused: refused.failure?.code,
    });
  } catch (e) {
    self.postMessage({ error: `${e?.code} ${e?.message} ${e?.cause}` });
  }
};
