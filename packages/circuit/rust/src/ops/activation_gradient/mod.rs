//! The gradient of `activation`: rounded, times the slope, and rounded again. It belongs to the unit that it is the gradient of.

mod circuit;
mod execute;

use super::activation::{check, work, Function, Name};
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

/// Of a raw gradient, the unit's output and its input: `round(round(raw) f')`, both of `bits` fractional bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationGradient {
    pub activation: Name,
    pub alpha: u32,
    /// Fractional bits of the output.
    pub bits: u32,
}

impl ActivationGradient {
    pub fn function(&self) -> Function {
        Function { name: self.activation, alpha: self.alpha }
    }
}

impl Operator for ActivationGradient {
    const NAME: &'static str = "activation_gradient";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient", "slope", "product"];
    const INPUTS: (usize, usize) = (3, 3);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({
            "activation": { "type": "string", "values": Name::ALL },
            "alpha": { "type": "integer", "minimum": 0, "unit": "2^-limbBits" },
            "bits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS, "shift": { "maximum": MAX_SHIFT } },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        ranges::shift(inputs[0], self.bits).map_err(|m| format!("{m}; the activation's gradientBits say to how many"))?;
        ranges::shift(inputs[2], inputs[1].bits)?;
        check(&self.function(), inputs[1].bits, formats)?;
        if self.bits > MAX_GRADIENT_BITS {
            return Err(format!("bits {}: at most {MAX_GRADIENT_BITS}", self.bits));
        }
        if inputs.iter().any(|i| i.shape != inputs[0].shape) {
            return Err(format!("a gradient of shape {:?} for a value of shape {:?}", inputs[0].shape, inputs[1].shape));
        }
        Facts::new(inputs[0].shape.clone(), self.bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        ranges::rounded(inputs[0], ranges::lift(facts[0].bits - self.bits, formats), 2 * formats.limb_bits - 1)
    }

    /// Output, quotient and two remainders.
    fn cost(&self, _: &[&Facts], out: &Facts, formats: &Formats) -> Cost {
        Cost { held: 4 * out.len() as u64, work: work(out.len(), formats) }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "gradients of gradients are not supported"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.rounded(call)
    }
}
