//! The next weights.

use super::super::operator::{overflow, Call, Output};
use super::{shift, Sgd};
use crate::limits::{CORRECTED_RATE_BITS, RATE_BITS, WEIGHT_BITS};
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Sgd {
    /// The rate times the factor. Errors: `ETA_RANGE` where that is no integer in `1..2^17`, of a corrected rate in `0..2^36`.
    fn rate<N: Number>(&self, rate: N) -> Result<N, PotError> {
        let (n, d) = (self.rate_factor.numerator, self.rate_factor.denominator);
        if self.rate_factor.is_one() {
            return Ok(rate);
        }
        if !N::EXACT {
            return rate.times(N::approximate(n as f64 / d as f64)).ok_or_else(overflow);
        }
        let (moved, range) = match self.corrected {
            false => (self.rate_factor.of(rate.stored()), format!("1..2^{RATE_BITS}")),
            true => (self.rate_factor.of_corrected(rate.stored()), format!("0..2^{CORRECTED_RATE_BITS}")),
        };
        moved.map(N::of).ok_or_else(|| PotError::new("ETA_RANGE", format!("the rate times {n}/{d} must be an integer in {range}")))
    }

    pub(super) fn update<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let factor = self.rate(call.inputs[2][0])?.up(shift(&call.facts).unwrap_or(0)).ok_or_else(overflow)?;
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
