//! Huber's loss: the squared error near the label, the absolute one beyond delta.

mod circuit;
mod execute;

use super::clamped::Between;
use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value};
use super::residual::{self, Residual};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::limits::MAX_GRADIENT_BITS;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of outputs and labels, both `[.., outputs]` and of the same fractional bits a: `2^(d-a) min(max(z - y, -delta), delta)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Huber {
    /// In units of the outputs' last place, from 1.
    pub delta: i64,
    /// Fractional bits d of the output.
    pub gradient_bits: u32,
}

impl Huber {
    fn between(&self) -> Between {
        Between::both(self.delta)
    }
    fn residual(&self, bits: u32) -> Residual {
        Residual { between: self.between(), shift: self.gradient_bits - bits }
    }
}

impl Operator for Huber {
    const NAME: &'static str = "huber";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = residual::RULES;
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({
            "delta": { "type": "integer", "minimum": 1, "bits": "2 limbBits" },
            "gradientBits": { "type": "integer", "minimum": "bits", "maximum": MAX_GRADIENT_BITS },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        // Of a negative one nothing can be the opposite.
        if self.delta < 1 {
            return Err(format!("delta {}: at least 1", self.delta));
        }
        self.between().check(formats)?;
        residual::infer(inputs, self.gradient_bits, inputs[0].bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        self.residual(facts[0].bits).bound(inputs)
    }

    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        residual::cost(out)
    }

    fn factor(&self, out: &Facts) -> Option<(u64, u64)> {
        Some((1, out.len() as u64))
    }

    fn vjp(&self, site: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Ok(vec![Some(site.output), None])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.gradient(call)
    }

    fn loss<N: Number>(&self, call: &Call<N>) -> Option<Loss> {
        Some(self.value(call))
    }
}
