//! The next momentum: an update.

use super::operator::{out_of_range, overflow, Call, Emit, Family, Operator, Output, Site, Value, FORM_RULES};
use crate::bound::{Bound, Excess};
use crate::error::invalid;
use crate::limits::{EXECUTED_BITS, PROVEN_STATE_BITS};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of what is kept of the momentum, and the gradient: their sum, which has more than 32 bits and a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Momentum {}

impl Operator for Momentum {
    const NAME: &'static str = "momentum";
    const FAMILY: Family = Family::Update;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (2, 2);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({})
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        match inputs[0] == inputs[1] {
            true => Ok(inputs[0].clone()),
            false => Err(format!("a momentum {:?} and a gradient {:?}: two of one shape and of the same fractional bits", inputs[0], inputs[1])),
        }
    }

    /// Shows what is assumed of every state. No proof bounds the sum by limbs; the executor refuses what has more.
    fn bound(&self, inputs: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let Bound { executed, proven } = Bound::by(inputs, |b| b[0].max(b[1]) + 1);
        if proven > PROVEN_STATE_BITS {
            return Err(Excess { what: "a momentum", bits: proven, most: PROVEN_STATE_BITS });
        }
        if executed > EXECUTED_BITS {
            return Err(Excess { what: "a momentum, in the executor,", bits: executed, most: EXECUTED_BITS });
        }
        Ok(Bound { executed: formats.long_bits(), proven })
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "an update has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let sums: Option<Vec<N>> = call.inputs[0].iter().zip(call.inputs[1]).map(|(a, b)| a.plus(*b)).collect();
        let out = call.form(sums.ok_or_else(overflow)?);
        let limit = 1i128 << call.formats.long_bits();
        match out.values.iter().map(|v| v.stored()).find(|v| N::EXACT && !(-limit..limit).contains(v)) {
            Some(v) => Err(out_of_range("momentum", v, limit)),
            None => Ok(out),
        }
    }
}
