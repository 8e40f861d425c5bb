//! What JavaScript calls, in JSON and bytes: the methods behind packages/halo2-wasm/src/exports.ts, from which the faces
//! of the WebAssembly module (all but the on-chain form) and of the Node addon are made.

#[cfg(feature = "evm")]
pub use onchain::OnChain;
#[cfg(feature = "prover")]
pub use proving::Aggregation;

use crate::recursion::statement::Aggregate;
use crate::recursion::verifier::AggregateKey;
use pot_proof_system::engine::Srs;
use pot_proof_system::error::PotError;
use pot_proof_system::srs;
use pot_sgd::spec::SgdSpec;

fn aggregate(json: &str) -> Result<Aggregate, PotError> {
    serde_json::from_str(json).map_err(|e| PotError::new("AGGREGATE_INVALID", format!("the aggregate: {e}")))
}

/// Verifies aggregates of one key.
pub struct AggregateVerifier {
    key: AggregateKey,
    srs: Srs,
}

impl AggregateVerifier {
    /// `key`: [`Aggregation::key`]; `srs`: the SRS that everything was made with, of any size.
    ///
    /// Errors: `KEY_INVALID`, `SRS_*`.
    pub fn new(key: &[u8], srs_bytes: &[u8]) -> Result<Self, PotError> {
        Ok(Self { key: AggregateKey::from_bytes(key)?, srs: srs::from_bytes(srs_bytes)? })
    }

    /// Digest of the key: what says whose key it is.
    pub fn digest(&self) -> Result<String, PotError> {
        Ok(self.key.digest())
    }

    /// Errors: `AGGREGATE_INVALID`, `AGGREGATE_KEY`, `AGGREGATE_ACCUMULATOR`, `PUBLIC_INVALID`, `VERIFY_FAILED`.
    pub fn verify(&self, spec_json: &str, json: &str) -> Result<(), PotError> {
        self.key.verify(&self.srs, &SgdSpec::from_json(spec_json)?, &aggregate(json)?)
    }
}

#[cfg(feature = "prover")]
mod proving {
    use super::aggregate;
    use crate::form::Form;
    use crate::recursion::aggregator::Aggregator;
    use crate::recursion::path::Path;
    use crate::recursion::rules::{Member, Named};
    use crate::window::{WindowKey, WindowProof};
    use pot_proof_system::engine::{Srs, Transcript};
    use pot_proof_system::error::PotError;
    use pot_proof_system::srs::{self, MAX_K};
    use pot_sgd::prover::Prover;
    use pot_sgd::spec::SgdSpec;
    use pot_sgd::statement::{field_from_hex, Public};
    use serde::Deserialize;
    use serde_json::json;

    /// log2 of the rows whose key and proof there is memory for: WebAssembly has 4 GiB (docs/operate/aggregating.md).
    const MOST: u32 = if cfg!(target_arch = "wasm32") { 19 } else { MAX_K };

    /// A window as it arrives.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct MemberJson {
        public: Public,
        /// base64url without padding.
        #[serde(with = "crate::recursion::statement::base64url")]
        proof: Vec<u8>,
        /// The shard's index in the dataset.
        shard: u64,
        /// Nodes beside its path in the dataset's tree, from below.
        siblings: Vec<String>,
        /// What the run has where its windows have their own.
        named: Option<Named>,
    }

    impl MemberJson {
        fn member(self) -> Result<Member, PotError> {
            let siblings = self.siblings.iter().map(|v| field_from_hex("siblings", v)).collect::<Result<Vec<_>, _>>()?;
            let path = Path { index: self.shard, siblings };
            Ok(Member { window: WindowProof { public: self.public, proof: self.proof }, path, named: self.named })
        }
    }

    /// What an aggregation circuit is made from.
    pub(super) struct Windows {
        pub prover: Prover,
        pub key: WindowKey,
        pub places: usize,
    }

    impl Windows {
        /// As [`Aggregation::new`] says.
        pub fn new(srs: &Srs, spec_json: &str, places: u32, form: &str) -> Result<Self, PotError> {
            let spec = SgdSpec::from_json(spec_json)?;
            let mut prover = Prover::with_transcript(srs::cut(srs, spec.shape()?.k)?, Transcript::Poseidon);
            let key = WindowKey::with_form(&mut prover, &spec, Form::from_json(form)?)?;
            let places = if places == 0 { Aggregator::places_that_fit(srs, &key)? } else { places as usize };
            Ok(Self { prover, key, places })
        }
    }

    /// An aggregator with the prover that checks the windows.
    pub struct Aggregation {
        aggregator: Aggregator,
        prover: Prover,
    }

    impl Aggregation {
        /// Makes the verifying key for windows of this specification, `places` of them a proof (0: as many as fit the rows that
        /// two need): seconds. The proving key is made with the first proof. `srs`: the windows' own SRS, of as many points as the circuit needs.
        /// `form`: JSON of `Form`; empty where windows differ in nothing.
        ///
        /// Errors: `OPTION_INVALID`, `SPEC_INVALID`, `AGGREGATE_UNSUPPORTED`, `AGGREGATE_EMPTY`, `AGGREGATION_TOO_LARGE`, `SRS_*`.
        pub fn new(srs_bytes: &[u8], spec_json: &str, places: u32, form: &str) -> Result<Self, PotError> {
            let srs: Srs = srs::from_bytes(srs_bytes)?;
            let Windows { prover, key, places } = Windows::new(&srs, spec_json, places, form)?;
            Ok(Self { aggregator: Aggregator::within(&srs, key, places, MOST)?, prover })
        }

        /// `{"digest", "windowKey", "k", "places", "proofBytes"}`.
        pub fn info(&self) -> Result<String, PotError> {
            let a = &self.aggregator;
            let window_key = &a.window_key().digest;
            Ok(json!({ "digest": a.digest(), "windowKey": window_key, "k": a.k(), "places": a.places(), "proofBytes": a.proof_bytes() }).to_string())
        }

        /// The verifying key.
        pub fn key(&self) -> Result<Vec<u8>, PotError> {
            Ok(self.aggregator.verifying_key().to_bytes())
        }

        /// The next aggregate: `previous`, an aggregate's JSON or empty, continued by the windows of `members`, an array of
        /// `{"public", "proof", "shard", "siblings", "named"?}`.
        ///
        /// Errors: `AGGREGATE_*`, `PUBLIC_INVALID`, `VERIFY_*`.
        pub fn prove(&mut self, previous: &str, members: &str) -> Result<String, PotError> {
            let previous = (!previous.is_empty()).then(|| aggregate(previous)).transpose()?;
            let members: Vec<MemberJson> =
                serde_json::from_str(members).map_err(|e| PotError::new("AGGREGATE_INVALID", format!("the windows: {e}")))?;
            let members = members.into_iter().map(MemberJson::member).collect::<Result<Vec<_>, _>>()?;
            let next = self.aggregator.prove(&mut self.prover, previous.as_ref(), &members)?;
            Ok(json!(next).to_string())
        }

        /// Errors: those of [`AggregateVerifier::verify`].
        pub fn verify(&self, json: &str) -> Result<(), PotError> {
            self.aggregator.verify(&aggregate(json)?)
        }
    }
}

#[cfg(feature = "evm")]
mod onchain {
    use super::{aggregate, proving::Windows};
    use crate::compression::keys::Compression;
    use crate::recursion::aggregator::Aggregator;
    use crate::recursion::verifier::AggregateKey;
    use crate::window::Snark;
    use crate::wrapper::contract::calldata;
    use crate::wrapper::keys::Wrapper;
    use pot_proof_system::engine::Srs;
    use pot_proof_system::error::PotError;
    use pot_proof_system::srs;
    use pot_sgd::spec::SgdSpec;
    use serde_json::json;
    use std::sync::Arc;

    /// The on-chain form of one aggregation circuit's aggregates: each is verified by a compression proof, which the wrapper verifies.
    pub struct OnChain {
        spec: SgdSpec,
        key: AggregateKey,
        compression: Compression,
        wrapper: Wrapper,
        srs: Arc<Srs>,
    }

    impl OnChain {
        /// Makes the wrapper's key, about a minute. `srs`: the SRS that everything was made with; its size is the wrapper's, 2^20 points or
        /// more. `spec_json` and `places` as in [`super::Aggregation::new`].
        ///
        /// Errors: those of [`super::Aggregation::new`].
        pub fn new(srs_bytes: &[u8], spec_json: &str, places: u32, form: &str) -> Result<Self, PotError> {
            let srs = Arc::new(srs::from_bytes(srs_bytes)?);
            let Windows { prover, key: window, places } = Windows::new(&srs, spec_json, places, form)?;
            drop(prover);
            let key = Aggregator::only_verifying_key(&srs, &window, places)?;
            let compression = Compression::new(&srs, key.vk())?;
            let wrapper = Wrapper::new(&srs, compression.inner()?)?;
            Ok(Self { spec: window.spec, key, compression, wrapper, srs })
        }

        /// Solidity text of the contract that verifies (solc 0.8.19).
        pub fn contract(&self) -> Result<String, PotError> {
            self.wrapper.solidity(&self.srs)
        }

        /// Proves that the aggregate verifies: `{"key", "proofBytes", "calldata"}`, calldata as 0x hex. Minutes.
        ///
        /// Errors: those of verification, for an aggregate that does not hold; `WRAPPER_*`.
        pub fn wrap(&self, json: &str) -> Result<String, PotError> {
            let aggregate = aggregate(json)?;
            self.key.verify(&self.srs, &self.spec, &aggregate)?;
            let compressed = self.compression.prove(&Snark { instance: aggregate.instance(&self.spec)?, proof: aggregate.proof })?;
            self.compression.verify(&compressed)?;
            let wrapped = self.wrapper.prove(&self.srs, &self.wrapper.inner().snark(compressed.instance, compressed.proof)?)?;
            self.wrapper.verify(&self.srs, &wrapped)?;
            let bytes = calldata(&wrapped);
            Ok(json!({ "key": self.wrapper.digest(), "proofBytes": wrapped.proof.len(), "calldata": format!("0x{}", hex::encode(bytes)) })
                .to_string())
        }
    }
}
