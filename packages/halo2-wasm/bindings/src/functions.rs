//! Exports without state: planning, reference strings, Poseidon.

use crate::error::export;
use pot_sgd::api;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_name = plan)]
pub fn plan(spec_json: &str, constraints_json: &str) -> Result<String, JsValue> {
    export(|| api::plan(spec_json, constraints_json))
}

#[wasm_bindgen(js_name = limits)]
pub fn limits() -> Result<String, JsValue> {
    export(|| Ok(api::limits()))
}

#[wasm_bindgen(js_name = srsDevelopment)]
pub fn srs_development(k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_development(k))
}

#[wasm_bindgen(js_name = srsFromPtau)]
pub fn srs_from_ptau(ptau: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_from_ptau(ptau, k))
}

#[wasm_bindgen(js_name = srsImport)]
pub fn srs_import(file: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_import(file, k))
}

#[wasm_bindgen(js_name = srsCut)]
pub fn srs_cut(bytes: &[u8], k: u32) -> Result<Vec<u8>, JsValue> {
    export(|| api::srs_cut(bytes, k))
}

#[wasm_bindgen(js_name = srsInspect)]
pub fn srs_inspect(bytes: &[u8]) -> Result<String, JsValue> {
    export(|| api::srs_inspect(bytes))
}

#[wasm_bindgen(js_name = poseidon)]
pub fn poseidon_chain(inputs: &[u8]) -> Result<Vec<u8>, JsValue> {
    export(|| api::poseidon(inputs))
}
