//! `1 / (1 + exp(-x))`.

use super::numeric::{logistic, logistic_real, product};
use super::{At, Curve, End, Fraction};

pub(super) struct Sigmoid;

impl Curve for Sigmoid {
    fn at(x: &At) -> [Fraction; 2] {
        let [s, rest] = logistic(x.exponential(), x.n < 0);
        [Fraction::fixed(s), Fraction::fixed(product(s, rest))]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let s = logistic_real(x);
        [s, s * logistic_real(-x)]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [0, 1].map(|v| End::Flat(Fraction::whole(v)))
    }
}
