fn main() {
    napi_build::setup();
    // SHA-256 of the WebAssembly artifact that the addon is built beside; what builds it sets it (scripts/).
    println!("cargo:rerun-if-env-changed=POT_WASM_SHA256");
    println!("cargo:rustc-env=POT_WASM_SHA256={}", std::env::var("POT_WASM_SHA256").unwrap_or_default());
}
