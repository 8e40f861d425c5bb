//! `Y = A B`, of matrices or of batches of them.

mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value, FORM_RULES};
use super::Sum;
use crate::bound::{sum_bits, Bound, Excess};
use crate::cost::Cost;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// `[.., n, k] x [.., k, m] -> [.., n, m]`, each side transposed in its last two axes first where its attribute says so. The axes
/// before these are the same on both sides, or one side is a matrix, which then serves the whole batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Matmul {
    pub transpose_a: bool,
    pub transpose_b: bool,
}

/// Sizes of one product, and how many there are on each side: one where the side is a matrix.
#[derive(Clone, Copy)]
struct Sizes {
    n: usize,
    k: usize,
    m: usize,
    batch: [usize; 2],
}

impl Matmul {
    fn sizes(&self, a: &Facts, b: &Facts) -> Result<Sizes, String> {
        let matrix = |f: &Facts, transpose: bool| match f.shape[..] {
            [ref batch @ .., r, c] if transpose => Ok((batch.iter().product(), c, r)),
            [ref batch @ .., r, c] => Ok((batch.iter().product(), r, c)),
            _ => Err(format!("a product of shapes {:?} and {:?}: each side has two axes at least", a.shape, b.shape)),
        };
        let ((ba, n, k), (bb, kb, m)) = (matrix(a, self.transpose_a)?, matrix(b, self.transpose_b)?);
        if k != kb {
            return Err(format!("a product of {n} x {k} and {kb} x {m} (shapes {:?} and {:?}, transposed as the attributes say)", a.shape, b.shape));
        }
        let same = a.shape[..a.shape.len() - 2] == b.shape[..b.shape.len() - 2];
        if !same && a.shape.len() > 2 && b.shape.len() > 2 {
            return Err(format!("a product of shapes {:?} and {:?}: the axes before the last two differ", a.shape, b.shape));
        }
        Ok(Sizes { n, k, m, batch: [ba, bb] })
    }
}

impl Operator for Matmul {
    const NAME: &'static str = "matmul";
    const FAMILY: Family = Family::Form;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (2, 2);

    fn schema() -> Json {
        json!({ "transposeA": { "type": "boolean" }, "transposeB": { "type": "boolean" } })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let s = self.sizes(inputs[0], inputs[1])?;
        let longer = if inputs[0].shape.len() > 2 { inputs[0] } else { inputs[1] };
        let mut shape = longer.shape[..longer.shape.len() - 2].to_vec();
        shape.extend([s.n, s.m]);
        Facts::new(shape, inputs[0].bits + inputs[1].bits)
    }

    fn bound(&self, inputs: &[Bound], facts: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        let a = &facts[0].shape;
        let k = a[a.len() - if self.transpose_a { 2 } else { 1 }];
        Ok(Bound::by(inputs, |b| b[0] + b[1] + sum_bits(k as u64)))
    }

    fn cost(&self, inputs: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        let k = self.sizes(inputs[0], inputs[1]).map_or(0, |s| s.k);
        Cost { held: out.len() as u64, work: (out.len() as u64).saturating_mul(k as u64) }
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        let (a, b, g) = (site.inputs[0], site.inputs[1], site.gradient);
        let product = |transpose_a, transpose_b| Self { transpose_a, transpose_b };
        let (ta, tb) = (self.transpose_a, self.transpose_b);
        let sides = [
            if ta { (product(tb, true), [b, g]) } else { (product(false, !tb), [g, b]) },
            if tb { (product(true, ta), [g, a]) } else { (product(!ta, false), [a, g]) },
        ];
        let mut out = vec![None, None];
        for (i, (op, inputs)) in sides.into_iter().enumerate().filter(|(i, _)| site.wanted[*i]) {
            let each = graph.emit(op.into(), &inputs)?;
            // A matrix that serves a batch gets the sum of the batch's gradients.
            let reduce = graph.facts(each).shape.len() - graph.facts(site.inputs[i]).shape.len();
            out[i] = Some(if reduce == 0 { each } else { graph.emit(Sum { coefficients: vec![1], reduce }.into(), &[each])? });
        }
        Ok(out)
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.products(call).map(|v| call.form(v))
    }
}
