//! The class `AggregateVerifier`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::guard::export;
use crate::slot::Slot;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// Verifies aggregates of one key.
#[napi]
pub struct AggregateVerifier(Slot<api::AggregateVerifier>);

impl AggregateVerifier {
    fn run<R>(&self, method: impl FnOnce(&mut api::AggregateVerifier) -> Result<R, PotError>) -> napi::Result<R> {
        export(|| self.0.with(method))
    }
}

#[napi]
impl AggregateVerifier {
    /// `srs`: the SRS that everything was made with, of any size. Not in engines built before there was aggregation.
    #[napi(constructor)]
    pub fn new(key: Uint8ArraySlice<'_>, srs: Uint8ArraySlice<'_>) -> napi::Result<Self> {
        let key = key.to_vec();
        let srs = srs.to_vec();
        export(|| Ok(Self(Slot::new(api::AggregateVerifier::new(&key, &srs)?))))
    }

    /// Digest of the key: what says whose key it is.
    #[napi]
    pub fn digest(&self) -> napi::Result<String> {
        self.run(|inner| inner.digest())
    }

    #[napi]
    pub fn verify(&self, spec_json: String, aggregate_json: String) -> napi::Result<()> {
        self.run(|inner| inner.verify(&spec_json, &aggregate_json))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
