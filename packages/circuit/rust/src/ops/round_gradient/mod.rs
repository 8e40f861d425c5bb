//! The gradient of `round`: rounded once more, and masked where ReLU was. It belongs to the unit that it is the gradient of.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use super::ranges;
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::limits::{MAX_GRADIENT_BITS, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of a raw gradient and the unit's output h: `round(raw)` in two limbs, where `mask` says so times `[h > 0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundGradient {
    /// Fractional bits of the output.
    pub bits: u32,
    pub mask: bool,
}

impl Operator for RoundGradient {
    const NAME: &'static str = "round_gradient";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient", "mask"];
    const INPUTS: (usize, usize) = (2, 2);
    const EMITTED: bool = true;

    fn rules(&self) -> &'static [&'static str] {
        &Self::RULES[..if self.mask { 2 } else { 1 }]
    }

    fn schema() -> Json {
        json!({
            "bits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS, "shift": { "maximum": MAX_SHIFT } },
            "mask": { "type": "boolean" },
        })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        ranges::shift(inputs[0], self.bits).map_err(|m| format!("{m}; the round's gradientBits say to how many"))?;
        if self.bits > MAX_GRADIENT_BITS {
            return Err(format!("bits {}: at most {MAX_GRADIENT_BITS}", self.bits));
        }
        if inputs[0].shape != inputs[1].shape {
            return Err(format!("a gradient of shape {:?} for a value of shape {:?}", inputs[0].shape, inputs[1].shape));
        }
        Facts::new(inputs[0].shape.clone(), self.bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        ranges::rounded(inputs[0], ranges::lift(facts[0].bits - self.bits, formats), 2 * formats.limb_bits - 1)
    }

    /// Output, quotient and remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 3 * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "gradients of gradients are not supported"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.rounded(call)
    }
}
