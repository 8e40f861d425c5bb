//! Verification of aggregates.

use crate::error::export;
use pot_aggregator::recursion::api::AggregateVerifier as Inner;
use wasm_bindgen::prelude::*;

/// Verifies aggregates of one key.
#[wasm_bindgen]
pub struct AggregateVerifier(Inner);

#[wasm_bindgen]
impl AggregateVerifier {
    /// `srs`: the string that everything was made with, of any size.
    #[wasm_bindgen(constructor)]
    pub fn new(key: &[u8], srs: &[u8]) -> Result<AggregateVerifier, JsValue> {
        export(|| Ok(Self(Inner::new(key, srs)?)))
    }

    pub fn digest(&self) -> Result<String, JsValue> {
        export(|| Ok(self.0.digest()))
    }

    pub fn verify(&self, spec_json: &str, aggregate: &str) -> Result<(), JsValue> {
        export(|| self.0.verify(spec_json, aggregate))
    }
}
