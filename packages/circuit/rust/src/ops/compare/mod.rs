//! Whether a number lies within limits: 1 or 0, and nothing else of it.

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

/// Of each entry x: 1 where `least <= x <= most`, else 0. A limit that is not there is none; one of them is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
}

/// One of the limits: `sign (x - limit)` must not be negative.
#[derive(Clone, Copy)]
struct Side {
    sign: i128,
    limit: i128,
}

impl Side {
    /// Positive where x is within the limit, and 0 or less where it is not.
    fn distance(&self, x: i128) -> i128 {
        self.sign * (x - self.limit) + 1
    }
}

impl Compare {
    fn sides(&self) -> Vec<Side> {
        let side = |sign, limit: Option<i64>| limit.map(|l| Side { sign, limit: l.into() });
        [side(1, self.least), side(-1, self.most)].into_iter().flatten().collect()
    }
}

impl Operator for Compare {
    const NAME: &'static str = "compare";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["flag", "distance", "second flag", "second distance"];
    const INPUTS: (usize, usize) = (1, 1);

    fn rules(&self) -> &'static [&'static str] {
        &Self::RULES[..2 * self.sides().len()]
    }

    fn schema() -> Json {
        let limit = json!({ "type": "integer", "optional": true, "bits": "2 limbBits - 1" });
        json!({ "least": limit, "most": limit })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        let most = 1i128 << (2 * formats.limb_bits - 1);
        // From a limit that every number is within to one that none is.
        if let Some(side) = self.sides().iter().find(|s| (s.limit + i128::from(s.sign < 0)).abs() > most) {
            return Err(format!("a limit of {}: least has -{most} to {most}, most one less", side.limit));
        }
        match self.sides()[..] {
            [] => Err("a comparison with nothing: least, most or both".into()),
            [least, most] if least.limit > most.limit => Err(format!("nothing is at least {} and at most {}", least.limit, most.limit)),
            _ => Facts::new(inputs[0].shape.clone(), 0),
        }
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        ranges::of_two_limbs("a number that is compared", inputs[0], formats)?;
        Ok(Bound::of(0))
    }

    /// Output, and a flag and a distance for each limit.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: (1 + 2 * self.sides().len() as u64) * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "a comparison has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.compared(call)
    }
}
