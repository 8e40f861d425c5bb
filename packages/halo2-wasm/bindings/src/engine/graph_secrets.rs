//! The named arguments `GraphSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Everything secret that a proof of a graph is about. What has no salt is public.
    pub type GraphSecrets;

    /// Entries of each of the graph's tensors, in their order; of a genesis proof of its weights alone; of further steps their data and
    /// labels behind them, then an optimiser's states; of a step with a tolerance what is trained, as it is after the step.
    #[wasm_bindgen(method, getter, structural)]
    fn tensors(this: &GraphSecrets) -> Vec<i64>;

    /// 32 bytes that hide the trained weights.
    #[wasm_bindgen(method, getter, structural, js_name = weightsSalt)]
    fn weights_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    /// As `weightsSalt`, of the weights after a step.
    #[wasm_bindgen(method, getter, structural, js_name = afterSalt)]
    fn after_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    #[wasm_bindgen(method, getter, structural, js_name = frozenSalt)]
    fn frozen_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    /// Of an optimiser's state before a step; there is none before a run's first, where all of it is 0.
    #[wasm_bindgen(method, getter, structural, js_name = stateSalt)]
    fn state_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    /// The same after a step.
    #[wasm_bindgen(method, getter, structural, js_name = stateAfterSalt)]
    fn state_after_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    /// Of data and labels, which the statement shows otherwise.
    #[wasm_bindgen(method, getter, structural, js_name = inputsSalt)]
    fn inputs_salt(this: &GraphSecrets) -> Option<Vec<u8>>;

    #[wasm_bindgen(method, getter, structural, js_name = outputsSalt)]
    fn outputs_salt(this: &GraphSecrets) -> Option<Vec<u8>>;
}

impl GraphSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::GraphSecrets {
        api::GraphSecrets {
            tensors: self.tensors(),
            weights_salt: self.weights_salt().unwrap_or_default(),
            after_salt: self.after_salt().unwrap_or_default(),
            frozen_salt: self.frozen_salt().unwrap_or_default(),
            state_salt: self.state_salt().unwrap_or_default(),
            state_after_salt: self.state_after_salt().unwrap_or_default(),
            inputs_salt: self.inputs_salt().unwrap_or_default(),
            outputs_salt: self.outputs_salt().unwrap_or_default(),
        }
    }
}
