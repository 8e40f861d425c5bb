//! What passes.

use super::super::operator::{Call, Output};
use super::ClampGradient;
use crate::number::Number;

impl ClampGradient {
    pub(super) fn passed<N: Number>(&self, call: &Call<N>) -> Output<N> {
        let [gradients, clamped, given] = [0, 1, 2].map(|i| call.inputs[i]);
        let lie = call.broken("mask", gradients.len());
        let passes = |i: usize| (clamped[i] == given[i]) != (lie == Some(i));
        let values = gradients.iter().enumerate().map(|(i, g)| if passes(i) { *g } else { N::default() }).collect();
        Output { values, cells: if N::EXACT { vec![("gradient", gradients.to_vec())] } else { vec![] } }
    }
}
