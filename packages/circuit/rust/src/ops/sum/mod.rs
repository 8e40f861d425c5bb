//! Linear combinations with integer coefficients, and sums over leading axes.

mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value, FORM_RULES};
use super::View;
use crate::bound::{sum_bits, Bound, Excess};
use crate::cost::Cost;
use crate::limits::{COEFFICIENT_BITS, MAX_INPUTS};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// `Y = sum_i c_i X_i`, then summed over the first `reduce` axes. Inputs of fewer axes are repeated along those that they lack in
/// front (a bias along the batch). Inputs of fewer fractional bits are shifted to the most that one has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    pub coefficients: Vec<i64>,
    pub reduce: usize,
}

impl Sum {
    /// The sum of so many values.
    pub fn of(inputs: usize) -> Self {
        Self { coefficients: vec![1; inputs], reduce: 0 }
    }
}

/// The shape that all inputs are repeated to, and the bits that they are shifted to.
fn common(inputs: &[&Facts]) -> (Vec<usize>, u32) {
    let longest = inputs.iter().map(|f| &f.shape).max_by_key(|s| s.len()).cloned().unwrap_or_default();
    (longest, inputs.iter().map(|f| f.bits).max().unwrap_or(0))
}

impl Operator for Sum {
    const NAME: &'static str = "sum";
    const FAMILY: Family = Family::Form;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (1, MAX_INPUTS);

    fn schema() -> Json {
        json!({
            "coefficients": { "type": "integers", "each": "input", "magnitudeBits": COEFFICIENT_BITS, "zero": false },
            "reduce": { "type": "integer", "minimum": 0, "maximum": "rank" },
        })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        if self.coefficients.len() != inputs.len() {
            return Err(format!("{} coefficients for {} inputs", self.coefficients.len(), inputs.len()));
        }
        if let Some(c) = self.coefficients.iter().find(|c| **c == 0 || c.unsigned_abs() > 1 << COEFFICIENT_BITS) {
            return Err(format!("coefficient {c}: from 1 to 2^{COEFFICIENT_BITS} in absolute value"));
        }
        let (shape, bits) = common(inputs);
        if let Some(f) = inputs.iter().find(|f| !shape.ends_with(&f.shape)) {
            return Err(format!("shape {:?} is not that of the last axes of {shape:?}", f.shape));
        }
        if self.reduce > shape.len() {
            return Err(format!("a sum over {} axes of {}", self.reduce, shape.len()));
        }
        Facts::new(shape[self.reduce..].to_vec(), bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        let (shape, bits) = common(facts);
        let terms = inputs.len() as u64 * shape[..self.reduce].iter().product::<usize>() as u64;
        let each = |b: &[u32]| {
            let terms = b.iter().zip(facts).zip(&self.coefficients);
            terms.map(|((b, f), c)| b + bits - f.bits + sum_bits(c.unsigned_abs())).max().unwrap_or(0)
        };
        Ok(Bound::by(inputs, |b| each(b) + sum_bits(terms)))
    }

    fn cost(&self, inputs: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        let terms = common(inputs).0.iter().product::<usize>() as u64;
        Cost { held: out.len() as u64, work: terms.saturating_mul(inputs.len() as u64) }
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        let (shape, _) = common(&site.inputs.iter().map(|v| graph.facts(*v)).collect::<Vec<_>>());
        let mut whole = site.gradient;
        if self.reduce > 0 {
            whole = graph.emit(View::Broadcast { shape: shape[..self.reduce].to_vec() }.into(), &[whole])?;
        }
        let mut gradient = |(i, c): (usize, &i64)| {
            if !site.wanted[i] {
                return Ok(None);
            }
            let reduce = shape.len() - graph.facts(site.inputs[i]).shape.len();
            let plain = *c == 1 && reduce == 0;
            Ok(Some(if plain { whole } else { graph.emit(Self { coefficients: vec![*c], reduce }.into(), &[whole])? }))
        };
        self.coefficients.iter().enumerate().map(&mut gradient).collect()
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.combine(call).map(|v| call.form(v))
    }
}
