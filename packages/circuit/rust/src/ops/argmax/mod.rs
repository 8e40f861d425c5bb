//! Which entry of a row is the largest.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use super::ranges;
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of `[.., n]`: 1 for the largest entry of a row, the first of equal ones, and 0 for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgMax {}

/// How many rows of so many entries.
fn rows(out: &Facts) -> usize {
    out.len() / out.shape.last().copied().unwrap_or(1)
}

impl Operator for ArgMax {
    const NAME: &'static str = "argmax";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["maximum", "choice", "distance"];
    const INPUTS: (usize, usize) = (1, 1);

    fn schema() -> Json {
        json!({})
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        match inputs[0].shape.is_empty() {
            true => Err("a scalar has no entries to choose from".into()),
            false => Facts::new(inputs[0].shape.clone(), 0),
        }
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        ranges::of_two_limbs("a number of which the largest is wanted", inputs[0], formats)?;
        Ok(Bound::of(0))
    }

    /// Output and distance of an entry, maximum of a row.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: (2 * out.len() + rows(out)) as u64, work: out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "a choice has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.chosen(call)
    }
}
