//! Adam's second moment: an average of squares, and its root.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::limits::{EXECUTED_BITS, FIELD_BITS, MOMENT_GRADIENT_BITS, SECOND_MOMENT_BITS, SQUARE_EPSILON_BITS};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of the second moment v, of twice the bits of a moment, and a gradient g, which is shifted by x bits to those of a moment:
/// `round(factor v + (2^b - factor) (2^x g)^2, b)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondMoment {
    pub factor: u64,
    /// What is added to the result below the root, which the cells hold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub within: u64,
}

fn is_zero(v: &u64) -> bool {
    *v == 0
}

/// Bits that a gradient has less than a moment.
fn extra(facts: &[&Facts]) -> Option<u32> {
    (facts[0].bits / 2).checked_sub(facts[1].bits)
}

impl Operator for SecondMoment {
    const NAME: &'static str = "second_moment";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient"];
    const INPUTS: (usize, usize) = (2, 2);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({
            "factor": { "type": "integer", "minimum": 1, "bits": "limbBits" },
            "within": { "type": "integer", "minimum": 0, "bits": SQUARE_EPSILON_BITS },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        let (v, g) = (inputs[0], inputs[1]);
        if v.shape != g.shape || v.bits % 2 != 0 || extra(inputs).is_none() {
            return Err(format!("a second moment {v:?} of a gradient {g:?}: two of one shape, with twice the bits or more"));
        }
        if !(1..1u64 << formats.limb_bits).contains(&self.factor) {
            return Err(format!("factor {}: 1 to 2^{} - 1", self.factor, formats.limb_bits));
        }
        if self.within >> SQUARE_EPSILON_BITS > 0 {
            return Err(format!("{} within the root: below 2^{SQUARE_EPSILON_BITS}", self.within));
        }
        Ok(v.clone())
    }

    /// Both sides of `2^b v' + r = factor v + (2^b - factor) (2^x g)^2 + 2^(b-1)` stay below 2^252. In a proof v' has no limbs of its
    /// own: it is `s^2 + over - within`, with s and over below 2^(n + 2), n the long numbers' bits.
    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let (b, x) = (formats.limb_bits, extra(facts).unwrap_or(0));
        let bits = b + inputs[0].proven.max(2 * (x + inputs[1].proven)) + 2;
        if bits > FIELD_BITS {
            return Err(Excess { what: "a second moment's relation", bits, most: FIELD_BITS });
        }
        // Before the executor refuses a gradient it has shifted it.
        let executed = inputs[1].executed + x;
        if executed > EXECUTED_BITS {
            return Err(Excess { what: "a gradient of a moment's bits, in the executor,", bits: executed, most: EXECUTED_BITS });
        }
        debug_assert!(b + 2 * MOMENT_GRADIENT_BITS + 2 <= EXECUTED_BITS);
        Ok(Bound { executed: SECOND_MOMENT_BITS, proven: 2 * (formats.long_bits() + 2) + 1 })
    }

    /// Output, gradient, root, what is over it and the remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 5 * out.len() as u64, work: 4 * out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "an update has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.averaged(call)
    }
}
