// A page's web worker: verifies the bundle that it is sent, with the verifier as it is packed.
import { loadProver } from '/packages/halo2-wasm/dist/index.js';
import { verifyTrainingRun } from '/packages/verifier/dist/index.js';

self.onmessage = async ({ data: { bundle, threads } }) => {
  try {
    const { ok, failure, proven } = await verifyTrainingRun(bundle, { threads });
    // The prover that has verified: another number of threads would be refused here.
    const { threads: had } = await loadProver({ threads });
    self.postMessage({ ok, code: failure?.code, steps: proven?.steps, threads: had });
  } catch (e) {
    self.postMessage({ error: `${e?.code} ${e?.message} ${e?.cause}` });
  }
};
