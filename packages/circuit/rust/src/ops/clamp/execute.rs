//! The nearest number between both.

use super::super::operator::{Call, Output};
use super::super::ranges::{of, stored};
use super::Clamp;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Clamp {
    pub(super) fn clamped<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        if !N::EXACT {
            let [least, most] = [self.minimum, self.maximum].map(|v| v as f64 / f64::from(call.facts[0].bits).exp2());
            let values = call.inputs[0].iter().map(|x| N::approximate(x.real(0).clamp(least, most)));
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let values = self.between().held(call, &stored(call.inputs[0]))?;
        Ok(Output { values: of(&values), cells: vec![("x", call.inputs[0].to_vec())] })
    }
}
