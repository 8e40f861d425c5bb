// A page's web worker: proves the window that it is sent on the ceremony's string, or says what its cache holds, or alters it.
import { ceremonyPowers, ceremonySrs, IGNITION, loadProver } from '/packages/halo2-wasm/dist/index.js';

const NAME = 'proof-of-training';

self.onmessage = async ({ data: { k, alter, specJson, publicJson, witness } }) => {
  try {
    if (alter) {
      const cache = await caches.open(NAME);
      const [key] = await cache.keys();
      const stored = await cache.match(key);
      const bytes = new Uint8Array(await stored.clone().arrayBuffer());
      bytes[200] ^= 1;
      await cache.put(key, new Response(bytes, { headers: stored.headers }));
    }
    const halo2 = await loadProver();
    const begun = performance.now();
    const srs = await ceremonySrs(halo2, k);
    const ms = performance.now() - begun;
    const prover = halo2.prover(srs.bytes);
    prover.keygen(specJson);
    const proof = prover.proveWindow(specJson, publicJson, {
      w0: BigInt64Array.from(witness.w0, BigInt),
      wK: new BigInt64Array(0),
      x: Int32Array.from(witness.x),
      y: Int32Array.from(witness.y),
      salt0: Uint8Array.from(witness.salt0),
      saltK: Uint8Array.from(witness.saltK),
      dataSalt: Uint8Array.from(witness.dataSalt),
    });
    const verifier = halo2.prover((await ceremonyPowers(halo2, k)).bytes);
    verifier.verify(specJson, publicJson, proof);
    proof[proof.length >> 1] ^= 1;
    let refused;
    try {
      verifier.verify(specJson, publicJson, proof);
    } catch (e) {
      refused = e.code;
    }
    proof[proof.length >> 1] ^= 1;
    const entries = (await (await caches.open(NAME)).keys()).map(({ url }) => url);
    const named = srs.hash === IGNITION.hash && srs.ceremony.name;
    self.postMessage({ proof: Array.from(proof), refused, named, entries, ms });
  } catch (e) {
    self.postMessage({ error: `${e?.code} ${e?.message} ${e?.cause}` });
  }
};
