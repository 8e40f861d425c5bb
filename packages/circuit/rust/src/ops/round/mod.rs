//! Rounding to fewer fractional bits, with ReLU fused into it.

pub(in crate::ops) mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use super::{ranges, RoundGradient};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::limits::{MAX_GRADIENT_BITS, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Where the rounded value must lie, for limbs of b bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Range {
    /// `-2^(2b-1) <= q < 2^(2b-1)`: two limbs.
    Half,
    /// `-2^(2b) < q <= 2^(2b)`: two limbs and a sign.
    Wide,
    /// The same, and the output is `max(q, 0)`.
    Relu,
}

/// `floor((x + 2^(s-1)) / 2^s)`, halves up; s is what the input has more than `bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Round {
    /// Fractional bits of the output.
    pub bits: u32,
    /// Those of the gradient with respect to the input.
    pub gradient_bits: u32,
    pub range: Range,
}

impl Operator for Round {
    const NAME: &'static str = "round";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient", "mask"];
    const INPUTS: (usize, usize) = (1, 1);

    fn rules(&self) -> &'static [&'static str] {
        &Self::RULES[..if self.range == Range::Relu { 2 } else { 1 }]
    }

    fn schema() -> Json {
        json!({
            "bits": { "type": "integer", "shift": { "maximum": MAX_SHIFT } },
            "gradientBits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS },
            "range": { "type": "string", "values": ["half", "wide", "relu"] },
        })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        ranges::shift(inputs[0], self.bits)?;
        if self.gradient_bits > MAX_GRADIENT_BITS {
            return Err(format!("gradientBits {}: at most {MAX_GRADIENT_BITS}", self.gradient_bits));
        }
        Facts::new(inputs[0].shape.clone(), self.bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let bits = 2 * formats.limb_bits - u32::from(self.range == Range::Half);
        ranges::rounded(inputs[0], ranges::lift(facts[0].bits - self.bits, formats), bits)
    }

    /// Output, quotient and remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 3 * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        // What needs neither rounding nor a mask passes as it is.
        if self.range != Range::Relu && graph.facts(site.gradient).bits == self.gradient_bits {
            return Ok(vec![Some(site.gradient)]);
        }
        let op = RoundGradient { bits: self.gradient_bits, mask: self.range == Range::Relu };
        graph.emit(op.into(), &[site.gradient, site.output]).map(|v| vec![Some(v)])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.rounded(call)
    }
}
