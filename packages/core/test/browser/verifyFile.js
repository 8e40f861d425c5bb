// A page's web worker: verifies the file that it is sent by the verifier's function of that name.
import { verifyAggregate, verifyTrainingProof } from '/packages/verifier/dist/index.js';

const functions = { verifyAggregate, verifyTrainingProof };

self.onmessage = async ({ data: { name, file, options } }) => {
  try {
    const { ok, failure } = await functions[name](file, options);
    self.postMessage({ ok, code: failure?.code });
  } catch (e) {
    self.postMessage({ error: `${e?.code} ${e?.message} ${e?.cause}` });
  }
};
