//! Keys, commitments, proofs and their verification.

use crate::error::{export, salt};
use pot_sgd::prover::{Prover as Inner, WindowInput, WindowPoints};
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::Public;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A prover and verifier over one reference string. Methods borrow it shared, as the executor's do.
#[wasm_bindgen]
pub struct Prover(RefCell<Inner>);

#[wasm_bindgen]
impl Prover {
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8]) -> Result<Prover, JsValue> {
        export(|| Ok(Self(RefCell::new(Inner::new(pot_halo2::srs::from_bytes(srs)?)))))
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    pub fn keygen(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| {
            let digest = self.0.borrow_mut().keygen(&SgdSpec::from_json(spec_json)?)?;
            Ok(serde_json::json!({ "vkDigest": digest }).to_string())
        })
    }

    /// Digest of the verifying key, derived from the specification alone.
    #[wasm_bindgen(js_name = vkDigest)]
    pub fn vk_digest(&self, spec_json: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().vk_digest(&SgdSpec::from_json(spec_json)?))
    }

    /// Drops all keys.
    #[wasm_bindgen(js_name = forgetKeys)]
    pub fn forget_keys(&self) -> Result<(), JsValue> {
        export(|| {
            self.0.borrow_mut().forget_keys();
            Ok(())
        })
    }

    /// Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
    #[wasm_bindgen(js_name = commitWeights)]
    pub fn commit_weights(&self, spec_json: &str, weights: &[i64], salt_bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().commit_weights(&SgdSpec::from_json(spec_json)?, weights, salt("salt", salt_bytes)?))
    }

    /// Commitments to one shard's columns.
    #[wasm_bindgen(js_name = commitData)]
    pub fn commit_data(&self, spec_json: &str, x: &[i32], y: &[i32], salt_bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().commit_data(&SgdSpec::from_json(spec_json)?, x, y, salt("salt", salt_bytes)?))
    }

    /// Proves a window. `w_k` is empty in exact mode. `points_*` are the commitments that `commitWeights` and
    /// `commitData` gave for these contents and salts, or empty: then they are made again.
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
    ) -> Result<Vec<u8>, JsValue> {
        export(|| {
            let input = WindowInput {
                w0,
                salt0: salt("salt0", salt0)?,
                wk: (!w_k.is_empty()).then_some(w_k),
                salt_k: salt("saltK", salt_k)?,
                x,
                y,
                data_salt: salt("dataSalt", data_salt)?,
                points: WindowPoints { w0: points0, wk: points_k, data: points_data },
            };
            self.0.borrow_mut().prove_window(&SgdSpec::from_json(spec_json)?, &Public::from_json(public_json)?, &input)
        })
    }

    /// Proves the range of a run's first weights.
    #[wasm_bindgen(js_name = proveGenesis)]
    pub fn prove_genesis(&self, spec_json: &str, public_json: &str, w0: &[i64], salt0: &[u8]) -> Result<Vec<u8>, JsValue> {
        export(|| {
            let (spec, public) = (SgdSpec::from_json(spec_json)?, Public::from_json(public_json)?);
            self.0.borrow_mut().prove_genesis(&spec, &public, w0, salt("salt0", salt0)?)
        })
    }

    /// Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of the proof's own commitments
    /// (empty strings where the kind has none). Throws `VERIFY_*` where it does not hold.
    pub fn verify(&self, spec_json: &str, public_json: &str, proof: &[u8]) -> Result<String, JsValue> {
        export(|| {
            let (spec, public) = (SgdSpec::from_json(spec_json)?, Public::from_json(public_json)?);
            self.0.borrow_mut().verify(&spec, &public, proof)?;
            // `verify` has compared the public digests with those of the proof's commitments.
            let Public { weights_in, weights_out, data, .. } = public;
            Ok(serde_json::json!({ "ok": true, "weightsIn": weights_in, "weightsOut": weights_out, "data": data }).to_string())
        })
    }
}
