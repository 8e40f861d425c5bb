//! A part of a state or a weight, rounded: what factors with fractional bits of their own leave.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::limits::{FIELD_BITS, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// `floor((x + 2^(s-1)) / 2^s)`, halves up, with as many fractional bits as x has: x over 2^s. A number of more than 32 bits and a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Downscale {
    pub shift: u32,
}

impl Operator for Downscale {
    const NAME: &'static str = "downscale";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient"];
    const INPUTS: (usize, usize) = (1, 1);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({ "shift": { "type": "integer", "minimum": 1, "maximum": MAX_SHIFT, "multipleOf": "limbBits" } })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        if !(1..=MAX_SHIFT).contains(&self.shift) || self.shift % formats.limb_bits != 0 {
            return Err(format!("shift {}: a multiple of the limbs' {} bits, at most {MAX_SHIFT}", self.shift, formats.limb_bits));
        }
        Ok(inputs[0].clone())
    }

    /// Both sides of `x + 2^(s-1) = 2^s q + r` stay below 2^252; the right one has 101 bits at most.
    fn bound(&self, inputs: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let bits = inputs[0].proven + 1;
        if bits > FIELD_BITS {
            return Err(Excess { what: "the rounding's relation", bits, most: FIELD_BITS });
        }
        Ok(Bound::of(formats.long_bits()))
    }

    /// Output and remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 2 * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "an update has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.rounded(call)
    }
}
