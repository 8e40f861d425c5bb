//! Quotients, remainders and ReLU.

use super::super::operator::{Call, Output};
use super::super::ranges::{half, of, round_all, stored};
use super::{Range, Round};
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Round {
    pub(super) fn rounded<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let relu = self.range == Range::Relu;
        if !N::EXACT {
            let values = call.inputs[0].iter().map(|v| if relu && *v < N::default() { N::default() } else { *v });
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let wide = 1i128 << (2 * call.formats.limb_bits);
        let range = if self.range == Range::Half { half(call.formats) } else { 1 - wide..wide + 1 };
        let broken = call.broken("quotient", call.out.len());
        let (q, r) = round_all(&stored(call.inputs[0]), call.facts[0].bits - self.bits, &range, broken, "rounded value")?;
        let mut values: Vec<i128> = q.iter().map(|v| if relu { (*v).max(0) } else { *v }).collect();
        if let Some(i) = call.broken("mask", q.len()) {
            values[i] = if q[i] > 0 { 0 } else { q[i] };
        }
        Ok(Output { values: of(&values), cells: vec![("z", of(&q)), ("r", of(&r))] })
    }
}
