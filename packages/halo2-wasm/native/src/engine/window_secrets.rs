//! The named arguments `WindowSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use napi::bindgen_prelude::{BigInt64Array, Int32Array, Uint8Array};
use napi_derive::napi;

/// Everything secret that a window's proof is about.
#[napi(object, object_to_js = false)]
pub struct WindowSecrets {
    /// Weights before the window.
    pub w0: BigInt64Array,
    pub salt0: Uint8Array,
    /// Weights after the step in tolerance mode; empty in exact mode.
    pub w_k: BigInt64Array,
    pub salt_k: Uint8Array,
    pub x: Int32Array,
    pub y: Int32Array,
    pub data_salt: Uint8Array,
    /// The frozen base, where the specification has adapters on one.
    pub base: Option<BigInt64Array>,
    /// 32 bytes; without it the base is public: anyone who has it can recompute its digest.
    pub base_salt: Option<Uint8Array>,
    /// Commitments that are known already, as `commitWeights` gave them for this very content and salt.
    pub points0: Option<Uint8Array>,
    /// As `points0`, of the weights after the window.
    pub points_k: Option<Uint8Array>,
    /// As `commitData` gave them.
    pub points_data: Option<Uint8Array>,
    /// As `commitBase` gave them.
    pub points_base: Option<Uint8Array>,
}

impl WindowSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::WindowSecrets {
        api::WindowSecrets {
            w0: self.w0.to_vec(),
            salt0: self.salt0.to_vec(),
            w_k: self.w_k.to_vec(),
            salt_k: self.salt_k.to_vec(),
            x: self.x.to_vec(),
            y: self.y.to_vec(),
            data_salt: self.data_salt.to_vec(),
            base: self.base.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            base_salt: self.base_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            points0: self.points0.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            points_k: self.points_k.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            points_data: self.points_data.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            points_base: self.points_base.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
        }
    }
}
