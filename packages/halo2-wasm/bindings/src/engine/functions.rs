//! Functions without state.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::error::export;
use wasm_bindgen::prelude::*;

/// Fills in a specification's shape: its JSON, with the estimates under `info`.
#[wasm_bindgen]
pub fn plan(spec_json: &str, constraints_json: &str) -> Result<String, JsValue> {
    export(|| api::plan(spec_json, constraints_json))
}

/// What the circuit takes and keeps for itself, as JSON.
#[wasm_bindgen]
pub fn limits() -> Result<String, JsValue> {
    export(|| api::limits())
}

/// The insecure development SRS of 2^k points.
#[wasm_bindgen(js_name = srsDevelopment)]
pub fn srs_development(k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_development(k))
}

/// The first 2^k powers of a `.ptau` file, checked.
#[wasm_bindgen(js_name = srsFromPtau)]
pub fn srs_from_ptau(ptau: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_from_ptau(ptau, k))
}

/// The first 2^k powers of a file of any known form, checked.
#[wasm_bindgen(js_name = srsImport)]
pub fn srs_import(file: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_import(file, k))
}

/// The SRS of the first 2^k powers, with its Lagrange basis.
#[wasm_bindgen(js_name = srsCut)]
pub fn srs_cut(srs: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_cut(srs, k))
}

/// `{"k", "hash", "development"}` of an SRS.
#[wasm_bindgen(js_name = srsInspect)]
pub fn srs_inspect(srs: &[u8]) -> Result<String, JsValue> {
    export(|| api::srs_inspect(srs))
}

/// Poseidon chain of domain 0 over 32-byte little-endian field elements: 32 bytes.
#[wasm_bindgen]
pub fn poseidon(inputs: &[u8]) -> Result<Vec<u8>, JsValue> {
    export(|| api::poseidon(inputs))
}

/// What a graph can be made of (docs/operators/graph.md): version, limits, roles and operators, as JSON.
#[wasm_bindgen(js_name = graphSchema)]
pub fn graph_schema() -> Result<String, JsValue> {
    export(|| api::graph_schema())
}

/// The graph of a network of dense layers that goes forward, as its canonical text.
#[wasm_bindgen(js_name = denseInference)]
pub fn dense_inference(network_json: &str) -> Result<String, JsValue> {
    export(|| api::dense_inference(network_json))
}

/// The settings of the cheapest circuit of a graph for `{"kind", "weights", "like"?}`, as their canonical text.
#[wasm_bindgen(js_name = planGraph)]
pub fn plan_graph(graph_json: &str, request_json: &str) -> Result<String, JsValue> {
    export(|| api::plan_graph(graph_json, request_json))
}

/// The outputs that a graph makes of its tensors' entries, one after the other in the order of the nodes.
#[wasm_bindgen(js_name = runGraph)]
pub fn run_graph(graph_json: &str, tensors: &[i64]) -> Result<Vec<i64>, JsValue> {
    export(|| api::run_graph(graph_json, tensors))
}
