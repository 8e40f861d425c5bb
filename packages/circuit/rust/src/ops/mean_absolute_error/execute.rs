//! Signs of differences, and the mean of their absolute values.

use super::super::operator::{Call, Loss, Output};
use super::super::residual::mean;
use super::MeanAbsoluteError;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl MeanAbsoluteError {
    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.residual().gradient(call, |x| if x == 0.0 { 0.0 } else { x.signum() })
    }

    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        mean(call, f64::abs)
    }
}
