//! The named arguments `GraphSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use napi::bindgen_prelude::{BigInt64Array, Uint8Array};
use napi_derive::napi;

/// Everything secret that a proof of a graph is about. What has no salt is public.
#[napi(object, object_to_js = false)]
pub struct GraphSecrets {
    /// Entries of each of the graph's tensors, in their order; of a genesis proof of its weights alone; of further steps their data and
    /// labels behind them, then an optimiser's states; of a step with a tolerance what is trained, as it is after the step.
    pub tensors: BigInt64Array,
    /// 32 bytes that hide the trained weights.
    pub weights_salt: Option<Uint8Array>,
    /// As `weightsSalt`, of the weights after a step.
    pub after_salt: Option<Uint8Array>,
    pub frozen_salt: Option<Uint8Array>,
    /// Of an optimiser's state before a step; there is none before a run's first, where all of it is 0.
    pub state_salt: Option<Uint8Array>,
    /// The same after a step.
    pub state_after_salt: Option<Uint8Array>,
    /// Of data and labels, which the statement shows otherwise.
    pub inputs_salt: Option<Uint8Array>,
    pub outputs_salt: Option<Uint8Array>,
}

impl GraphSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::GraphSecrets {
        api::GraphSecrets {
            tensors: self.tensors.to_vec(),
            weights_salt: self.weights_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            after_salt: self.after_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            frozen_salt: self.frozen_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            state_salt: self.state_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            state_after_salt: self.state_after_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            inputs_salt: self.inputs_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            outputs_salt: self.outputs_salt.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
        }
    }
}
