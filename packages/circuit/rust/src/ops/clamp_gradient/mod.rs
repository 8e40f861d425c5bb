//! The gradient of `clamp`: it passes where what is clamped stays as it is, both ends included. It belongs to the unit that it is the
//! gradient of.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of a gradient G, the clamp's output c and its input x: `[c = x] G`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClampGradient {}

impl Operator for ClampGradient {
    const NAME: &'static str = "clamp_gradient";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["mask"];
    const INPUTS: (usize, usize) = (3, 3);
    const EMITTED: bool = true;

    fn schema() -> Json {
        json!({})
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        if inputs[1] != inputs[2] || inputs[0].shape != inputs[1].shape {
            return Err(format!("a gradient of shape {:?} for a clamp of {:?} that gives {:?}", inputs[0].shape, inputs[2], inputs[1]));
        }
        Ok(inputs[0].clone())
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        Ok(inputs[0])
    }

    /// Output and gradient.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 2 * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "gradients of gradients are not supported"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        Ok(self.passed(call))
    }
}
