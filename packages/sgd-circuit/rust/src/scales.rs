//! The fixed-point format.

use serde::{Deserialize, Serialize};

/// Fixed-point format: fractional bits of activations (`a`), deltas (`d`) and the learning rate (`e`),
/// limb bits (`b`) and output bits of the exponential tables (`p`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    pub a: u32,
    pub d: u32,
    pub e: u32,
    pub b: u32,
    pub p: u32,
}

impl Scales {
    /// Fractional bits of weights: products of all three scales, so that an update needs no rounding.
    pub fn w(&self) -> u32 {
        self.a + self.d + self.e
    }
    /// Limbs of a rounding remainder in `[0, 2^w)`.
    pub fn remainder_limbs(&self) -> usize {
        (self.w() / self.b) as usize
    }
    /// Bits of the low part of an exponential's argument.
    pub fn exp_low_bits(&self) -> u32 {
        self.a - 2
    }
}
