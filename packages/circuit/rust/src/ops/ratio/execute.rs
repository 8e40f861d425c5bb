//! Quotients by roots.

use super::super::operator::{out_of_range, overflow, Call, Output};
use super::super::ranges::of;
use super::{extra, Ratio};
use crate::number::{root, Number};
use pot_proof_system::error::PotError;

impl Ratio {
    pub(super) fn divided<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let entries = call.inputs[0].iter().zip(call.inputs[1]);
        if !N::EXACT {
            let bits = call.facts[1].bits;
            let (epsilon, within) = (self.epsilon as f64 / f64::from(bits / 2).exp2(), self.within as f64 / f64::from(bits).exp2());
            let each = |(m, v): (&N, &N)| N::approximate(m.real(0) / ((v.real(0) + within).sqrt() + epsilon));
            return Ok(Output { values: entries.map(each).collect(), cells: vec![] });
        }
        let lies = [call.broken("root", call.out.len()), call.broken("quotient", call.out.len())];
        let [mut ratios, mut rests, mut room] = [(); 3].map(|_| Vec::with_capacity(call.out.len()));
        for (i, (m, v)) in entries.enumerate() {
            let [root_lie, lie] = lies.map(|l| i128::from(l == Some(i)));
            let divisor = self.divisor(v.stored()) + root_lie;
            let (ratio, rest) = self.quotient(call, m.stored(), divisor, lie)?;
            ratios.push(ratio);
            rests.push(rest);
            room.push(2 * divisor - 1 - rest);
        }
        Ok(Output { values: of(&ratios), cells: vec![("rest", of(&rests)), ("room", of(&room))] })
    }

    /// D, of a second moment.
    pub(super) fn divisor(&self, v: i128) -> i128 {
        root((v + i128::from(self.within)) as u128) as i128 + i128::from(self.epsilon)
    }

    /// One entry, and the remainder.
    fn quotient<N: Number>(&self, call: &Call<N>, m: i128, divisor: i128, lie: i128) -> Result<(i128, i128), PotError> {
        let (limit, most) = (1i128 << call.formats.long_bits(), 1i128 << call.formats.ratio_bits());
        if 2 * divisor >= limit {
            return Err(out_of_range("denominator", 2 * divisor, limit));
        }
        let extra = extra(&call.facts).unwrap_or(0);
        let raw = m.up(self.bits + extra + 1).and_then(|n| n.plus(divisor)).ok_or_else(overflow)?;
        match raw.div_euclid(2 * divisor) + lie {
            u if (-most..most).contains(&u) => Ok((u, raw - 2 * divisor * u)),
            u => Err(out_of_range("ratio", u, most)),
        }
    }
}
