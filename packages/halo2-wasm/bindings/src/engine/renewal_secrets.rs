//! The named arguments `RenewalSecrets`.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What a renewal commits to anew: a shard or a frozen base, whichever its public inputs name.
    pub type RenewalSecrets;

    /// Of a shard.
    #[wasm_bindgen(method, getter, structural)]
    fn x(this: &RenewalSecrets) -> Option<Vec<i32>>;

    #[wasm_bindgen(method, getter, structural)]
    fn y(this: &RenewalSecrets) -> Option<Vec<i32>>;

    /// The frozen base.
    #[wasm_bindgen(method, getter, structural)]
    fn base(this: &RenewalSecrets) -> Option<Vec<i64>>;

    /// That of the old commitments.
    #[wasm_bindgen(method, getter, structural)]
    fn salt(this: &RenewalSecrets) -> Vec<u8>;

    /// That of the new ones, which no proof has used.
    #[wasm_bindgen(method, getter, structural, js_name = freshSalt)]
    fn fresh_salt(this: &RenewalSecrets) -> Vec<u8>;
}

impl RenewalSecrets {
    /// What the object holds now; what is not there is empty.
    pub fn copy(&self) -> api::RenewalSecrets {
        api::RenewalSecrets {
            x: self.x().unwrap_or_default(),
            y: self.y().unwrap_or_default(),
            base: self.base().unwrap_or_default(),
            salt: self.salt(),
            fresh_salt: self.fresh_salt(),
        }
    }
}
