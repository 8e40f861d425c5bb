//! Activations: what a rounding gives is bent by a function, looked up in a table or, of LeakyReLU, computed.

mod circuit;
mod execute;
mod leaky;

pub(in crate::ops) use execute::Entries;
pub use super::functions::{Function, Name};

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use super::{ranges, ActivationGradient};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::limits::{MAX_GRADIENT_BITS, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Integer bits that a table has at least: it covers [-8, 8), or more.
const DOMAIN_BITS: u32 = 4;

/// `f(z)` of `z = round(x)`, which has `bits` fractional bits as f has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Activation {
    pub activation: Name,
    /// The function's parameter in units of 2^-b; 0 where it has none.
    pub alpha: u32,
    /// Fractional bits of z and of the output.
    pub bits: u32,
    /// Those of the gradient with respect to the input.
    pub gradient_bits: u32,
}

impl Activation {
    pub fn function(&self) -> Function {
        Function { name: self.activation, alpha: self.alpha }
    }
}

/// What a function's entries take besides multiplications, at most one for each of the table's.
pub(in crate::ops) fn work(entries: usize, formats: &Formats) -> u64 {
    (entries as u64).saturating_mul(8) + (entries as u64).min(1 << formats.limb_bits) * 256
}

/// Refuses, in words, a function that there is none of, or whose table is too narrow.
pub fn check(function: &Function, bits: u32, formats: &Formats) -> Result<(), String> {
    let b = formats.limb_bits;
    function.check(b)?;
    // A limb has four bits at least.
    if function.tabled() && bits > b - DOMAIN_BITS {
        let most = b - DOMAIN_BITS;
        return Err(format!("an activation of {bits} fractional bits: a table of limbs of {b} bits covers [-8, 8) with at most {most}"));
    }
    Ok(())
}

impl Operator for Activation {
    const NAME: &'static str = "activation";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["quotient", "mask", "product", "value", "clamp"];
    const INPUTS: (usize, usize) = (1, 1);

    fn rules(&self) -> &'static [&'static str] {
        match self.function().tabled() {
            true => &["quotient", "value", "clamp"],
            false => &["quotient", "mask", "product"],
        }
    }

    fn schema() -> Json {
        json!({
            "activation": { "type": "string", "values": Name::ALL },
            "alpha": { "type": "integer", "minimum": 0, "unit": "2^-limbBits" },
            "bits": { "type": "integer", "minimum": 0, "shift": { "maximum": MAX_SHIFT } },
            "gradientBits": { "type": "integer", "minimum": 0, "maximum": MAX_GRADIENT_BITS },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        ranges::shift(inputs[0], self.bits)?;
        check(&self.function(), self.bits, formats)?;
        if self.gradient_bits > MAX_GRADIENT_BITS {
            return Err(format!("gradientBits {}: at most {MAX_GRADIENT_BITS}", self.gradient_bits));
        }
        Facts::new(inputs[0].shape.clone(), self.bits)
    }

    /// A table's values are in a limb; beyond it some functions go on as x, by what two limbs hold and one more.
    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let b = formats.limb_bits;
        let bound = match (self.function().tabled(), self.function().slopes(b)) {
            (true, [0, 0]) => Bound::of(b - 1),
            (true, _) => Bound { executed: 2 * b, proven: 2 * b + 1 },
            (false, _) => Bound::of(2 * b),
        };
        ranges::rounded(inputs[0], ranges::lift(facts[0].bits - self.bits, formats), 2 * b)?;
        Ok(bound)
    }

    /// Output and five integers.
    fn cost(&self, _: &[&Facts], out: &Facts, formats: &Formats) -> Cost {
        Cost { held: 6 * out.len() as u64, work: work(out.len(), formats) }
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        let op = ActivationGradient { activation: self.activation, alpha: self.alpha, bits: self.gradient_bits };
        graph.emit(op.into(), &[site.gradient, site.output, site.inputs[0]]).map(|v| vec![Some(v)])
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.applied(call)
    }
}
