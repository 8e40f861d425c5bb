//! The class `AggregateVerifier`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::error::export;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Verifies aggregates of one key.
///
/// Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct AggregateVerifier(RefCell<api::AggregateVerifier>);

#[wasm_bindgen]
impl AggregateVerifier {
    /// `srs`: the SRS that everything was made with, of any size. Not in engines built before there was aggregation.
    #[wasm_bindgen(constructor)]
    pub fn new(key: &[u8], srs: &[u8]) -> Result<AggregateVerifier, JsValue> {
        export(|| Ok(Self(RefCell::new(api::AggregateVerifier::new(key, srs)?))))
    }

    /// Digest of the key: what says whose key it is.
    pub fn digest(&self) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().digest())
    }

    pub fn verify(&self, spec_json: &str, aggregate_json: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().verify(spec_json, aggregate_json))
    }
}
