//! The class `OnChain`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// Wraps aggregates of one circuit for a contract.
#[napi]
pub struct OnChain(Slot<(api::OnChain, Threads)>);

impl OnChain {
    fn run<R: Send>(&self, method: impl FnOnce(&mut api::OnChain) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| method(inner))))
    }
}

#[napi]
impl OnChain {
    /// Makes the wrapper's key: a minute or two. `srs`: 2^20 points or more, of the SRS that everything was made with.
    /// `formJson`: as for an aggregation.
    ///
    /// `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, spec_json: String, places: u32, form_json: Option<String>, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| api::OnChain::new(&srs, &spec_json, places, form_json.as_deref().unwrap_or_default()))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// Solidity text of the contract that verifies.
    #[napi]
    pub fn contract(&self) -> napi::Result<String> {
        self.run(|inner| inner.contract())
    }

    /// The proof for the contract: `{"key", "proofBytes", "calldata"}`. Minutes.
    #[napi]
    pub fn wrap(&self, aggregate_json: String) -> napi::Result<String> {
        self.run(|inner| inner.wrap(&aggregate_json))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
