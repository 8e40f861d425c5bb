//! The integer SGD executor.

use crate::guard::export;
use crate::slot::Slot;
use napi::bindgen_prelude::{BigInt, BigInt64Array, BigInt64ArraySlice, Int32Array, Int32ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;
use pot_sgd::api;
use pot_sgd::executor::Executor as Inner;

#[napi]
pub struct Executor(Slot<Inner>);

#[napi]
impl Executor {
    /// `base`: the frozen weights, empty where there are none.
    #[napi(constructor)]
    pub fn new(spec_json: String, weights: BigInt64ArraySlice<'_>, base: BigInt64ArraySlice<'_>) -> napi::Result<Self> {
        export(|| Ok(Self(Slot::new(api::executor(&spec_json, weights.to_vec(), base.to_vec())?))))
    }

    #[napi]
    pub fn step(&self, x: Int32ArraySlice<'_>, y: Int32ArraySlice<'_>, eta: BigInt, number: Option<BigInt>) -> napi::Result<String> {
        export(|| {
            let (eta, lossless) = eta.get_i64();
            if !lossless {
                return Err(PotError::new("ETA_RANGE", "eta does not fit 64 bits".into()));
            }
            let number = match number.map(|n| n.get_u64()) {
                Some((false, n, true)) => Some(n),
                None => None,
                _ => return Err(PotError::new("STEP_NUMBER", "a step's number must lie in 0..2^64".into())),
            };
            let (x, y) = (x.to_vec(), y.to_vec());
            self.0.with(|executor| api::step(executor, &x, &y, eta, number))
        })
    }

    /// Outputs before any activation, at scale a, `[samples][outputs]`.
    #[napi]
    pub fn predict(&self, x: Int32ArraySlice<'_>) -> napi::Result<Int32Array> {
        let x = x.to_vec();
        export(|| Ok(self.0.with(|executor| executor.predict(&x))?.into()))
    }

    /// A copy of the weights.
    #[napi]
    pub fn weights(&self) -> napi::Result<BigInt64Array> {
        export(|| Ok(self.0.with(|executor| Ok(executor.weights().to_vec()))?.into()))
    }

    #[napi]
    pub fn set_weights(&self, weights: BigInt64ArraySlice<'_>) -> napi::Result<()> {
        export(|| self.0.with(|executor| executor.set_weights(weights.to_vec())))
    }

    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
