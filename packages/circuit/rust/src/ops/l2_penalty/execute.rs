//! Quotients and remainders, and the sum of squares.

use super::super::operator::{overflow, Call, Loss, Output};
use super::super::ranges::{of, round_all};
use super::L2Penalty;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl L2Penalty {
    fn real(&self) -> f64 {
        self.coefficient as f64 / f64::from(self.fraction).exp2()
    }

    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        if !N::EXACT {
            let values = call.inputs[0].iter().map(|w| N::approximate(self.real() * w.real(0)));
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let products = call.inputs[0].iter().map(|w| w.stored().checked_mul(self.coefficient.into()));
        let products: Vec<i128> = products.collect::<Option<_>>().ok_or_else(overflow)?;
        let (limit, shift) = (1i128 << call.formats.long_bits(), self.shift(call.facts[0]).unwrap_or(0));
        let (q, r) = round_all(&products, shift, &(-limit..limit), call.broken("quotient", products.len()), "penalty's gradient")?;
        Ok(Output { values: of(&q), cells: vec![("r", of(&r))] })
    }

    /// Lambda times the sum of squares, as tfjs's `l2` has it.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let squares: f64 = call.inputs[0].iter().map(|w| w.real(call.facts[0].bits).powi(2)).sum();
        let factor = self.factor.numerator as f64 / self.factor.denominator as f64;
        Loss { value: factor * self.real() / 2.0 * squares, correct: 0, factor }
    }
}
