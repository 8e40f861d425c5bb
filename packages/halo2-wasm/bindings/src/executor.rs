//! The integer SGD executor.

use crate::error::export;
use pot_sgd::api;
use pot_sgd::executor::Executor as Inner;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The executor. Methods borrow it shared, so that a panic in one leaves the others able to say what happened.
#[wasm_bindgen]
pub struct Executor(RefCell<Inner>);

#[wasm_bindgen]
impl Executor {
    /// `base`: the frozen weights, empty where there are none.
    #[wasm_bindgen(constructor)]
    pub fn new(spec_json: &str, weights: Vec<i64>, base: Vec<i64>) -> Result<Executor, JsValue> {
        export(|| Ok(Self(RefCell::new(api::executor(spec_json, weights, base)?))))
    }

    pub fn step(&self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<String, JsValue> {
        export(|| api::step(&mut self.0.borrow_mut(), x, y, eta, number))
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
