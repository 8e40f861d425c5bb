//! A step along a direction, which for plain stochastic gradient descent is the gradient: an update.

mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value, FORM_RULES};
use crate::bound::{Bound, Excess};
use crate::error::invalid;
use crate::limits::{EXECUTED_BITS, MAX_RATE_FACTOR, PROVEN_WEIGHT_BITS, STEP_BITS, WEIGHT_BITS};
use crate::number::Number;
use crate::tensor::{Facts, Formats, RateFactor};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of a weight, a direction and a rate: `w - 2^(w.bits - g.bits - rate.bits) factor rate g`, less what decays, where that is there.
/// Nothing is rounded: the rate times the factor is an integer that a rate could be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sgd {
    pub rate_factor: RateFactor,
    /// Whether the rate is one that an optimiser corrects.
    pub corrected: bool,
}

/// Bits that a product of rate and direction is shifted by.
fn shift(facts: &[&Facts]) -> Option<u32> {
    facts[0].bits.checked_sub(facts[1].bits + facts[2].bits)
}

impl Operator for Sgd {
    const NAME: &'static str = "sgd";
    const FAMILY: Family = Family::Update;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (3, 4);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({
            "rateFactor": { "type": "integers", "lowestTerms": true, "minimum": 1, "maximum": MAX_RATE_FACTOR },
            "corrected": { "type": "boolean" },
        })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let (w, g, rate) = (inputs[0], inputs[1], inputs[2]);
        if w.shape != g.shape || !rate.shape.is_empty() {
            return Err(format!("a weight {:?}, a gradient {:?} and a rate {:?}: two of one shape and a scalar", w.shape, g.shape, rate.shape));
        }
        if let Some(decayed) = inputs.get(3).filter(|d| **d != w) {
            return Err(format!("what decays of a weight {w:?} is {decayed:?}: it has its shape and bits"));
        }
        if shift(inputs).is_none() {
            let (w, g) = (w.bits, g.bits);
            return Err(format!("a weight of {w} fractional bits takes a gradient of at most {} - {} of them, not {g}", w, rate.bits));
        }
        Ok(w.clone())
    }

    /// Assumes that no weight exceeds 2^168, and shows it for the weights after fewer than 2^53 steps.
    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let step = |b: fn(&Bound) -> u32| {
            let moved = b(&inputs[1]) + b(&inputs[2]) + shift(facts).unwrap_or(0);
            inputs.get(3).map_or(moved, |decayed| moved.max(b(decayed)) + 1)
        };
        let bits = formats.genesis_bits(facts[0].bits).max(step(|b| b.proven) + STEP_BITS) + 1;
        if bits > PROVEN_WEIGHT_BITS {
            return Err(Excess { what: "a weight after 2^53 steps", bits, most: PROVEN_WEIGHT_BITS });
        }
        // Before the executor refuses a weight beyond its 2^55 it has computed it; afterwards it is a trained tensor of the next step.
        let executed = step(|b| b.executed).max(WEIGHT_BITS) + 1;
        if executed > EXECUTED_BITS {
            return Err(Excess { what: "a step's change of a weight, in the executor,", bits: executed, most: EXECUTED_BITS });
        }
        Ok(Bound { executed: WEIGHT_BITS, proven: PROVEN_WEIGHT_BITS })
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "an update has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.update(call)
    }
}
