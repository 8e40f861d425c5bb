//! The integer SGD executor.

use crate::error::export;
use pot_sgd::executor::Executor as Inner;
use pot_sgd::spec::SgdSpec;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The executor. Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct Executor(RefCell<Inner>);

#[wasm_bindgen]
impl Executor {
    /// `weights`: scale w, flat order of docs/protocol.md.
    #[wasm_bindgen(constructor)]
    pub fn new(spec_json: &str, weights: Vec<i64>) -> Result<Executor, JsValue> {
        export(|| Ok(Self(RefCell::new(Inner::new(&SgdSpec::from_json(spec_json)?, weights)?))))
    }

    /// One step in place: x `[batch][inputs]` at scale a, y `[batch][outputs]`. `{"loss", "correct"}` before the update.
    pub fn step(&self, x: &[i32], y: &[i32], eta: i64) -> Result<String, JsValue> {
        export(|| {
            let outcome = self.0.borrow_mut().step(x, y, eta)?;
            Ok(serde_json::json!({ "loss": outcome.loss, "correct": outcome.correct }).to_string())
        })
    }

    /// Outputs before any activation, at scale a, `[samples][outputs]`.
    pub fn predict(&self, x: &[i32]) -> Result<Vec<i32>, JsValue> {
        export(|| self.0.borrow().predict(x))
    }

    /// A copy of the weights.
    pub fn weights(&self) -> Result<Vec<i64>, JsValue> {
        export(|| Ok(self.0.borrow().weights().to_vec()))
    }

    #[wasm_bindgen(js_name = setWeights)]
    pub fn set_weights(&self, weights: Vec<i64>) -> Result<(), JsValue> {
        export(|| self.0.borrow_mut().set_weights(weights))
    }
}
