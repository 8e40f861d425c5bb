//! The mean squared error: a loss.

mod execute;

use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::limits::MAX_GRADIENT_BITS;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of outputs and labels, both `[.., outputs]` and of the same fractional bits a: `2^(d-a) (z - y)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeanSquaredError {
    /// Fractional bits d of the output.
    pub gradient_bits: u32,
}

impl Operator for MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["difference"];
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({ "gradientBits": { "type": "integer", "minimum": "bits", "maximum": MAX_GRADIENT_BITS } })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let (z, y) = (inputs[0], inputs[1]);
        if z != y {
            return Err(format!("outputs {:?} at {} fractional bits and labels {:?} at {}: both the same", z.shape, z.bits, y.shape, y.bits));
        }
        if !(z.bits..=MAX_GRADIENT_BITS).contains(&self.gradient_bits) {
            return Err(format!("gradientBits {}: {} to {MAX_GRADIENT_BITS}", self.gradient_bits, z.bits));
        }
        Facts::new(z.shape.clone(), self.gradient_bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        Ok(Bound::by(inputs, |b| b[0].max(b[1]) + 1 + self.gradient_bits - facts[0].bits))
    }

    fn factor(&self, out: &Facts) -> Option<(u64, u64)> {
        Some((2, out.len() as u64))
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
