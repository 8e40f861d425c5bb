//! Softmax with cross-entropy: a loss.

mod circuit;
mod execute;

pub use super::tables::{exp_pair, exp_tables};

use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::limits::{EXECUTED_BITS, MAX_GRADIENT_BITS};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of logits and one-hot labels y (at 0 fractional bits), both `[.., classes]`: `softmax(z) - t`, with `2^d t = s` for all classes but
/// the label's, which has all that is left of 2^d, and s the smoothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SoftmaxCrossEntropy {
    /// Fractional bits of the output.
    pub gradient_bits: u32,
    /// What each class has of the label, in units of the output's last place; left out of texts where it is 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub smoothing: u32,
}

fn is_zero(v: &u32) -> bool {
    *v == 0
}

impl SoftmaxCrossEntropy {
    /// By how much the target of a label is more than that of another class: 2^d less the smoothing of all classes.
    fn weight(&self, classes: usize) -> i128 {
        (1 << self.gradient_bits) - i128::from(self.smoothing) * classes as i128
    }
}

/// How many rows of classes.
fn rows(out: &Facts) -> u64 {
    out.shape.iter().rev().skip(1).product::<usize>() as u64
}

impl Operator for SoftmaxCrossEntropy {
    const NAME: &'static str = "softmax_cross_entropy";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["maximum", "exponential", "sum", "quotient", "label"];
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({
            "gradientBits": { "type": "integer", "minimum": 1, "maximum": MAX_GRADIENT_BITS },
            "smoothing": { "type": "integer", "minimum": 0, "below": "2^gradientBits / classes", "default": 0 },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        let (z, y) = (inputs[0], inputs[1]);
        if z.shape != y.shape || z.shape.is_empty() {
            return Err(format!("logits of shape {:?} and labels of shape {:?}: both [.., classes]", z.shape, y.shape));
        }
        if y.bits != 0 {
            return Err(format!("labels are one-hot, so they have 0 fractional bits, not {}", y.bits));
        }
        // The low table has 2^(bits-2) entries, and its index is a limb.
        if !(2..=formats.limb_bits + 2).contains(&z.bits) {
            return Err(format!("logits of {} fractional bits: 2 to {}", z.bits, formats.limb_bits + 2));
        }
        if !(1..=MAX_GRADIENT_BITS).contains(&self.gradient_bits) {
            return Err(format!("gradientBits {}: 1 to {MAX_GRADIENT_BITS}", self.gradient_bits));
        }
        let classes = z.shape.last().copied().unwrap_or(1);
        if self.weight(classes) < 1 {
            return Err(format!("smoothing {} for {classes} classes: together less than 2^{}", self.smoothing, self.gradient_bits));
        }
        Facts::new(z.shape.clone(), self.gradient_bits)
    }

    /// Tables, sums and quotients stay below 2^84 by the limits of their bits; differences of logits have a bit more than these. In the
    /// field these are at most 2^253, so one that the limbs give, below 2^32, is one of integers.
    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        let bits = inputs[0].executed + 1;
        if bits > EXECUTED_BITS {
            return Err(Excess { what: "a difference of logits", bits, most: EXECUTED_BITS });
        }
        Ok(Bound::of(self.gradient_bits))
    }

    /// Output and six integers an entry, three a row; both tables are made for each node.
    fn cost(&self, inputs: &[&Facts], out: &Facts, formats: &Formats) -> Cost {
        let (entries, rows) = (out.len() as u64, rows(out));
        let tables = (1u64 << formats.limb_bits) + (1u64 << inputs[0].bits >> 2);
        Cost { held: 7 * entries + 3 * rows, work: 8 * entries + tables }
    }

    fn factor(&self, out: &Facts) -> Option<(u64, u64)> {
        Some((1, rows(out)))
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
