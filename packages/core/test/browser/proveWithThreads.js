// A page's web worker: asks for threads, proves the window that it is sent, and says how many threads it had.
import { loadProver } from '/packages/halo2-wasm/dist/index.js';

self.onmessage = async ({ data: { threads, k, specJson, publicJson, witness } }) => {
  try {
    const halo2 = await loadProver({ threads });
    const had = halo2.threads;
    const prover = halo2.prover(halo2.srsDevelopment(k));
    const key = prover.keygen(specJson);
    const proof = prover.proveWindow(specJson, publicJson, {
      w0: BigInt64Array.from(witness.w0, BigInt),
      wK: new BigInt64Array(0),
      x: Int32Array.from(witness.x),
      y: Int32Array.from(witness.y),
      salt0: Uint8Array.from(witness.salt0),
      saltK: Uint8Array.from(witness.saltK),
      dataSalt: Uint8Array.from(witness.dataSalt),
    });
    await halo2.close();
    // The next one starts its threads anew.
    const again = await loadProver({ threads });
    self.postMessage({ threads: had, again: again.threads, key, proof: Array.from(proof) });
  } catch (e) {
    self.postMessage({ error: `${e?.code} ${e?.message} ${e?.cause}` });
  }
};
