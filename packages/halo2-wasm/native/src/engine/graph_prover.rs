//! The class `GraphProver`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::engine::graph_secrets::GraphSecrets;
use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::{BigInt64ArraySlice, Uint8ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// Proves and verifies what one specification says. `transcript`: `blake2b` or `poseidon`.
#[napi]
pub struct GraphProver(Slot<(api::GraphProver, Threads)>);

impl GraphProver {
    fn run<R: Send>(&self, method: impl FnOnce(&mut api::GraphProver) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| method(inner))))
    }
}

#[napi]
impl GraphProver {
    /// `graphJson`, `settingsJson`: the canonical texts (docs/protocol/graph-proof.md, section 1).
    ///
    /// `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, graph_json: String, settings_json: String, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| api::GraphProver::new(&srs, &graph_json, &settings_json))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// What is proven, as JSON: `digest` and `graphDigest` of specification and graph; `kind`; `k`, log2 of the rows; `maxUses`, the proofs
    /// that one salt may blind; `tensors` as the graph has them; `outputs` in the order of the nodes, each `{"name", "shape", "bits"}`.
    #[napi]
    pub fn info(&self) -> napi::Result<String> {
        self.run(|inner| inner.info())
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    #[napi]
    pub fn keygen(&self) -> napi::Result<String> {
        self.run(|inner| inner.keygen())
    }

    /// Digest of the verifying key, derived from the specification alone.
    #[napi]
    pub fn vk_digest(&self) -> napi::Result<String> {
        self.run(|inner| inner.vk_digest())
    }

    /// The digest that a statement shows of a group (`weights`, `weightsAfter`, `frozen`, `state`, `stateAfter`, `inputs`, `outputs`): of
    /// the entries of its tensors, or outputs, in their order. An empty salt is 32 zeros.
    #[napi]
    pub fn digest(&self, group: String, entries: BigInt64ArraySlice<'_>, salt: Uint8ArraySlice<'_>) -> napi::Result<String> {
        let entries = entries.to_vec();
        let salt = salt.to_vec();
        self.run(|inner| inner.digest(&group, &entries, &salt))
    }

    /// A proof for `{"context", "rate"?, "firstStep"?, "uses"?}`: `{"statement", "proof"}`, the latter base64url.
    #[napi]
    pub fn prove(&self, request_json: String, secrets: GraphSecrets, transcript: String) -> napi::Result<String> {
        let secrets = secrets.copy();
        self.run(|inner| inner.prove(&request_json, &secrets, &transcript))
    }

    /// Verifies one proof with the key that follows from the specification.
    #[napi]
    pub fn verify(&self, statement_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<()> {
        let proof = proof.to_vec();
        self.run(|inner| inner.verify(&statement_json, &proof, &transcript))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
