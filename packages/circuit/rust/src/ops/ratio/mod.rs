//! The direction of a rule that divides by gradients: Adam's first moment, or a gradient, over the root of the second moment. It belongs
//! to the unit that has the root.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::limits::{EPSILON_BITS, EXECUTED_BITS, FIELD_BITS, MAX_GRADIENT_BITS, SQUARE_EPSILON_BITS};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of a moment or gradient m, which is shifted by x bits to half those of v, and v: `floor((2^(bits + x + 1) m + D) / (2 D))` with
/// `D = floor(sqrt(v + within)) + epsilon`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// Fractional bits of the output.
    pub bits: u32,
    /// In units of half v's bits; 0 where there is something within the root.
    pub epsilon: u64,
    /// That of the second moment, in units of v.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub within: u64,
}

fn is_zero(v: &u64) -> bool {
    *v == 0
}

/// Bits that m has less than a root of v.
fn extra(facts: &[&Facts]) -> Option<u32> {
    (facts[1].bits / 2).checked_sub(facts[0].bits)
}

impl Operator for Ratio {
    const NAME: &'static str = "ratio";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient", "root"];
    const INPUTS: (usize, usize) = (2, 2);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({
            "bits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS },
            "epsilon": { "type": "integer", "minimum": 0, "bits": EPSILON_BITS },
            "within": { "type": "integer", "minimum": 0, "bits": SQUARE_EPSILON_BITS },
        })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let (m, v) = (inputs[0], inputs[1]);
        if m.shape != v.shape || v.bits % 2 != 0 || extra(inputs).is_none() {
            return Err(format!("moments {m:?} and {v:?}: two of one shape, the second with twice the bits or more"));
        }
        let least = u64::from(self.within == 0);
        let divides = (least..1u64 << EPSILON_BITS).contains(&self.epsilon) && self.within >> SQUARE_EPSILON_BITS == 0;
        if self.bits > MAX_GRADIENT_BITS || !divides {
            let (bits, epsilon, within) = (self.bits, self.epsilon, self.within);
            let most = format!("at most {MAX_GRADIENT_BITS}, 2^{EPSILON_BITS} - 1 and 2^{SQUARE_EPSILON_BITS} - 1, one of the last two at least 1");
            return Err(format!("{bits} fractional bits, epsilon {epsilon}, {within} within the root: {most}"));
        }
        Facts::new(m.shape.clone(), self.bits)
    }

    /// Both sides of `2^(bits + x + 1) m + D = 2 D U + rest` stay below 2^252; of the right one limbs keep it below 2^98.
    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let x = extra(facts).unwrap_or(0);
        let Bound { executed, proven } = Bound::by(inputs, |b| (b[0] + x).max(formats.long_bits() + 1) + self.bits + 2);
        if proven > FIELD_BITS {
            return Err(Excess { what: "a ratio's relation", bits: proven, most: FIELD_BITS });
        }
        if executed > EXECUTED_BITS {
            return Err(Excess { what: "a ratio's dividend, in the executor,", bits: executed, most: EXECUTED_BITS });
        }
        Ok(Bound::of(formats.ratio_bits()))
    }

    /// Output, and two numbers of the remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 3 * out.len() as u64, work: 4 * out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "an update has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.divided(call)
    }
}
