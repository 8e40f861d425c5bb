//! What JavaScript calls, in JSON and bytes: the WebAssembly module and the Node addon export these functions.

use crate::executor::Executor;
use crate::plan::{self, Constraints};
use crate::prover::{Base, Prover, Salt, WindowInput, WindowPoints};
use crate::spec::SgdSpec;
use crate::statement::Public;
use ff::PrimeField;
use pot_proof_system::engine::Transcript;
use pot_proof_system::error::PotError;
use pot_proof_system::{poseidon, srs};
use serde_json::json;

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
pub fn limits() -> String {
    crate::limits::all().to_string()
}

/// The insecure development string of 2^k points.
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

/// An executor. `weights`: scale w, flat order of docs/protocol/protocol.md; `base`: the frozen base, empty where there is none.
pub fn executor(spec_json: &str, weights: Vec<i64>, base: Vec<i64>) -> Result<Executor, PotError> {
    Executor::on(&SgdSpec::from_json(spec_json)?, weights, base)
}

/// One step in place: x `[batch][inputs]` at scale a, y `[batch][outputs]`. `{"loss", "correct"}` before the update.
/// `number`: the step's, from 0, for Adam.
pub fn step(executor: &mut Executor, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<String, PotError> {
    let outcome = executor.step(x, y, eta, number)?;
    Ok(json!({ "loss": outcome.loss, "correct": outcome.correct }).to_string())
}

/// A prover and verifier over one reference string.
pub fn prover(srs: &[u8]) -> Result<Prover, PotError> {
    Ok(Prover::new(srs::from_bytes(srs)?))
}

/// Makes and keeps the proving key: `{"vkDigest"}`.
pub fn keygen(prover: &mut Prover, spec_json: &str) -> Result<String, PotError> {
    let digest = prover.keygen(&SgdSpec::from_json(spec_json)?)?;
    Ok(json!({ "vkDigest": digest }).to_string())
}

/// Digest of the verifying key, derived from the specification alone.
pub fn vk_digest(prover: &mut Prover, spec_json: &str) -> Result<String, PotError> {
    prover.vk_digest(&SgdSpec::from_json(spec_json)?)
}

/// What a key follows from, in one hash (64 hex digits): the name of the key in a cache.
pub fn key_id(prover: &mut Prover, spec_json: &str) -> Result<String, PotError> {
    Ok(hex::encode(prover.key_id(&SgdSpec::from_json(spec_json)?)?))
}

/// The proving key as bytes, made now where there is none.
pub fn export_key(prover: &mut Prover, spec_json: &str) -> Result<Vec<u8>, PotError> {
    prover.export_key(&SgdSpec::from_json(spec_json)?)
}

/// Takes an exported key, for proving alone: the digest of its verifying key. Errors: `KEY_INVALID`.
pub fn import_key(prover: &mut Prover, spec_json: &str, bytes: &[u8]) -> Result<String, PotError> {
    prover.import_key(&SgdSpec::from_json(spec_json)?, bytes)
}

/// Commitments to a checkpoint's columns: concatenated 32-byte compressed points.
pub fn commit_weights(prover: &mut Prover, spec_json: &str, weights: &[i64], salt_bytes: &[u8]) -> Result<Vec<u8>, PotError> {
    prover.commit_weights(&SgdSpec::from_json(spec_json)?, weights, salt("salt", salt_bytes)?)
}

/// The frozen base; an empty salt is that of a public base: 32 zero bytes.
pub struct BaseBytes<'a> {
    pub weights: &'a [i64],
    pub salt: &'a [u8],
}

impl<'a> BaseBytes<'a> {
    fn checked(&self) -> Result<Base<'a>, PotError> {
        Ok(Base { weights: self.weights, salt: if self.salt.is_empty() { Base::NONE.salt } else { salt("baseSalt", self.salt)? } })
    }
}

/// Commitments to the frozen base's columns.
pub fn commit_base(prover: &mut Prover, spec_json: &str, base: &BaseBytes<'_>) -> Result<Vec<u8>, PotError> {
    prover.commit_base(&SgdSpec::from_json(spec_json)?, &base.checked()?)
}

/// Commitments to one shard's columns.
pub fn commit_data(prover: &mut Prover, spec_json: &str, x: &[i32], y: &[i32], salt_bytes: &[u8]) -> Result<Vec<u8>, PotError> {
    prover.commit_data(&SgdSpec::from_json(spec_json)?, x, y, salt("salt", salt_bytes)?)
}

/// A window's private inputs as they arrive; `w_k` is empty in exact mode.
pub struct WindowBytes<'a> {
    pub w0: &'a [i64],
    pub salt0: &'a [u8],
    pub w_k: &'a [i64],
    pub salt_k: &'a [u8],
    pub x: &'a [i32],
    pub y: &'a [i32],
    pub data_salt: &'a [u8],
    pub base: BaseBytes<'a>,
    pub points: WindowPoints<'a>,
}

/// Proves a window. `transcript`, here and below: `blake2b` or `poseidon`. Errors: `TRANSCRIPT_UNKNOWN`.
pub fn prove_window(
    prover: &mut Prover,
    spec_json: &str,
    public_json: &str,
    window: &WindowBytes<'_>,
    transcript: &str,
) -> Result<Vec<u8>, PotError> {
    prover.set_transcript(Transcript::from_name(transcript)?);
    let input = WindowInput {
        w0: window.w0,
        salt0: salt("salt0", window.salt0)?,
        wk: (!window.w_k.is_empty()).then_some(window.w_k),
        salt_k: salt("saltK", window.salt_k)?,
        x: window.x,
        y: window.y,
        data_salt: salt("dataSalt", window.data_salt)?,
        base: window.base.checked()?,
        points: window.points,
    };
    prover.prove_window(&SgdSpec::from_json(spec_json)?, &Public::from_json(public_json)?, &input)
}

/// Proves the range of a run's first weights, and of its frozen base.
pub fn prove_genesis(
    prover: &mut Prover,
    spec_json: &str,
    public_json: &str,
    w0: &[i64],
    salt0: &[u8],
    base: &BaseBytes<'_>,
    transcript: &str,
) -> Result<Vec<u8>, PotError> {
    prover.set_transcript(Transcript::from_name(transcript)?);
    let (spec, public) = (SgdSpec::from_json(spec_json)?, Public::from_json(public_json)?);
    prover.prove_genesis(&spec, &public, w0, salt("salt0", salt0)?, &base.checked()?)
}

/// Verifies one proof: `{"ok": true, "weightsIn", "weightsOut", "data"}`, the digests of the proof's own commitments
/// (empty strings where the kind has none). Errors: `VERIFY_*` where it does not hold.
pub fn verify(prover: &mut Prover, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<String, PotError> {
    prover.set_transcript(Transcript::from_name(transcript)?);
    let (spec, public) = (SgdSpec::from_json(spec_json)?, Public::from_json(public_json)?);
    prover.verify(&spec, &public, proof)?;
    // `verify` has compared the public digests with those of the proof's commitments.
    let Public { weights_in, weights_out, data, base, .. } = public;
    let mut out = json!({ "ok": true, "weightsIn": weights_in, "weightsOut": weights_out, "data": data });
    if spec.base_bits().is_some() {
        out["base"] = json!(base);
    }
    Ok(out.to_string())
}

/// Checks a proof with the key that it was made with, which may be imported: for its maker alone. Errors: `VERIFY_*`.
pub fn check_own(prover: &mut Prover, spec_json: &str, public_json: &str, proof: &[u8], transcript: &str) -> Result<(), PotError> {
    prover.set_transcript(Transcript::from_name(transcript)?);
    prover.check_own(&SgdSpec::from_json(spec_json)?, &Public::from_json(public_json)?, proof)
}

/// The bytes of a salt. Errors: `INPUT_SHAPE`.
fn salt<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a Salt, PotError> {
    bytes.try_into().map_err(|_| PotError::new("INPUT_SHAPE", format!("{name} must have 32 bytes, not {}", bytes.len())))
}
