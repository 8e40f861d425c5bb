//! x where it is positive, else `alpha x`. It has no table: its unit multiplies.

use super::{At, Curve, End, Fraction};
use std::ops::RangeInclusive;

pub(super) struct LeakyRelu;

impl Curve for LeakyRelu {
    fn alphas(limb_bits: u32) -> RangeInclusive<u32> {
        1..=1 << limb_bits
    }
    fn at(x: &At) -> [Fraction; 2] {
        match x.n > 0 {
            true => [Fraction { n: x.n, d: 1 << x.bits }, Fraction::whole(1)],
            false => [Fraction { n: x.alpha.n * x.n, d: x.alpha.d << x.bits }, x.alpha],
        }
    }
    fn real(x: f64, alpha: f64) -> [f64; 2] {
        match x > 0.0 {
            true => [x, 1.0],
            false => [alpha * x, alpha],
        }
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Held, End::Line]
    }
}
