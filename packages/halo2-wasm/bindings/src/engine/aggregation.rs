//! The class `Aggregation`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::error::export;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Makes aggregates of one window circuit.
///
/// Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct Aggregation(RefCell<api::Aggregation>);

#[wasm_bindgen]
impl Aggregation {
    /// Makes the key: seconds. `places`: windows a proof, 0: as many as fit the rows that two need. `formJson`: what the
    /// windows of a run may differ in, `{"rates"?, "renewed"?}`; absent: in nothing. Not in engines built before there was
    /// aggregation.
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8], spec_json: &str, places: u32, form_json: Option<String>) -> Result<Aggregation, JsValue> {
        export(|| Ok(Self(RefCell::new(api::Aggregation::new(srs, spec_json, places, form_json.as_deref().unwrap_or_default())?))))
    }

    /// `{"digest", "windowKey", "k", "places", "proofBytes"}`.
    pub fn info(&self) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().info())
    }

    /// The verifying key.
    pub fn key(&self) -> Result<Vec<u8>, JsValue> {
        export(|| self.0.borrow_mut().key())
    }

    /// The next aggregate's JSON; `previousJson` is empty for the first.
    pub fn prove(&self, previous_json: &str, members_json: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().prove(previous_json, members_json))
    }

    pub fn verify(&self, aggregate_json: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().verify(aggregate_json))
    }
}
