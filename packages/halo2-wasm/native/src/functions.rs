//! Exports without state: planning, reference strings, Poseidon, and what this build is.

use crate::guard::export;
use napi::bindgen_prelude::{Uint8Array, Uint8ArraySlice};
use napi_derive::napi;
use pot_sgd::api;

/// `{"asm", "wasm"}`: whether the field is in assembly, and the SHA-256 of the WebAssembly artifact that this addon was
/// built beside (empty where cargo was called without scripts/build-native.mjs). Errors: `CPU_UNSUPPORTED`.
#[napi]
pub fn info() -> napi::Result<String> {
    export(|| Ok(serde_json::json!({ "asm": cfg!(feature = "asm"), "wasm": env!("POT_WASM_SHA256") }).to_string()))
}

#[napi]
pub fn plan(spec_json: String, constraints_json: String) -> napi::Result<String> {
    export(|| api::plan(&spec_json, &constraints_json))
}

#[napi]
pub fn limits() -> napi::Result<String> {
    export(|| Ok(api::limits()))
}

#[napi]
pub fn srs_development(k: u32) -> napi::Result<Uint8Array> {
    export(|| Ok(api::srs_development(k)?.into()))
}

#[napi]
pub fn srs_from_ptau(ptau: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let ptau = ptau.to_vec();
    export(|| Ok(api::srs_from_ptau(&ptau, k)?.into()))
}

#[napi]
pub fn srs_import(file: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let file = file.to_vec();
    export(|| Ok(api::srs_import(&file, k)?.into()))
}

#[napi]
pub fn srs_cut(srs: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let srs = srs.to_vec();
    export(|| Ok(api::srs_cut(&srs, k)?.into()))
}

#[napi]
pub fn srs_inspect(srs: Uint8ArraySlice<'_>) -> napi::Result<String> {
    let srs = srs.to_vec();
    export(|| api::srs_inspect(&srs))
}

#[napi]
pub fn poseidon(inputs: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
    let inputs = inputs.to_vec();
    export(|| Ok(api::poseidon(&inputs)?.into()))
}
