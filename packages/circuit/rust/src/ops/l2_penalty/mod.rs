//! The L2 regulariser: a loss of weights alone.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value};
use crate::bound::{sum_bits, Bound, Excess};
use crate::cost::Cost;
use crate::limits::{COEFFICIENT_BITS, EXECUTED_BITS, FIELD_BITS, MAX_GRADIENT_BITS, MAX_RATE_FACTOR, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats, RateFactor};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of weights w: `coefficient w / 2^fraction`, rounded to `bits` fractional bits, halves up. That is the gradient of
/// `factor coefficient / 2^(fraction + 1) sum w^2` over the factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct L2Penalty {
    /// Fractional bits of the output.
    pub bits: u32,
    pub coefficient: u64,
    /// That of the loss beside it.
    pub factor: RateFactor,
    /// Fractional bits of the coefficient.
    pub fraction: u32,
}

impl L2Penalty {
    /// Bits that are rounded away, where there are as many.
    fn shift(&self, w: &Facts) -> Option<u32> {
        w.bits.checked_add(self.fraction).and_then(|v| v.checked_sub(self.bits))
    }

    /// Bits of a product.
    fn product(&self, w: u32) -> u32 {
        w + sum_bits(self.coefficient) + 1
    }
}

impl Operator for L2Penalty {
    const NAME: &'static str = "l2_penalty";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient"];
    const INPUTS: (usize, usize) = (1, 1);

    fn schema() -> Json {
        json!({
            "bits": { "type": "integer", "minimum": 0, "maximum": "gradients" },
            "coefficient": { "type": "integer", "minimum": 1, "magnitudeBits": COEFFICIENT_BITS },
            "factor": { "type": "fraction", "parts": MAX_RATE_FACTOR },
            "fraction": { "type": "integer", "shift": { "minimum": 1, "maximum": MAX_SHIFT, "multipleOf": "limbBits" } },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        if !(1..=1 << COEFFICIENT_BITS).contains(&self.coefficient) || !self.factor.is_valid() {
            let [n, d]: [u64; 2] = self.factor.into();
            let rule = format!("1 to 2^{COEFFICIENT_BITS}, and a fraction in lowest terms, each part 1 to {MAX_RATE_FACTOR}");
            return Err(format!("coefficient {}, factor {n}/{d}: {rule}", self.coefficient));
        }
        let most = 2 * MAX_GRADIENT_BITS;
        let fits = |s: &u32| (1..=MAX_SHIFT).contains(s) && s % formats.limb_bits == 0;
        if self.bits > most || self.shift(inputs[0]).filter(fits).is_none() {
            let rule = format!("at most {most} bits, and fractional bits of both less these: a multiple of {}, 1 to {MAX_SHIFT}", formats.limb_bits);
            return Err(format!("bits {}, fraction {} of weights of {}: {rule}", self.bits, self.fraction, inputs[0].bits));
        }
        Facts::new(inputs[0].shape.clone(), self.bits)
    }

    /// Both sides of `coefficient w + 2^(s-1) = 2^s q + r` stay below 2^252; the right one has 101 bits at most.
    fn bound(&self, inputs: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let [executed, proven] = [inputs[0].executed, inputs[0].proven].map(|b| self.product(b));
        if proven > FIELD_BITS {
            return Err(Excess { what: "a penalty's relation", bits: proven, most: FIELD_BITS });
        }
        if executed > EXECUTED_BITS {
            return Err(Excess { what: "a penalty's product, in the executor,", bits: executed, most: EXECUTED_BITS });
        }
        Ok(Bound::of(formats.long_bits()))
    }

    /// Output and remainder.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 2 * out.len() as u64, work: 2 * out.len() as u64 }
    }

    fn factor(&self, _: &Facts) -> Option<(u64, u64)> {
        Some((self.factor.numerator, self.factor.denominator))
    }

    fn vjp(&self, site: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Ok(vec![Some(site.output)])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.gradient(call)
    }

    fn loss<N: Number>(&self, call: &Call<N>) -> Option<Loss> {
        Some(self.value(call))
    }
}
