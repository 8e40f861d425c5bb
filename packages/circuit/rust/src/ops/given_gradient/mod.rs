//! A gradient that is given: a loss of which nothing is known but its gradient.

mod execute;

use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value, FORM_RULES};
use crate::bound::{Bound, Excess};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of outputs z and a gradient g of the same shape: g, taken as it is given. Nothing is said about where it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenGradient {}

impl Operator for GivenGradient {
    const NAME: &'static str = "given_gradient";
    const FAMILY: Family = Family::Form;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({})
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let (z, g) = (inputs[0], inputs[1]);
        if z.shape != g.shape {
            return Err(format!("outputs {:?} and their gradient {:?}: both of one shape", z.shape, g.shape));
        }
        Ok(g.clone())
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        Ok(inputs[1])
    }

    fn factor(&self, _: &Facts) -> Option<(u64, u64)> {
        Some((1, 1))
    }

    fn vjp(&self, site: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Ok(vec![Some(site.output), None])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        Ok(call.form(call.inputs[1].to_vec()))
    }

    fn loss<N: Number>(&self, call: &Call<N>) -> Option<Loss> {
        Some(self.value(call))
    }
}
