//! Keys, commitments, proofs and their verification.
//!
//! Every argument is copied before it is read: JavaScript may share its buffers with other threads, and a proof that changes
//! between the digests' check and halo2's would be two proofs.

use crate::guard::export;
use crate::slot::Slot;
use crate::threads::Threads;
use napi::bindgen_prelude::{BigInt64ArraySlice, Int32ArraySlice, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use pot_proof_system::error::PotError;
use pot_sgd::api::{self, BaseBytes, WindowBytes};
use pot_sgd::prover::{Prover as Inner, WindowPoints};

/// A prover and verifier over one reference string, with threads of its own.
#[napi]
pub struct Prover(Slot<(Inner, Threads)>);

impl Prover {
    /// One method, on the prover's threads.
    fn run<R: Send>(&self, method: impl FnOnce(&mut Inner) -> Result<R, PotError> + Send) -> napi::Result<R> {
        export(|| self.0.with(|(prover, threads)| threads.run(|| method(prover))))
    }
}

#[napi]
impl Prover {
    /// `threads`: 0 or absent: as many as the machine has cores.
    #[napi(constructor)]
    pub fn new(srs: Uint8ArraySlice<'_>, threads: Option<u32>) -> napi::Result<Self> {
        export(|| {
            let threads = Threads::new(threads.unwrap_or(0))?;
            let srs = srs.to_vec();
            let prover = threads.run(|| api::prover(&srs))?;
            Ok(Self(Slot::new((prover, threads))))
        })
    }

    /// Threads from the next call on.
    #[napi]
    pub fn set_threads(&self, threads: u32) -> napi::Result<()> {
        export(|| self.0.with(|(_, own)| own.set(threads)))
    }

    #[napi]
    pub fn keygen(&self, spec_json: String) -> napi::Result<String> {
        self.run(|prover| api::keygen(prover, &spec_json))
    }

    #[napi]
    pub fn vk_digest(&self, spec_json: String) -> napi::Result<String> {
        self.run(|prover| api::vk_digest(prover, &spec_json))
    }

    /// Drops all keys.
    #[napi]
    pub fn forget_keys(&self) -> napi::Result<()> {
        self.run(|prover| {
            prover.forget_keys();
            Ok(())
        })
    }

    #[napi]
    pub fn key_id(&self, spec_json: String) -> napi::Result<String> {
        self.run(|prover| api::key_id(prover, &spec_json))
    }

    #[napi]
    pub fn export_key(&self, spec_json: String) -> napi::Result<Uint8Array> {
        Ok(self.run(|prover| api::export_key(prover, &spec_json))?.into())
    }

    #[napi]
    pub fn import_key(&self, spec_json: String, bytes: Uint8ArraySlice<'_>) -> napi::Result<String> {
        let bytes = bytes.to_vec();
        self.run(|prover| api::import_key(prover, &spec_json, &bytes))
    }

    #[napi]
    pub fn commit_weights(&self, spec_json: String, weights: BigInt64ArraySlice<'_>, salt: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
        let (weights, salt) = (weights.to_vec(), salt.to_vec());
        Ok(self.run(|prover| api::commit_weights(prover, &spec_json, &weights, &salt))?.into())
    }

    /// Commitments to the frozen base's columns; an empty salt is that of a public base.
    #[napi]
    pub fn commit_base(&self, spec_json: String, base: BigInt64ArraySlice<'_>, salt: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
        let (weights, salt) = (base.to_vec(), salt.to_vec());
        Ok(self.run(|prover| api::commit_base(prover, &spec_json, &BaseBytes { weights: &weights, salt: &salt }))?.into())
    }

    #[napi]
    pub fn commit_data(
        &self,
        spec_json: String,
        x: Int32ArraySlice<'_>,
        y: Int32ArraySlice<'_>,
        salt: Uint8ArraySlice<'_>,
    ) -> napi::Result<Uint8Array> {
        let (x, y, salt) = (x.to_vec(), y.to_vec(), salt.to_vec());
        Ok(self.run(|prover| api::commit_data(prover, &spec_json, &x, &y, &salt))?.into())
    }

    /// Proves a window. `w_k` is empty in exact mode.
    #[napi]
    #[allow(clippy::too_many_arguments)]
    pub fn prove_window(
        &self,
        spec_json: String,
        public_json: String,
        w0: BigInt64ArraySlice<'_>,
        salt0: Uint8ArraySlice<'_>,
        w_k: BigInt64ArraySlice<'_>,
        salt_k: Uint8ArraySlice<'_>,
        x: Int32ArraySlice<'_>,
        y: Int32ArraySlice<'_>,
        data_salt: Uint8ArraySlice<'_>,
        points0: Uint8ArraySlice<'_>,
        points_k: Uint8ArraySlice<'_>,
        points_data: Uint8ArraySlice<'_>,
        base: BigInt64ArraySlice<'_>,
        base_salt: Uint8ArraySlice<'_>,
        points_base: Uint8ArraySlice<'_>,
        transcript: String,
    ) -> napi::Result<Uint8Array> {
        let (w0, w_k, x, y) = (w0.to_vec(), w_k.to_vec(), x.to_vec(), y.to_vec());
        let (salt0, salt_k, data_salt) = (salt0.to_vec(), salt_k.to_vec(), data_salt.to_vec());
        let (points0, points_k, points_data) = (points0.to_vec(), points_k.to_vec(), points_data.to_vec());
        let (base, base_salt, points_base) = (base.to_vec(), base_salt.to_vec(), points_base.to_vec());
        let points = WindowPoints { w0: &points0, wk: &points_k, base: &points_base, data: &points_data };
        let base = BaseBytes { weights: &base, salt: &base_salt };
        let window = WindowBytes { w0: &w0, salt0: &salt0, w_k: &w_k, salt_k: &salt_k, x: &x, y: &y, data_salt: &data_salt, base, points };
        Ok(self.run(|prover| api::prove_window(prover, &spec_json, &public_json, &window, &transcript))?.into())
    }

    #[napi]
    #[allow(clippy::too_many_arguments)]
    pub fn prove_genesis(
        &self,
        spec_json: String,
        public_json: String,
        w0: BigInt64ArraySlice<'_>,
        salt0: Uint8ArraySlice<'_>,
        base: BigInt64ArraySlice<'_>,
        base_salt: Uint8ArraySlice<'_>,
        transcript: String,
    ) -> napi::Result<Uint8Array> {
        let (w0, salt0, weights, salt) = (w0.to_vec(), salt0.to_vec(), base.to_vec(), base_salt.to_vec());
        let base = BaseBytes { weights: &weights, salt: &salt };
        Ok(self.run(|prover| api::prove_genesis(prover, &spec_json, &public_json, &w0, &salt0, &base, &transcript))?.into())
    }

    #[napi]
    pub fn verify(&self, spec_json: String, public_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<String> {
        let proof = proof.to_vec();
        self.run(|prover| api::verify(prover, &spec_json, &public_json, &proof, &transcript))
    }

    #[napi]
    pub fn check_own(&self, spec_json: String, public_json: String, proof: Uint8ArraySlice<'_>, transcript: String) -> napi::Result<()> {
        let proof = proof.to_vec();
        self.run(|prover| api::check_own(prover, &spec_json, &public_json, &proof, &transcript))
    }

    #[napi]
    pub fn free(&self) {
        self.0.free();
    }
}
