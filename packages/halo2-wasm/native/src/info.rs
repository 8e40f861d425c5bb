//! What this build is.

use crate::guard::export;
use napi_derive::napi;

/// `{"asm", "wasm"}`: whether the field is in assembly, and the SHA-256 of the WebAssembly artifact that this addon was
/// built beside (empty where cargo was called without scripts/build-native.mjs or pinned-rust.sh). Errors: `CPU_UNSUPPORTED`.
#[napi]
pub fn info() -> napi::Result<String> {
    export(|| Ok(serde_json::json!({ "asm": cfg!(feature = "asm"), "wasm": env!("POT_WASM_SHA256") }).to_string()))
}
