//! The class `Executor`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::error::export;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The integer SGD executor.
///
/// Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct Executor(RefCell<api::Executor>);

#[wasm_bindgen]
impl Executor {
    /// `base`: the frozen weights, empty where there are none.
    #[wasm_bindgen(constructor)]
    pub fn new(spec_json: &str, weights: &[i64], base: &[i64]) -> Result<Executor, JsValue> {
        export(|| Ok(Self(RefCell::new(api::Executor::new(spec_json, weights, base)?))))
    }

    /// One step in place: `{"loss", "correct"}` before the update. `number`: the step's, from 0, for Adam.
    pub fn step(&self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<String, JsValue> {
        export(|| self.0.borrow_mut().step(x, y, eta, number))
    }

    /// Outputs at scale a, `[samples][outputs]`; under a cross-entropy before softmax or sigmoid.
    pub fn predict(&self, x: &[i32]) -> Result<Vec<i32>, JsValue> {
        export(|| self.0.borrow_mut().predict(x))
    }

    /// A copy of the weights.
    pub fn weights(&self) -> Result<Vec<i64>, JsValue> {
        export(|| self.0.borrow_mut().weights())
    }

    #[wasm_bindgen(js_name = setWeights)]
    pub fn set_weights(&self, weights: &[i64]) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().set_weights(weights))
    }
}
