//! Keys, commitments, proofs and their verification.

use crate::error::export;
use pot_sgd::api::{self, BaseBytes, WindowBytes};
use pot_sgd::prover::{Prover as Inner, WindowPoints};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A prover and verifier over one reference string. Methods borrow it shared, as the executor's do.
#[wasm_bindgen]
pub struct Prover(RefCell<Inner>);

#[wasm_bindgen]
impl Prover {
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8]) -> Result<Prover, JsValue> {
        export(|| Ok(Self(RefCell::new(api::prover(srs)?))))
    }

    pub fn keygen(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| api::keygen(&mut self.0.borrow_mut(), spec_json))
    }

    #[wasm_bindgen(js_name = vkDigest)]
    pub fn vk_digest(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| api::vk_digest(&mut self.0.borrow_mut(), spec_json))
    }

    /// Drops all keys.
    #[wasm_bindgen(js_name = forgetKeys)]
    pub fn forget_keys(&self) -> Result<(), JsValue> {
        export(|| {
            self.0.borrow_mut().forget_keys();
            Ok(())
        })
    }

    #[wasm_bindgen(js_name = keyId)]
    pub fn key_id(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| api::key_id(&mut self.0.borrow_mut(), spec_json))
    }

    #[wasm_bindgen(js_name = exportKey)]
    pub fn export_key(&self, spec_json: &str) -> Result<Vec<u8>, JsValue> {
        export(|| api::export_key(&mut self.0.borrow_mut(), spec_json))
    }

    #[wasm_bindgen(js_name = importKey)]
    pub fn import_key(&self, spec_json: &str, bytes: &[u8]) -> Result<String, JsValue> {
        export(|| api::import_key(&mut self.0.borrow_mut(), spec_json, bytes))
    }

    #[wasm_bindgen(js_name = commitWeights)]
    pub fn commit_weights(&self, spec_json: &str, weights: &[i64], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| api::commit_weights(&mut self.0.borrow_mut(), spec_json, weights, salt))
    }

    /// Commitments to the frozen base's columns; an empty salt is that of a public base.
    #[wasm_bindgen(js_name = commitBase)]
    pub fn commit_base(&self, spec_json: &str, base: &[i64], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| api::commit_base(&mut self.0.borrow_mut(), spec_json, &BaseBytes { weights: base, salt }))
    }

    #[wasm_bindgen(js_name = commitData)]
    pub fn commit_data(&self, spec_json: &str, x: &[i32], y: &[i32], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| api::commit_data(&mut self.0.borrow_mut(), spec_json, x, y, salt))
    }

    /// Proves a window. `w_k` is empty in exact mode. `points_*` are the commitments that `commitWeights` and
    /// `commitData` gave for these contents and salts, or empty: then they are made again. Without a frozen base, `base` and its points are empty.
    #[wasm_bindgen(js_name = proveWindow)]
    #[allow(clippy::too_many_arguments)]
    pub fn prove_window(
        &self,
        spec_json: &str,
        public_json: &str,
        w0: &[i64],
        salt0: &[u8],
        w_k: &[i64],
        salt_k: &[u8],
        x: &[i32],
        y: &[i32],
        data_salt: &[u8],
        points0: &[u8],
        points_k: &[u8],
        points_data: &[u8],
        base: &[i64],
        base_salt: &[u8],
        points_base: &[u8],
        transcript: &str,
    ) -> Result<Vec<u8>, JsValue> {
        let points = WindowPoints { w0: points0, wk: points_k, base: points_base, data: points_data };
        let base = BaseBytes { weights: base, salt: base_salt };
        let window = WindowBytes { w0, salt0, w_k, salt_k, x, y, data_salt, base, points };
        export(|| api::prove_window(&mut self.0.borrow_mut(), spec_json, public_json, &window, transcript))
    }

    #[wasm_bindgen(js_name = proveGenesis)]
    #[allow(clippy::too_many_arguments)]
    pub fn prove_genesis(
        &self,
        spec_json: &str,
        public_json: &str,
        w0: &[i64],
        salt0: &[u8],
        base: &[i64],
        base_salt: &[u8],
        transcript: &str,
    ) -> Result<Vec<u8>, JsValue> {
        let base = BaseBytes { weights: base, salt: base_salt };
        export(|| api::prove_genesis(&mut self.0.borrow_mut(), spec_json, public_json, w0, salt0, &base, transcript))
    }

    pub fn verify(&self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<String, JsValue> {
        export(|| api::verify(&mut self.0.borrow_mut(), spec_json, public_json, proof, transcript))
    }

    #[wasm_bindgen(js_name = checkOwn)]
    pub fn check_own(&self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), JsValue> {
        export(|| api::check_own(&mut self.0.borrow_mut(), spec_json, public_json, proof, transcript))
    }
}
