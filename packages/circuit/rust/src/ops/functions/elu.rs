//! x where it is positive, else `alpha (exp(x) - 1)`.

use super::{At, Curve, End, Fraction};
use std::ops::RangeInclusive;

pub(super) struct Elu;

impl Curve for Elu {
    fn alphas(limb_bits: u32) -> RangeInclusive<u32> {
        1..=1 << limb_bits
    }
    fn at(x: &At) -> [Fraction; 2] {
        if x.n > 0 {
            return [Fraction { n: x.n, d: 1 << x.bits }, Fraction::whole(1)];
        }
        let e = Fraction::fixed(x.exponential());
        let times = |v: i128| Fraction { n: x.alpha.n * v, d: x.alpha.d * e.d };
        [times(e.n - e.d), times(e.n)]
    }
    fn real(x: f64, alpha: f64) -> [f64; 2] {
        match x > 0.0 {
            true => [x, 1.0],
            false => [alpha * x.exp_m1(), alpha * x.exp()],
        }
    }
    fn ends(alpha: Fraction) -> [End; 2] {
        [End::Flat(Fraction { n: -alpha.n, ..alpha }), End::Line]
    }
}
