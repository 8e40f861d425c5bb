//! The named arguments `GenesisSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Everything secret that a genesis proof is about.
    pub type GenesisSecrets;

    /// The run's first weights.
    #[wasm_bindgen(method, getter, structural)]
    fn w0(this: &GenesisSecrets) -> Vec<i64>;

    #[wasm_bindgen(method, getter, structural)]
    fn salt0(this: &GenesisSecrets) -> Vec<u8>;

    /// The frozen base, where the specification has adapters on one.
    #[wasm_bindgen(method, getter, structural)]
    fn base(this: &GenesisSecrets) -> Option<Vec<i64>>;

    /// 32 bytes; without it the base is public: anyone who has it can recompute its digest.
    #[wasm_bindgen(method, getter, structural, js_name = baseSalt)]
    fn base_salt(this: &GenesisSecrets) -> Option<Vec<u8>>;
}

impl GenesisSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::GenesisSecrets {
        api::GenesisSecrets {
            w0: self.w0(),
            salt0: self.salt0(),
            base: self.base().unwrap_or_default(),
            base_salt: self.base_salt().unwrap_or_default(),
        }
    }
}
