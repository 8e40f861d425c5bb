//! The mean absolute error: a loss.

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

/// Of outputs and labels, both `[.., outputs]` and of the same fractional bits: `2^d sign(z - y)`, with a sign of 0 for 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeanAbsoluteError {
    /// Fractional bits d of the output.
    pub gradient_bits: u32,
}

impl MeanAbsoluteError {
    /// An integer's sign is what it is held between -1 and 1.
    fn between(&self) -> Between {
        Between::both(1)
    }
    fn residual(&self) -> Residual {
        Residual { between: self.between(), shift: self.gradient_bits }
    }
}

impl Operator for MeanAbsoluteError {
    const NAME: &'static str = "mean_absolute_error";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = residual::RULES;
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({ "gradientBits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS } })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        residual::infer(inputs, self.gradient_bits, 0)
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        self.residual().bound(inputs)
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
