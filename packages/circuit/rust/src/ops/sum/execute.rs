//! Sums, term by term.

use super::super::operator::{overflow, Call};
use super::{common, Sum};
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Sum {
    pub(super) fn combine<N: Number>(&self, call: &Call<N>) -> Result<Vec<N>, PotError> {
        let (shape, bits) = common(&call.facts);
        let entries = shape.iter().product::<usize>();
        let mut out = vec![N::default(); call.out.len()];
        for ((x, f), c) in call.inputs.iter().zip(&call.facts).zip(&self.coefficients) {
            for i in 0..entries {
                let term = x[i % x.len()].up(bits - f.bits).and_then(|v| v.times(N::whole(*c)));
                let at = i % out.len();
                out[at] = term.and_then(|t| out[at].plus(t)).ok_or_else(overflow)?;
            }
        }
        Ok(out)
    }
}
