//! Exports without state: planning, reference strings, Poseidon.

use crate::error::export;
use ff::PrimeField;
use pot_halo2::error::PotError;
use pot_halo2::{poseidon, srs};
use pot_sgd::plan::{self, Constraints};
use pot_sgd::spec::SgdSpec;
use wasm_bindgen::prelude::*;

/// Fills in a specification's shape: the specification's JSON, with the estimates under `info`.
#[wasm_bindgen(js_name = plan)]
pub fn plan(spec_json: &str, constraints_json: &str) -> Result<String, JsValue> {
    export(|| {
        let spec = SgdSpec::from_json(spec_json)?;
        let constraints: Constraints =
            serde_json::from_str(constraints_json).map_err(|e| PotError::new("SPEC_INVALID", format!("planning constraints: {e}")))?;
        let (spec, info) = plan::plan(&spec, constraints)?;
        let invalid = |e: serde_json::Error| PotError::new("SPEC_INVALID", format!("the plan is not JSON: {e}"));
        let mut out: serde_json::Value = serde_json::from_str(&spec.to_json()).map_err(invalid)?;
        out["info"] = serde_json::to_value(info).map_err(invalid)?;
        Ok(out.to_string())
    })
}

/// The insecure development string of 2^k points.
#[wasm_bindgen(js_name = srsDevelopment)]
pub fn srs_development(k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| Ok(srs::to_bytes(&srs::development(k)?)))
}

/// The first 2^k powers of a `.ptau` file, checked.
#[wasm_bindgen(js_name = srsFromPtau)]
pub fn srs_from_ptau(ptau: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| Ok(srs::to_bytes(&srs::from_ptau(ptau, k)?)))
}

/// `{"k", "hash", "development"}` of a string.
#[wasm_bindgen(js_name = srsInspect)]
pub fn srs_inspect(bytes: &[u8]) -> Result<String, JsValue> {
    export(|| Ok(serde_json::json!(srs::inspect(bytes)?).to_string()))
}

/// Poseidon chain (`hash_chain` with domain 0) of 32-byte little-endian field elements; 32 bytes.
#[wasm_bindgen(js_name = poseidon)]
pub fn poseidon_chain(inputs: &[u8]) -> Result<Vec<u8>, JsValue> {
    export(|| {
        let hash = poseidon::hash_chain(0, &poseidon::parse_fields(inputs)?);
        Ok(hash.to_repr().as_ref().to_vec())
    })
}
