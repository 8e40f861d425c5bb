//! Exponentials by table, and quotients.

use super::super::operator::{out_of_range, Call, Loss, Output};
use super::super::ranges::{of, stored};
use super::super::tables::exp_tables;
use super::SigmoidCrossEntropy;
use crate::number::Number;
use pot_proof_system::error::PotError;

const NAMES: [&str; 7] = ["hi", "eHi", "lo", "eLo", "positive", "q", "rem"];

impl SigmoidCrossEntropy {
    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let (zero, one) = (N::default(), N::whole(1));
        if !call.inputs[1].iter().all(|y| *y == zero || *y == one) {
            return Err(PotError::new("DATA_LABELS", "labels of binary cross-entropy must be 0 or 1".into()));
        }
        let pairs = call.inputs[0].iter().zip(call.inputs[1]);
        if !N::EXACT {
            let values = pairs.map(|(z, y)| N::approximate(1.0 / (1.0 + (-z.real(0)).exp()) - self.target(y.real(0))));
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let (z, tables) = (stored(call.inputs[0]), exp_tables(call.formats, call.facts[0].bits));
        let lie = call.broken("label", z.len());
        let mut cells = NAMES.map(|name| (name, Vec::with_capacity(z.len())));
        let mut values = Vec::with_capacity(z.len());
        for (i, (z, y)) in z.iter().zip(call.inputs[1]).enumerate() {
            let entry = self.entry(call, &tables, (i, *z))?;
            let y = y.stored() + i128::from(lie == Some(i));
            values.push(N::of(entry[5] - y * self.weight() - i128::from(self.smoothing)));
            cells.iter_mut().zip(entry).for_each(|(c, v)| c.1.push(v));
        }
        Ok(Output { values, cells: cells.into_iter().map(|(name, v)| (name, of(&v))).collect() })
    }

    /// `E = EHI[t >> low] ELO[t mod 2^low]` of t = |z|, and q the quotient of E or its largest value by the sum of both.
    fn entry<N: Number>(&self, call: &Call<N>, (high, lows): &(Vec<u32>, Vec<u32>), (i, z): (usize, i128)) -> Result<[i128; 7], PotError> {
        let low = call.facts[0].bits - 2;
        let lie = |rule: &str| call.broken(rule, call.out.len()) == Some(i);
        let (t, positive) = (z.abs(), (z >= 0) != lie("sign"));
        let (hi, lo) = (t >> low, t & ((1 << low) - 1));
        let Some(e_hi) = usize::try_from(hi).ok().and_then(|h| high.get(h)) else {
            return Err(out_of_range("logit", z, (high.len() as i128) << low));
        };
        let (e_hi, e_lo) = (i128::from(*e_hi), i128::from(lows[lo as usize]) + i128::from(lie("exponential")));
        let (one, e) = (i128::from(high[0]) * i128::from(lows[0]), e_hi * e_lo);
        let sum = one + e;
        let n = ((if positive { one } else { e }) << (self.gradient_bits + 1)) + sum;
        let q = n / (2 * sum) + i128::from(lie("quotient"));
        Ok([hi, e_hi, lo, e_lo, i128::from(positive), q, n - q * 2 * sum])
    }

    /// What a label of 0 or 1 asks for, in real numbers.
    fn target(&self, y: f64) -> f64 {
        (self.weight() as f64 * y + f64::from(self.smoothing)) / f64::from(self.gradient_bits).exp2()
    }

    /// The mean over all entries, as tfjs's `sigmoidCrossEntropy`.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let pairs = call.inputs[0].iter().zip(call.inputs[1]);
        let each = |(z, y): (&N, &N)| {
            let (z, t) = (z.real(call.facts[0].bits), self.target(y.real(0)));
            z.max(0.0) - z * t + (-z.abs()).exp().ln_1p()
        };
        let entries = call.out.len() as f64;
        Loss { value: pairs.map(each).sum::<f64>() / entries, correct: 0, factor: 1.0 / entries }
    }
}
