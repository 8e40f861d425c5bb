//! Exports without state: planning, reference strings, Poseidon.

use crate::error::export;
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
        let constraints: Constraints = serde_json::from_str(constraints_json)
            .map_err(|e| PotError::new("SPEC_INVALID", format!("planning constraints: {e}")))?;
        let (spec, info) = plan::plan(&spec, constraints)?;
        let invalid = |e: serde_json::Error| PotError::new("SPEC_INVALID", format!("the plan is not JSON: {e}"));
        let mut out: serde_json::Value = serde_json::from_str(&spec.to_json()).map_err(invalid)?;
        out["info"] = serde_json::to_value(info).map_err(invalid)?;
        Ok(out.to_string())
    })
}
