//! Quotients, remainders and masks.

use super::super::operator::{Call, Output};
use super::super::ranges::{half, of, round_all, stored};
use super::RoundGradient;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl RoundGradient {
    pub(super) fn rounded<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let (raw, h) = (call.inputs[0], call.inputs[1]);
        let (gradients, cells) = if N::EXACT {
            let broken = call.broken("quotient", raw.len());
            let (q, r) = round_all(&stored(raw), call.facts[0].bits - self.bits, &half(call.formats), broken, "gradient")?;
            (of(&q), vec![("g", of(&q)), ("r", of(&r))])
        } else {
            (raw.to_vec(), vec![])
        };
        let lie = call.broken("mask", raw.len());
        let passes = |i: usize| (!self.mask || h[i] > N::default()) != (lie == Some(i));
        let values = gradients.iter().enumerate().map(|(i, g)| if passes(i) { *g } else { N::default() }).collect();
        Ok(Output { values, cells })
    }
}
