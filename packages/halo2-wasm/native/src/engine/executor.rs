//! The class `Executor`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::guard::export;
use crate::numbers::{i64_of, u64_of};
use crate::slot::Slot;
use napi::bindgen_prelude::{BigInt, BigInt64Array, BigInt64ArraySlice, Int32Array, Int32ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// The integer SGD executor.
#[napi]
pub struct Executor(Slot<api::Executor>);

impl Executor {
    fn run<R>(&self, method: impl FnOnce(&mut api::Executor) -> Result<R, PotError>) -> napi::Result<R> {
        export(|| self.0.with(method))
    }
}

#[napi]
impl Executor {
    /// `base`: the frozen weights, empty where there are none.
    #[napi(constructor)]
    pub fn new(spec_json: String, weights: BigInt64ArraySlice<'_>, base: BigInt64ArraySlice<'_>) -> napi::Result<Self> {
        let weights = weights.to_vec();
        let base = base.to_vec();
        export(|| Ok(Self(Slot::new(api::Executor::new(&spec_json, &weights, &base)?))))
    }

    /// One step in place: `{"loss", "correct"}` before the update. `number`: the step's, from 0, for Adam.
    #[napi]
    pub fn step(&self, x: Int32ArraySlice<'_>, y: Int32ArraySlice<'_>, eta: BigInt, number: Option<BigInt>) -> napi::Result<String> {
        let x = x.to_vec();
        let y = y.to_vec();
        let eta = i64_of("eta", &eta)?;
        let number = number.map(|n| u64_of("number", &n)).transpose()?;
        self.run(|inner| inner.step(&x, &y, eta, number))
    }

    /// Outputs at scale a, `[samples][outputs]`; under a cross-entropy before softmax or sigmoid.
    #[napi]
    pub fn predict(&self, x: Int32ArraySlice<'_>) -> napi::Result<Int32Array> {
        let x = x.to_vec();
        Ok(self.run(|inner| inner.predict(&x))?.into())
    }

    /// A copy of the weights.
    #[napi]
    pub fn weights(&self) -> napi::Result<BigInt64Array> {
        Ok(self.run(|inner| inner.weights())?.into())
    }

    #[napi]
    pub fn set_weights(&self, weights: BigInt64ArraySlice<'_>) -> napi::Result<()> {
        let weights = weights.to_vec();
        self.run(|inner| inner.set_weights(&weights))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
