//! `x / (1 + exp(-x))`, which is called swish too.

use super::numeric::{logistic, logistic_real, product};
use super::{At, Curve, End, Fraction};

pub(super) struct Silu;

impl Curve for Silu {
    fn at(x: &At) -> [Fraction; 2] {
        let [s, rest] = logistic(x.exponential(), x.n < 0);
        [Fraction::fixed(x.times(s)), Fraction::fixed(s + x.times(product(s, rest)))]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let (s, rest) = (logistic_real(x), logistic_real(-x));
        [x * s, s + x * s * rest]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Flat(Fraction::whole(0)), End::Line]
    }
}
