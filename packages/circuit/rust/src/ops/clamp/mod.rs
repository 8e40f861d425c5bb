//! What lies between two numbers stays, all else becomes the nearer one.

mod circuit;
mod execute;

use super::clamped::Between;
use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use super::ClampGradient;
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// `min(max(x, minimum), maximum)`, with `minimum <= 0 <= maximum` in units of x's last place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clamp {
    pub maximum: i64,
    pub minimum: i64,
}

impl Clamp {
    fn between(&self) -> Between {
        Between { minimum: self.minimum, maximum: self.maximum }
    }
}

impl Operator for Clamp {
    const NAME: &'static str = "clamp";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["clamp", "side"];
    const INPUTS: (usize, usize) = (1, 1);

    fn schema() -> Json {
        let end = |sign: &str| json!({ "type": "integer", "sign": sign, "bits": "2 limbBits" });
        json!({ "maximum": end("0 or above"), "minimum": end("0 or below") })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        self.between().check(formats)?;
        Ok(inputs[0].clone())
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        self.between().bound(inputs[0], 0)
    }

    /// Output and input.
    fn cost(&self, _: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost { held: 2 * out.len() as u64, work: out.len() as u64 }
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        graph.emit(ClampGradient {}.into(), &[site.gradient, site.output, site.inputs[0]]).map(|v| vec![Some(v)])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.clamped(call)
    }
}
