//! The class `Aggregation`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::{Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// Makes aggregates of one window circuit.
#[napi]
pub struct Aggregation(Slot<(api::Aggregation, Threads)>);

impl Aggregation {
    fn run<R: Send>(&self, method: impl FnOnce(&mut api::Aggregation) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| method(inner))))
    }
}

#[napi]
impl Aggregation {
    /// Makes the key: seconds. `places`: windows a proof, 0: as many as fit the rows that two need. `formJson`: what the
    /// windows of a run may differ in, `{"rates"?, "renewed"?}`; absent: in nothing. Not in engines built before there was
    /// aggregation.
    ///
    /// `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, spec_json: String, places: u32, form_json: Option<String>, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| api::Aggregation::new(&srs, &spec_json, places, form_json.as_deref().unwrap_or_default()))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// `{"digest", "windowKey", "k", "places", "proofBytes"}`.
    #[napi]
    pub fn info(&self) -> napi::Result<String> {
        self.run(|inner| inner.info())
    }

    /// The verifying key.
    #[napi]
    pub fn key(&self) -> napi::Result<Uint8Array> {
        Ok(self.run(|inner| inner.key())?.into())
    }

    /// The next aggregate's JSON; `previousJson` is empty for the first.
    #[napi]
    pub fn prove(&self, previous_json: String, members_json: String) -> napi::Result<String> {
        self.run(|inner| inner.prove(&previous_json, &members_json))
    }

    #[napi]
    pub fn verify(&self, aggregate_json: String) -> napi::Result<()> {
        self.run(|inner| inner.verify(&aggregate_json))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
