//! Averages of squares, their roots, and what is left of both.

use super::super::operator::{out_of_range, overflow, Call, Output};
use super::super::ranges::of;
use super::{extra, SecondMoment};
use crate::limits::{MOMENT_GRADIENT_BITS, SECOND_MOMENT_BITS};
use crate::number::{root, Number};
use pot_proof_system::error::PotError;

impl SecondMoment {
    pub(super) fn averaged<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let entries = call.inputs[0].iter().zip(call.inputs[1]);
        if !N::EXACT {
            let factor = self.factor as f64 / f64::from(call.formats.limb_bits).exp2();
            let each = |(v, g): (&N, &N)| N::approximate(factor * v.real(0) + (1.0 - factor) * g.real(0).powi(2));
            return Ok(Output { values: entries.map(each).collect(), cells: vec![] });
        }
        let broken = call.broken("quotient", call.out.len());
        let [mut values, mut roots, mut over, mut rests] = [(); 4].map(|_| Vec::with_capacity(call.out.len()));
        for (i, (v, g)) in entries.enumerate() {
            let (average, rest) = self.average(call, v.stored(), g.stored(), broken == Some(i))?;
            let under_root = average + i128::from(self.within);
            let s = root(under_root as u128) as i128;
            values.push(average);
            roots.push(s);
            over.push(under_root - s * s);
            rests.push(rest);
        }
        let gradients = call.inputs[1].to_vec();
        Ok(Output { values: of(&values), cells: vec![("gradient", gradients), ("root", of(&roots)), ("over", of(&over)), ("r", of(&rests))] })
    }

    /// One entry, and the remainder.
    fn average<N: Number>(&self, call: &Call<N>, v: i128, g: i128, lie: bool) -> Result<(i128, i128), PotError> {
        let (b, limit) = (call.formats.limb_bits, 1i128 << MOMENT_GRADIENT_BITS);
        let g = g.up(extra(&call.facts).unwrap_or(0)).ok_or_else(overflow)?;
        if !(-limit..limit).contains(&g) {
            return Err(out_of_range("gradient", g, limit));
        }
        let factor = i128::from(self.factor);
        let raw = factor.times(v).and_then(|old| old.plus(((1 << b) - factor) * g * g)).and_then(|sum| sum.plus(1 << (b - 1)));
        let raw = raw.ok_or_else(overflow)?;
        let average = (raw >> b) + i128::from(lie);
        match average {
            v if (0..1i128 << SECOND_MOMENT_BITS).contains(&v) => Ok((v, raw - (v << b))),
            v => Err(out_of_range("second moment", v, 1 << SECOND_MOMENT_BITS)),
        }
    }
}
