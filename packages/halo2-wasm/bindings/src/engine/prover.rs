//! The class `Prover`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::engine::genesis_secrets::GenesisSecrets;
use crate::engine::renewal_secrets::RenewalSecrets;
use crate::engine::window_secrets::WindowSecrets;
use crate::error::export;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Keys, commitments and proofs over one structured reference string. `transcript`: `blake2b` or `poseidon`.
///
/// Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct Prover(RefCell<api::Prover>);

#[wasm_bindgen]
impl Prover {
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8]) -> Result<Prover, JsValue> {
        export(|| Ok(Self(RefCell::new(api::Prover::new(srs)?))))
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    pub fn keygen(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().keygen(spec_json))
    }

    /// Digest of the verifying key, derived from the specification alone.
    #[wasm_bindgen(js_name = vkDigest)]
    pub fn vk_digest(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().vk_digest(spec_json))
    }

    /// What a key follows from, in one hash (64 hex digits): the name of the key in a cache.
    #[wasm_bindgen(js_name = keyId)]
    pub fn key_id(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().key_id(spec_json))
    }

    /// The proving key as bytes, made now where there is none.
    #[wasm_bindgen(js_name = exportKey)]
    pub fn export_key(&self, spec_json: &str) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().export_key(spec_json))
    }

    /// Takes an exported key, for proving alone: the digest of its verifying key.
    #[wasm_bindgen(js_name = importKey)]
    pub fn import_key(&self, spec_json: &str, key: &[u8]) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().import_key(spec_json, key))
    }

    /// Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
    #[wasm_bindgen(js_name = commitWeights)]
    pub fn commit_weights(&self, spec_json: &str, weights: &[i64], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().commit_weights(spec_json, weights, salt))
    }

    /// Commitments to the frozen base's columns; an empty salt is that of a public base.
    #[wasm_bindgen(js_name = commitBase)]
    pub fn commit_base(&self, spec_json: &str, base: &[i64], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().commit_base(spec_json, base, salt))
    }

    /// Commitments to one shard's columns.
    #[wasm_bindgen(js_name = commitData)]
    pub fn commit_data(&self, spec_json: &str, x: &[i32], y: &[i32], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().commit_data(spec_json, x, y, salt))
    }

    /// Proves a window.
    #[wasm_bindgen(js_name = proveWindow)]
    pub fn prove_window(&self, spec_json: &str, public_json: &str, secrets: &WindowSecrets, transcript: &str) -> Result<Vec<u8>, JsValue> {
        let secrets = secrets.copy();
        export(|| self.0.borrow_mut().prove_window(spec_json, public_json, &secrets, transcript))
    }

    /// Proves the range of a run's first weights, and of its frozen base.
    #[wasm_bindgen(js_name = proveGenesis)]
    pub fn prove_genesis(&self, spec_json: &str, public_json: &str, secrets: &GenesisSecrets, transcript: &str) -> Result<Vec<u8>, JsValue> {
        let secrets = secrets.copy();
        export(|| self.0.borrow_mut().prove_genesis(spec_json, public_json, &secrets, transcript))
    }

    /// Proves that a shard's, or a frozen base's, commitments under two salts are to one content. Not in engines built before there were
    /// renewals.
    #[wasm_bindgen(js_name = proveRenewal)]
    pub fn prove_renewal(&self, spec_json: &str, public_json: &str, secrets: &RenewalSecrets, transcript: &str) -> Result<Vec<u8>, JsValue> {
        let secrets = secrets.copy();
        export(|| self.0.borrow_mut().prove_renewal(spec_json, public_json, &secrets, transcript))
    }

    /// Verifies such a proof with the key that follows from the specification.
    #[wasm_bindgen(js_name = verifyRenewal)]
    pub fn verify_renewal(&self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().verify_renewal(spec_json, public_json, proof, transcript))
    }

    /// Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of its own commitments.
    pub fn verify(&self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().verify(spec_json, public_json, proof, transcript))
    }

    /// Checks a proof with the key that it was made with, which may be imported: for its maker alone.
    #[wasm_bindgen(js_name = checkOwn)]
    pub fn check_own(&self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().check_own(spec_json, public_json, proof, transcript))
    }
}
