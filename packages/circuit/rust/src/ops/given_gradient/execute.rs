//! The loss that has this gradient.

use super::super::operator::{Call, Loss};
use super::GivenGradient;
use crate::number::Number;

impl GivenGradient {
    /// `sum_i z_i g_i`: of all losses with this gradient the linear one.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let [z, g] = [0, 1].map(|i| call.inputs[i].iter().map(move |v| v.real(call.facts[i].bits)));
        Loss { value: z.zip(g).map(|(z, g)| z * g).sum(), correct: 0, factor: 1.0 }
    }
}
