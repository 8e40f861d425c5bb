//! Quotients, slopes, and products of both.

use super::super::activation::Entries;
use super::super::operator::{out_of_range, overflow, Call, Output};
use super::super::ranges::{half, of, round_all, stored};
use super::ActivationGradient;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl ActivationGradient {
    pub(super) fn rounded<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let (raw, x, b) = (call.inputs[0], call.inputs[2], call.formats.limb_bits);
        if !N::EXACT {
            let slope = |x: &N| N::approximate(self.function().real(x.real(0), b)[1]);
            let values = raw.iter().zip(x).map(|(g, x)| g.times(slope(x)).ok_or_else(overflow)).collect::<Result<_, _>>()?;
            return Ok(Output { values, cells: vec![] });
        }
        let [quotient, slope, product] = ["quotient", "slope", "product"].map(|rule| call.broken(rule, raw.len()));
        let (g, r) = round_all(&stored(raw), call.facts[0].bits - self.bits, &half(call.formats), quotient, "gradient")?;
        let slopes = self.slopes(call)?;
        let (mut values, mut rests) = (Vec::with_capacity(g.len()), Vec::with_capacity(g.len()));
        for (i, (g, s)) in g.iter().zip(slopes).enumerate() {
            let scaled = g * (s + 2 * i128::from(slope == Some(i))) + (1 << (b - 1));
            let v = (scaled >> b) + i128::from(product == Some(i));
            if !half(call.formats).contains(&v) {
                return Err(out_of_range("gradient", v, half(call.formats).end));
            }
            values.push(v);
            rests.push(scaled - (v << b));
        }
        Ok(Output { values: of(&values), cells: vec![("g", of(&g)), ("r", of(&r)), ("rest", of(&rests))] })
    }

    /// f' in units of 2^-b.
    fn slopes<N: Number>(&self, call: &Call<N>) -> Result<Vec<i128>, PotError> {
        let bits = call.facts[1].bits;
        // In the range of the unit that it belongs to.
        let (z, _) = round_all(&stored(call.inputs[2]), call.facts[2].bits - bits, &(i128::MIN..i128::MAX), None, "pre-activation")?;
        if !self.function().tabled() {
            let slope = |z: &i128| if *z > 0 { 1 << call.formats.limb_bits } else { self.alpha.into() };
            return Ok(z.iter().map(slope).collect());
        }
        let mut entries = Entries::new(self.function(), bits, call.formats);
        Ok(z.iter().map(|z| 2 * entries.slope(*z)).collect())
    }
}
