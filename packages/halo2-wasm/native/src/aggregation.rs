//! Aggregation of window proofs, and verification of aggregates. Arguments are copied before they are read, as in `prover.rs`.

use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::{Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use pot_aggregator::api::{AggregateVerifier as InnerVerifier, Aggregation as Inner, OnChain as InnerOnChain};
use pot_proof_system::error::PotError;
use pot_proof_system::srs::MAX_K;

/// An aggregator of one window circuit, with threads of its own.
#[napi]
pub struct Aggregation(Slot<(Inner, Threads)>);

impl Aggregation {
    fn run<R: Send>(&self, method: impl FnOnce(&mut Inner) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| method(inner))))
    }
}

#[napi]
impl Aggregation {
    /// Makes the key: seconds. `places`: 0: as many windows a proof as fit the rows that two need. `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, spec_json: String, places: u32, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| Inner::new(&srs, &spec_json, places as usize, MAX_K))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// `{"digest", "windowKey", "k", "places", "proofBytes"}`.
    #[napi]
    pub fn info(&self) -> napi::Result<String> {
        self.run(|a| Ok(a.info()))
    }

    /// The verifying key.
    #[napi]
    pub fn key(&self) -> napi::Result<Uint8Array> {
        Ok(self.run(|a| Ok(a.key()))?.into())
    }

    /// The next aggregate's JSON; `previous` is empty for the first.
    #[napi]
    pub fn prove(&self, previous: String, members: String) -> napi::Result<String> {
        self.run(|a| a.prove((!previous.is_empty()).then_some(&*previous), &members))
    }

    #[napi]
    pub fn verify(&self, aggregate: String) -> napi::Result<()> {
        self.run(|a| a.verify(&aggregate))
    }

    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}

/// Verifies aggregates of one key.
#[napi]
pub struct AggregateVerifier(Slot<InnerVerifier>);

#[napi]
impl AggregateVerifier {
    /// `srs`: the string that everything was made with, of any size.
    #[napi(constructor)]
    pub fn new(key: Uint8ArraySlice<'_>, srs: Uint8ArraySlice<'_>) -> napi::Result<Self> {
        let (key, srs) = (key.to_vec(), srs.to_vec());
        export(|| Ok(Self(Slot::new(InnerVerifier::new(&key, &srs)?))))
    }

    #[napi]
    pub fn digest(&self) -> napi::Result<String> {
        export(|| self.0.with(|v| Ok(v.digest())))
    }

    #[napi]
    pub fn verify(&self, spec_json: String, aggregate: String) -> napi::Result<()> {
        export(|| self.0.with(|v| v.verify(&spec_json, &aggregate)))
    }

    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}

/// The on-chain form of one aggregation circuit's aggregates.
#[napi]
pub struct OnChain(Slot<(InnerOnChain, Threads)>);

#[napi]
impl OnChain {
    /// Makes the wrapper's key: a minute or two. `srs`: 2^20 points or more, of the string that everything was made with.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, spec_json: String, places: u32, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| InnerOnChain::new(&srs, &spec_json, places as usize))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// Solidity text of the contract that verifies.
    #[napi]
    pub fn contract(&self) -> napi::Result<String> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| inner.contract())))
    }

    /// The proof for the contract: `{"key", "proofBytes", "calldata"}`. Minutes.
    #[napi]
    pub fn wrap(&self, aggregate: String) -> napi::Result<String> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| inner.wrap(&aggregate))))
    }

    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
