//! The class `GraphProver`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::engine::graph_secrets::GraphSecrets;
use crate::error::export;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Proves and verifies what one specification says. `transcript`: `blake2b` or `poseidon`.
///
/// Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct GraphProver(RefCell<api::GraphProver>);

#[wasm_bindgen]
impl GraphProver {
    /// `graphJson`, `settingsJson`: the canonical texts (docs/protocol/graph-proof.md, section 1).
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8], graph_json: &str, settings_json: &str) -> Result<GraphProver, JsValue> {
        export(|| Ok(Self(RefCell::new(api::GraphProver::new(srs, graph_json, settings_json)?))))
    }

    /// What is proven, as JSON: `digest` and `graphDigest` of specification and graph; `kind`; `k`, log2 of the rows; `maxUses`, the proofs
    /// that one salt may blind; `tensors` as the graph has them; `outputs` in the order of the nodes, each `{"name", "shape", "bits"}`.
    pub fn info(&self) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().info())
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    pub fn keygen(&self) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().keygen())
    }

    /// Digest of the verifying key, derived from the specification alone.
    #[wasm_bindgen(js_name = vkDigest)]
    pub fn vk_digest(&self) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().vk_digest())
    }

    /// The digest that a statement shows of a group (`weights`, `weightsAfter`, `frozen`, `state`, `stateAfter`, `inputs`, `outputs`): of
    /// the entries of its tensors, or outputs, in their order. An empty salt is 32 zeros.
    pub fn digest(&self, group: &str, entries: &[i64], salt: &[u8]) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().digest(group, entries, salt))
    }

    /// A proof for `{"context", "rate"?, "firstStep"?, "uses"?}`: `{"statement", "proof"}`, the latter base64url.
    pub fn prove(&self, request_json: &str, secrets: &GraphSecrets, transcript: &str) -> Result<String, JsValue> {
        let secrets = secrets.copy();
        export(|| self.0.borrow_mut().prove(request_json, &secrets, transcript))
    }

    /// Verifies one proof with the key that follows from the specification.
    pub fn verify(&self, statement_json: &str, proof: &[u8], transcript: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().verify(statement_json, proof, transcript))
    }
}
