//! Binary cross-entropy from logits: a loss.

mod circuit;
mod execute;

use super::operator::{Call, Emit, Family, Loss, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::limits::MAX_GRADIENT_BITS;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Of logits z and labels y, 0 or 1 each (at 0 fractional bits), of one shape: `sigmoid(z) - t`, with `2^d t = s + (2^d - 2 s) y` and s the
/// smoothing. The sigmoid is the softmax of z and 0, as `softmax_cross_entropy` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigmoidCrossEntropy {
    /// Fractional bits d of the output.
    pub gradient_bits: u32,
    /// What a label of 0 has, in units of the output's last place; left out of texts where it is 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub smoothing: u32,
}

fn is_zero(v: &u32) -> bool {
    *v == 0
}

impl SigmoidCrossEntropy {
    /// By how much the target of a label of 1 is more than that of 0.
    fn weight(&self) -> i128 {
        (1 << self.gradient_bits) - 2 * i128::from(self.smoothing)
    }
}

impl Operator for SigmoidCrossEntropy {
    const NAME: &'static str = "sigmoid_cross_entropy";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["sign", "exponential", "quotient", "label"];
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({
            "gradientBits": { "type": "integer", "minimum": 1, "maximum": MAX_GRADIENT_BITS },
            "smoothing": { "type": "integer", "minimum": 0, "below": "2^gradientBits / 2", "default": 0 },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        let (z, y) = (inputs[0], inputs[1]);
        if z.shape != y.shape {
            return Err(format!("logits of shape {:?} and labels of shape {:?}: both the same", z.shape, y.shape));
        }
        if y.bits != 0 {
            return Err(format!("labels are 0 or 1, so they have 0 fractional bits, not {}", y.bits));
        }
        // The low table has 2^(bits-2) entries, and its index is a limb.
        if !(2..=formats.limb_bits + 2).contains(&z.bits) {
            return Err(format!("logits of {} fractional bits: 2 to {}", z.bits, formats.limb_bits + 2));
        }
        if !(1..=MAX_GRADIENT_BITS).contains(&self.gradient_bits) {
            return Err(format!("gradientBits {}: 1 to {MAX_GRADIENT_BITS}", self.gradient_bits));
        }
        if self.weight() < 1 {
            return Err(format!("smoothing {} of a label of 0: less than 2^{} / 2", self.smoothing, self.gradient_bits));
        }
        Facts::new(z.shape.clone(), self.gradient_bits)
    }

    /// A logit that limbs and a table give is below 2^32, and those of a graph below 2^252: what is claimed is one of integers.
    fn bound(&self, _: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        Ok(Bound::of(self.gradient_bits))
    }

    /// Output and seven integers an entry; both tables are made for each node.
    fn cost(&self, inputs: &[&Facts], out: &Facts, formats: &Formats) -> Cost {
        let tables = (1u64 << formats.limb_bits) + (1u64 << inputs[0].bits >> 2);
        Cost { held: 8 * out.len() as u64, work: 8 * out.len() as u64 + tables }
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
