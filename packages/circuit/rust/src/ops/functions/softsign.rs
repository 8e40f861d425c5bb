//! `x / (1 + |x|)`. It is far from 1 where its table ends, and stays what it is there.

use super::{At, Curve, End, Fraction};

pub(super) struct Softsign;

impl Curve for Softsign {
    fn at(x: &At) -> [Fraction; 2] {
        let one = 1i128 << x.bits;
        let d = one + x.n.abs();
        [Fraction { n: x.n, d }, Fraction { n: one * one, d: d * d }]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let d = 1.0 + x.abs();
        [x / d, 1.0 / (d * d)]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Held, End::Held]
    }
}
