//! Quotients and remainders.

use super::super::operator::{Call, Output};
use super::super::ranges::{of, round_all, stored};
use super::Downscale;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Downscale {
    pub(super) fn rounded<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        if !N::EXACT {
            let scale = f64::from(self.shift).exp2();
            return Ok(Output { values: call.inputs[0].iter().map(|v| N::approximate(v.real(0) / scale)).collect(), cells: vec![] });
        }
        let limit = 1i128 << call.formats.long_bits();
        let broken = call.broken("quotient", call.out.len());
        let (q, r) = round_all(&stored(call.inputs[0]), self.shift, &(-limit..limit), broken, "part of a state or weight")?;
        Ok(Output { values: of(&q), cells: vec![("r", of(&r))] })
    }
}
