//! What JavaScript calls, in JSON and bytes: the functions and methods behind packages/halo2-wasm/src/exports.ts, from
//! which the faces of the WebAssembly module and of the Node addon are made.

use crate::executor::Executor as Inner;
use crate::plan::{self, Constraints};
use crate::prover::{Base, Prover as InnerProver, RenewalInput, Salt, WindowInput, WindowPoints};
use crate::renewal::Renewed;
use crate::spec::SgdSpec;
use crate::statement::Public;
use ff::PrimeField;
use pot_proof_system::engine::Transcript;
use pot_proof_system::error::PotError;
use pot_proof_system::{poseidon, srs};
use serde_json::json;
use std::sync::Arc;

/// Fills in a specification's shape: the specification's JSON, with the estimates under `info`.
pub fn plan(spec_json: &str, constraints_json: &str) -> Result<String, PotError> {
    let spec = SgdSpec::from_json(spec_json)?;
    let constraints: Constraints =
        serde_json::from_str(constraints_json).map_err(|e| PotError::new("SPEC_INVALID", format!("planning constraints: {e}")))?;
    let (spec, info) = plan::plan(&spec, constraints)?;
    let invalid = |e: serde_json::Error| PotError::new("SPEC_INVALID", format!("the plan is not JSON: {e}"));
    let mut out: serde_json::Value = serde_json::from_str(&spec.to_json()).map_err(invalid)?;
    out["info"] = serde_json::to_value(info).map_err(invalid)?;
    Ok(out.to_string())
}

/// What the circuit takes and keeps for itself, as JSON: `limits.rs`.
pub fn limits() -> Result<String, PotError> {
    Ok(crate::limits::all().to_string())
}

/// The insecure development SRS of 2^k points.
pub fn srs_development(k: u32) -> Result<Vec<u8>, PotError> {
    Ok(srs::to_bytes(&srs::development(k)?))
}

/// The first 2^k powers of a `.ptau` file, checked.
pub fn srs_from_ptau(ptau: &[u8], k: u32) -> Result<Vec<u8>, PotError> {
    Ok(srs::to_bytes(&srs::from_ptau(ptau, k)?))
}

/// The first 2^k powers of a file of any known form, checked: with its Lagrange basis where the file is a `.ptau`, otherwise without.
pub fn srs_import(file: &[u8], k: u32) -> Result<Vec<u8>, PotError> {
    Ok(srs::to_bytes(&srs::import(file, k)?))
}

/// The string of the first 2^k powers, with its Lagrange basis.
pub fn srs_cut(bytes: &[u8], k: u32) -> Result<Vec<u8>, PotError> {
    Ok(srs::to_bytes(&srs::cut(&srs::from_bytes(bytes)?, k)?))
}

/// `{"k", "hash", "development"}` of a string.
pub fn srs_inspect(bytes: &[u8]) -> Result<String, PotError> {
    Ok(json!(srs::inspect(bytes)?).to_string())
}

/// Poseidon chain (`hash_chain` with domain 0) of 32-byte little-endian field elements; 32 bytes.
pub fn poseidon(inputs: &[u8]) -> Result<Vec<u8>, PotError> {
    Ok(poseidon::hash_chain(0, &poseidon::parse_fields(inputs)?).to_repr().as_ref().to_vec())
}

/// The integer SGD executor.
pub struct Executor(Inner);

impl Executor {
    /// `weights`: scale w, flat order of docs/protocol/protocol.md; `base`: the frozen base, empty where there is none.
    pub fn new(spec_json: &str, weights: &[i64], base: &[i64]) -> Result<Self, PotError> {
        Ok(Self(Inner::on(&SgdSpec::from_json(spec_json)?, weights.to_vec(), base.to_vec())?))
    }

    /// One step in place: x `[batch][inputs]` at scale a, y `[batch][outputs]`. `{"loss", "correct"}` before the update.
    /// `number`: the step's, from 0, for Adam.
    pub fn step(&mut self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<String, PotError> {
        let outcome = self.0.step(x, y, eta, number)?;
        Ok(json!({ "loss": outcome.loss, "correct": outcome.correct }).to_string())
    }

    /// Outputs at scale a, `[samples][outputs]`; under a cross-entropy before softmax or sigmoid.
    pub fn predict(&self, x: &[i32]) -> Result<Vec<i32>, PotError> {
        self.0.predict(x)
    }

    /// A copy of the weights.
    pub fn weights(&self) -> Result<Vec<i64>, PotError> {
        Ok(self.0.weights().to_vec())
    }

    pub fn set_weights(&mut self, weights: &[i64]) -> Result<(), PotError> {
        self.0.set_weights(weights.to_vec())
    }
}

/// A window's private inputs as they arrive; `w_k` is empty in exact mode, what is not known or not there is empty.
pub struct WindowSecrets {
    pub w0: Vec<i64>,
    pub salt0: Vec<u8>,
    pub w_k: Vec<i64>,
    pub salt_k: Vec<u8>,
    pub x: Vec<i32>,
    pub y: Vec<i32>,
    pub data_salt: Vec<u8>,
    pub base: Vec<i64>,
    pub base_salt: Vec<u8>,
    pub points0: Vec<u8>,
    pub points_k: Vec<u8>,
    pub points_data: Vec<u8>,
    pub points_base: Vec<u8>,
}

impl WindowSecrets {
    fn checked(&self) -> Result<WindowInput<'_>, PotError> {
        Ok(WindowInput {
            w0: &self.w0,
            salt0: salt("salt0", &self.salt0)?,
            wk: (!self.w_k.is_empty()).then_some(&self.w_k),
            salt_k: salt("saltK", &self.salt_k)?,
            x: &self.x,
            y: &self.y,
            data_salt: salt("dataSalt", &self.data_salt)?,
            base: base(&self.base, &self.base_salt)?,
            points: WindowPoints { w0: &self.points0, wk: &self.points_k, base: &self.points_base, data: &self.points_data },
        })
    }
}

/// A run's first weights as they arrive; without a frozen base, `base` is empty.
pub struct GenesisSecrets {
    pub w0: Vec<i64>,
    pub salt0: Vec<u8>,
    pub base: Vec<i64>,
    pub base_salt: Vec<u8>,
}

/// What a renewal commits to anew, as it arrives; what its public inputs do not name is empty.
pub struct RenewalSecrets {
    pub x: Vec<i32>,
    pub y: Vec<i32>,
    pub base: Vec<i64>,
    pub salt: Vec<u8>,
    pub fresh_salt: Vec<u8>,
}

/// A prover and verifier over one SRS.
pub struct Prover {
    inner: InnerProver,
    /// The specification of the latest call with its JSON: the calls of one task have the same.
    latest: Option<(String, Arc<SgdSpec>)>,
}

impl Prover {
    pub fn new(srs: &[u8]) -> Result<Self, PotError> {
        Ok(Self { inner: InnerProver::new(srs::from_bytes(srs)?), latest: None })
    }

    /// Parses and checks a specification, once for all the calls in a row that name it.
    fn spec(&mut self, json: &str) -> Result<Arc<SgdSpec>, PotError> {
        if let Some((known, spec)) = &self.latest {
            if known == json {
                return Ok(spec.clone());
            }
        }
        let spec = Arc::new(SgdSpec::from_json(json)?);
        self.latest = Some((json.to_string(), spec.clone()));
        Ok(spec)
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`.
    pub fn keygen(&mut self, spec_json: &str) -> Result<String, PotError> {
        let spec = self.spec(spec_json)?;
        Ok(json!({ "vkDigest": self.inner.keygen(&spec)? }).to_string())
    }

    /// Digest of the verifying key, derived from the specification alone.
    pub fn vk_digest(&mut self, spec_json: &str) -> Result<String, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.vk_digest(&spec)
    }

    /// What a key follows from, in one hash (64 hex digits): the name of the key in a cache.
    pub fn key_id(&mut self, spec_json: &str) -> Result<String, PotError> {
        let spec = self.spec(spec_json)?;
        Ok(hex::encode(self.inner.key_id(&spec)?))
    }

    /// The proving key as bytes, made now where there is none.
    pub fn export_key(&mut self, spec_json: &str) -> Result<Vec<u8>, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.export_key(&spec)
    }

    /// Takes an exported key, for proving alone: the digest of its verifying key. Errors: `KEY_INVALID`.
    pub fn import_key(&mut self, spec_json: &str, key: &[u8]) -> Result<String, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.import_key(&spec, key)
    }

    /// Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
    pub fn commit_weights(&mut self, spec_json: &str, weights: &[i64], salt_bytes: &[u8]) -> Result<Vec<u8>, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.commit_weights(&spec, weights, salt("salt", salt_bytes)?)
    }

    /// Commitments to the frozen base's columns; an empty salt is that of a public base.
    pub fn commit_base(&mut self, spec_json: &str, weights: &[i64], salt_bytes: &[u8]) -> Result<Vec<u8>, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.commit_base(&spec, &base(weights, salt_bytes)?)
    }

    /// Commitments to one shard's columns.
    pub fn commit_data(&mut self, spec_json: &str, x: &[i32], y: &[i32], salt_bytes: &[u8]) -> Result<Vec<u8>, PotError> {
        let spec = self.spec(spec_json)?;
        self.inner.commit_data(&spec, x, y, salt("salt", salt_bytes)?)
    }

    /// Proves a window. `transcript`, here and below: `blake2b` or `poseidon`. Errors: `TRANSCRIPT_UNKNOWN`.
    pub fn prove_window(&mut self, spec_json: &str, public_json: &str, secrets: &WindowSecrets, transcript: &str) -> Result<Vec<u8>, PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let input = secrets.checked()?;
        let spec = self.spec(spec_json)?;
        self.inner.prove_window(&spec, &Public::from_json(public_json)?, &input)
    }

    /// Proves the range of a run's first weights, and of its frozen base.
    pub fn prove_genesis(&mut self, spec_json: &str, public_json: &str, secrets: &GenesisSecrets, transcript: &str) -> Result<Vec<u8>, PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let (spec, public) = (self.spec(spec_json)?, Public::from_json(public_json)?);
        let salt0 = salt("salt0", &secrets.salt0)?;
        self.inner.prove_genesis(&spec, &public, &secrets.w0, salt0, &base(&secrets.base, &secrets.base_salt)?)
    }

    /// Proves that a shard's, or a frozen base's, commitments under two salts are to one content.
    pub fn prove_renewal(&mut self, spec_json: &str, public_json: &str, secrets: &RenewalSecrets, transcript: &str) -> Result<Vec<u8>, PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let (spec, public) = (self.spec(spec_json)?, Renewed::from_json(public_json)?);
        let RenewalSecrets { x, y, base, .. } = secrets;
        let input = RenewalInput { x, y, base, salt: salt("salt", &secrets.salt)?, fresh: salt("freshSalt", &secrets.fresh_salt)? };
        self.inner.prove_renewal(&spec, &public, &input)
    }

    /// Verifies a renewal. Errors: `VERIFY_*` where it does not hold.
    pub fn verify_renewal(&mut self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let spec = self.spec(spec_json)?;
        self.inner.verify_renewal(&spec, &Renewed::from_json(public_json)?, proof)
    }

    /// Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of the proof's own commitments
    /// (empty strings where the kind has none). Errors: `VERIFY_*` where it does not hold.
    pub fn verify(&mut self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<String, PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let (spec, public) = (self.spec(spec_json)?, Public::from_json(public_json)?);
        self.inner.verify(&spec, &public, proof)?;
        // `verify` has compared the public digests with those of the proof's commitments.
        let Public { weights_in, weights_out, data, base, .. } = public;
        let mut out = json!({ "ok": true, "weightsIn": weights_in, "weightsOut": weights_out, "data": data });
        if spec.base_bits().is_some() {
            out["base"] = json!(base);
        }
        Ok(out.to_string())
    }

    /// Checks a proof with the key that it was made with, which may be imported: for its maker alone. Errors: `VERIFY_*`.
    pub fn check_own(&mut self, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), PotError> {
        self.inner.set_transcript(Transcript::from_name(transcript)?);
        let spec = self.spec(spec_json)?;
        self.inner.check_own(&spec, &Public::from_json(public_json)?, proof)
    }
}

/// The frozen base; an empty salt is that of a public base: 32 zero bytes.
fn base<'a>(weights: &'a [i64], salt_bytes: &'a [u8]) -> Result<Base<'a>, PotError> {
    Ok(Base { weights, salt: if salt_bytes.is_empty() { Base::NONE.salt } else { salt("baseSalt", salt_bytes)? } })
}

/// The bytes of a salt. Errors: `INPUT_SHAPE`.
fn salt<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a Salt, PotError> {
    bytes.try_into().map_err(|_| PotError::new("INPUT_SHAPE", format!("{name} must have 32 bytes, not {}", bytes.len())))
}
