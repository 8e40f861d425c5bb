//! The next weights.

use super::super::operator::{overflow, Call, Output};
use super::{shift, Sgd};
use crate::limits::WEIGHT_BITS;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Sgd {
    pub(super) fn update<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let factor = call.inputs[2][0].up(shift(&call.facts).unwrap_or(0)).ok_or_else(overflow)?;
        let pairs = call.inputs[0].iter().zip(call.inputs[1]);
        let mut next: Option<Vec<N>> = pairs.map(|(w, g)| g.times(factor).and_then(|step| w.minus(step))).collect();
        if let Some(decayed) = call.inputs.get(3) {
            next = next.and_then(|next| next.into_iter().zip(*decayed).map(|(w, q)| w.minus(*q)).collect());
        }
        let out = call.form(next.ok_or_else(overflow)?);
        match out.values.iter().position(|w| N::EXACT && w.stored().unsigned_abs() >= 1 << WEIGHT_BITS) {
            Some(i) => Err(PotError::new("WEIGHT_RANGE", format!("the step takes weight {i} beyond +-2^55 (integer units): the run diverges")).with("index", i)),
            None => Ok(out),
        }
    }
}
