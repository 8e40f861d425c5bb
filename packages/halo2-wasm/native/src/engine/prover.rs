//! The class `Prover`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::engine::genesis_secrets::GenesisSecrets;
use crate::engine::renewal_secrets::RenewalSecrets;
use crate::engine::window_secrets::WindowSecrets;
use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::{BigInt64ArraySlice, Int32ArraySlice, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;

/// Keys, commitments and proofs over one structured reference string. `transcript`: `blake2b` or `poseidon`.
#[napi]
pub struct Prover(Slot<(api::Prover, Threads)>);

impl Prover {
    fn run<R: Send>(&self, method: impl FnOnce(&mut api::Prover) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(inner, threads)| threads.run(|| method(inner))))
    }
}

#[napi]
impl Prover {
    /// `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, threads: Option<u32>) -> napi::Result<Self> {
        let srs = srs.to_vec();
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let inner = threads.run(|| api::Prover::new(&srs))?;
            Ok(Self(Slot::new((inner, threads))))
        })
    }

    /// Threads from the next call on.
    #[napi]
    pub fn set_threads(&self, threads: u32) -> napi::Result<()> {
        export(|| self.0.with(|(_, own)| own.set(threads)))
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    #[napi]
    pub fn keygen(&self, spec_json: String) -> napi::Result<String> {
        self.run(|inner| inner.keygen(&spec_json))
    }

    /// Digest of the verifying key, derived from the specification alone.
    #[napi]
    pub fn vk_digest(&self, spec_json: String) -> napi::Result<String> {
        self.run(|inner| inner.vk_digest(&spec_json))
    }

    /// What a key follows from, in one hash (64 hex digits): the name of the key in a cache.
    #[napi]
    pub fn key_id(&self, spec_json: String) -> napi::Result<String> {
        self.run(|inner| inner.key_id(&spec_json))
    }

    /// The proving key as bytes, made now where there is none.
    #[napi]
    pub fn export_key(&self, spec_json: String) -> napi::Result<Uint8Array> {
        Ok(self.run(|inner| inner.export_key(&spec_json))?.into())
    }

    /// Takes an exported key, for proving alone: the digest of its verifying key.
    #[napi]
    pub fn import_key(&self, spec_json: String, key: Uint8ArraySlice<'_>) -> napi::Result<String> {
        let key = key.to_vec();
        self.run(|inner| inner.import_key(&spec_json, &key))
    }

    /// Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
    #[napi]
    pub fn commit_weights(&self, spec_json: String, weights: BigInt64ArraySlice<'_>, salt: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
        let weights = weights.to_vec();
        let salt = salt.to_vec();
        Ok(self.run(|inner| inner.commit_weights(&spec_json, &weights, &salt))?.into())
    }

    /// Commitments to the frozen base's columns; an empty salt is that of a public base.
    #[napi]
    pub fn commit_base(&self, spec_json: String, base: BigInt64ArraySlice<'_>, salt: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
        let base = base.to_vec();
        let salt = salt.to_vec();
        Ok(self.run(|inner| inner.commit_base(&spec_json, &base, &salt))?.into())
    }

    /// Commitments to one shard's columns.
    #[napi]
    pub fn commit_data(
        &self,
        spec_json: String,
        x: Int32ArraySlice<'_>,
        y: Int32ArraySlice<'_>,
        salt: Uint8ArraySlice<'_>,
    ) -> napi::Result<Uint8Array> {
        let x = x.to_vec();
        let y = y.to_vec();
        let salt = salt.to_vec();
        Ok(self.run(|inner| inner.commit_data(&spec_json, &x, &y, &salt))?.into())
    }

    /// Proves a window.
    #[napi]
    pub fn prove_window(&self, spec_json: String, public_json: String, secrets: WindowSecrets, transcript: String) -> napi::Result<Uint8Array> {
        let secrets = secrets.copy();
        Ok(self.run(|inner| inner.prove_window(&spec_json, &public_json, &secrets, &transcript))?.into())
    }

    /// Proves the range of a run's first weights, and of its frozen base.
    #[napi]
    pub fn prove_genesis(&self, spec_json: String, public_json: String, secrets: GenesisSecrets, transcript: String) -> napi::Result<Uint8Array> {
        let secrets = secrets.copy();
        Ok(self.run(|inner| inner.prove_genesis(&spec_json, &public_json, &secrets, &transcript))?.into())
    }

    /// Proves that a shard's, or a frozen base's, commitments under two salts are to one content. Not in engines built before there were
    /// renewals.
    #[napi]
    pub fn prove_renewal(&self, spec_json: String, public_json: String, secrets: RenewalSecrets, transcript: String) -> napi::Result<Uint8Array> {
        let secrets = secrets.copy();
        Ok(self.run(|inner| inner.prove_renewal(&spec_json, &public_json, &secrets, &transcript))?.into())
    }

    /// Verifies such a proof with the key that follows from the specification.
    #[napi]
    pub fn verify_renewal(&self, spec_json: String, public_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<()> {
        let proof = proof.to_vec();
        self.run(|inner| inner.verify_renewal(&spec_json, &public_json, &proof, &transcript))
    }

    /// Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of its own commitments.
    #[napi]
    pub fn verify(&self, spec_json: String, public_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<String> {
        let proof = proof.to_vec();
        self.run(|inner| inner.verify(&spec_json, &public_json, &proof, &transcript))
    }

    /// Checks a proof with the key that it was made with, which may be imported: for its maker alone.
    #[napi]
    pub fn check_own(&self, spec_json: String, public_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<()> {
        let proof = proof.to_vec();
        self.run(|inner| inner.check_own(&spec_json, &public_json, &proof, &transcript))
    }

    /// Drops it now, not when JavaScript collects the object.
    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
