//! The named arguments `RenewalSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use napi::bindgen_prelude::{BigInt64Array, Int32Array, Uint8Array};
use napi_derive::napi;

/// What a renewal commits to anew: a shard or a frozen base, whichever its public inputs name.
#[napi(object, object_to_js = false)]
pub struct RenewalSecrets {
    /// Of a shard.
    pub x: Option<Int32Array>,
    pub y: Option<Int32Array>,
    /// The frozen base.
    pub base: Option<BigInt64Array>,
    /// That of the old commitments.
    pub salt: Uint8Array,
    /// That of the new ones, which no proof has used.
    pub fresh_salt: Uint8Array,
}

impl RenewalSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::RenewalSecrets {
        api::RenewalSecrets {
            x: self.x.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            y: self.y.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            base: self.base.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            salt: self.salt.to_vec(),
            fresh_salt: self.fresh_salt.to_vec(),
        }
    }
}
