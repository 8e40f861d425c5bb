//! Aggregation of window proofs, and verification of aggregates. Their on-chain form is the Node addon's alone.

use crate::error::export;
use pot_aggregator::api::{AggregateVerifier as InnerVerifier, Aggregation as Inner};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// log2 of the rows whose key and proof fit into WebAssembly's 4 GiB (docs/operate/aggregating.md).
const MOST: u32 = 19;

/// An aggregator of one window circuit. Methods borrow it shared, as the prover's do.
#[wasm_bindgen]
pub struct Aggregation(RefCell<Inner>);

#[wasm_bindgen]
impl Aggregation {
    /// Makes the key. `places`: 0: as many windows a proof as fit the rows that two need.
    #[wasm_bindgen(constructor)]
    pub fn new(srs: &[u8], spec_json: &str, places: u32) -> Result<Aggregation, JsValue> {
        export(|| Ok(Self(RefCell::new(Inner::new(srs, spec_json, places as usize, MOST)?))))
    }

    /// `{"digest", "windowKey", "k", "places", "proofBytes"}`.
    pub fn info(&self) -> Result<String, JsValue> {
        export(|| Ok(self.0.borrow().info()))
    }

    /// The verifying key.
    pub fn key(&self) -> Result<Vec<u8>, JsValue> {
        export(|| Ok(self.0.borrow().key()))
    }

    /// The next aggregate's JSON; `previous` is empty for the first.
    pub fn prove(&self, previous: &str, members: &str) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().prove((!previous.is_empty()).then_some(previous), members))
    }

    pub fn verify(&self, aggregate: &str) -> Result<(), JsValue> {
        export(|| self.0.borrow().verify(aggregate))
    }
}

/// Verifies aggregates of one key.
#[wasm_bindgen]
pub struct AggregateVerifier(InnerVerifier);

#[wasm_bindgen]
impl AggregateVerifier {
    /// `srs`: the string that everything was made with, of any size.
    #[wasm_bindgen(constructor)]
    pub fn new(key: &[u8], srs: &[u8]) -> Result<AggregateVerifier, JsValue> {
        export(|| Ok(Self(InnerVerifier::new(key, srs)?)))
    }

    pub fn digest(&self) -> Result<String, JsValue> {
        export(|| Ok(self.0.digest()))
    }

    pub fn verify(&self, spec_json: &str, aggregate: &str) -> Result<(), JsValue> {
        export(|| self.0.verify(spec_json, aggregate))
    }
}
