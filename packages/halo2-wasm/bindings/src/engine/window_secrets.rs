//! The named arguments `WindowSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Everything secret that a window's proof is about.
    pub type WindowSecrets;

    /// Weights before the window.
    #[wasm_bindgen(method, getter, structural)]
    fn w0(this: &WindowSecrets) -> Vec<i64>;

    #[wasm_bindgen(method, getter, structural)]
    fn salt0(this: &WindowSecrets) -> Vec<u8>;

    /// Weights after the step in tolerance mode; empty in exact mode.
    #[wasm_bindgen(method, getter, structural, js_name = wK)]
    fn w_k(this: &WindowSecrets) -> Vec<i64>;

    #[wasm_bindgen(method, getter, structural, js_name = saltK)]
    fn salt_k(this: &WindowSecrets) -> Vec<u8>;

    #[wasm_bindgen(method, getter, structural)]
    fn x(this: &WindowSecrets) -> Vec<i32>;

    #[wasm_bindgen(method, getter, structural)]
    fn y(this: &WindowSecrets) -> Vec<i32>;

    #[wasm_bindgen(method, getter, structural, js_name = dataSalt)]
    fn data_salt(this: &WindowSecrets) -> Vec<u8>;

    /// The frozen base, where the specification has adapters on one.
    #[wasm_bindgen(method, getter, structural)]
    fn base(this: &WindowSecrets) -> Option<Vec<i64>>;

    /// 32 bytes; without it the base is public: anyone who has it can recompute its digest.
    #[wasm_bindgen(method, getter, structural, js_name = baseSalt)]
    fn base_salt(this: &WindowSecrets) -> Option<Vec<u8>>;

    /// Commitments that are known already, as `commitWeights` gave them for this very content and salt.
    #[wasm_bindgen(method, getter, structural)]
    fn points0(this: &WindowSecrets) -> Option<Vec<u8>>;

    /// As `points0`, of the weights after the window.
    #[wasm_bindgen(method, getter, structural, js_name = pointsK)]
    fn points_k(this: &WindowSecrets) -> Option<Vec<u8>>;

    /// As `commitData` gave them.
    #[wasm_bindgen(method, getter, structural, js_name = pointsData)]
    fn points_data(this: &WindowSecrets) -> Option<Vec<u8>>;

    /// As `commitBase` gave them.
    #[wasm_bindgen(method, getter, structural, js_name = pointsBase)]
    fn points_base(this: &WindowSecrets) -> Option<Vec<u8>>;
}

impl WindowSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::WindowSecrets {
        api::WindowSecrets {
            w0: self.w0(),
            salt0: self.salt0(),
            w_k: self.w_k(),
            salt_k: self.salt_k(),
            x: self.x(),
            y: self.y(),
            data_salt: self.data_salt(),
            base: self.base().unwrap_or_default(),
            base_salt: self.base_salt().unwrap_or_default(),
            points0: self.points0().unwrap_or_default(),
            points_k: self.points_k().unwrap_or_default(),
            points_data: self.points_data().unwrap_or_default(),
            points_base: self.points_base().unwrap_or_default(),
        }
    }
}
