//! Differences held between -delta and delta, and the mean of what they are the slope of.

use super::super::operator::{Call, Loss, Output};
use super::super::residual::mean;
use super::Huber;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Huber {
    fn real<N: Number>(&self, call: &Call<N>) -> f64 {
        self.delta as f64 / f64::from(call.facts[0].bits).exp2()
    }

    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let delta = self.real(call);
        self.residual(call.facts[0].bits).gradient(call, |x| x.clamp(-delta, delta))
    }

    /// As tfjs's `huberLoss`: half of the square up to delta, and delta times what is beyond.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let delta = self.real(call);
        mean(call, |x| {
            let near = x.abs().min(delta);
            near * near / 2.0 + delta * (x.abs() - near)
        })
    }
}
