//! The named arguments `GenesisSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use napi::bindgen_prelude::{BigInt64Array, Uint8Array};
use napi_derive::napi;

/// Everything secret that a genesis proof is about.
#[napi(object, object_to_js = false)]
pub struct GenesisSecrets {
    /// The run's first weights.
    pub w0: BigInt64Array,
    pub salt0: Uint8Array,
    /// The frozen base, where the specification has adapters on one.
    pub base: Option<BigInt64Array>,
    /// 32 bytes; without it the base is public: anyone who has it can recompute its digest.
    pub base_salt: Option<Uint8Array>,
}

impl GenesisSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::GenesisSecrets {
        api::GenesisSecrets {
            w0: self.w0.to_vec(),
            salt0: self.salt0.to_vec(),
            base: self.base.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            base_salt: self.base_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
        }
    }
}
