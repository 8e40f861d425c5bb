// A page's web worker: loads the prover from the package as it is served, verifies what it is sent.
import { loadProver } from '/packages/halo2-wasm/dist/index.js';

self.onmessage = async ({ data: { file, flip } }) => {
  try {
    const halo2 = await loadProver();
    const proof = Uint8Array.from(atob(file.proof.replace(/-/g, '+').replace(/_/g, '/')), (c) =>
      c.charCodeAt(0),
    );
    if (flip !== undefined) proof[flip] ^= 1;
    const prover = halo2.prover(halo2.srsDevelopment(file.srs.k));
    const spec = JSON.stringify(file.spec);
    const key = prover.vkDigest(spec);
    const verified = prover.verify(spec, JSON.stringify(file.public), proof);
    self.postMessage({ ok: true, key, verified });
  } catch (e) {
    self.postMessage({ ok: false, code: e?.code ?? String(e) });
  }
};
