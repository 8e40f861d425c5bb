//! `alpha x + 1/2`, not below 0 and not above 1. Frameworks have an alpha of 1/6 or of 1/5.

use super::{At, Curve, End, Fraction};
use std::ops::RangeInclusive;

pub(super) struct HardSigmoid;

impl Curve for HardSigmoid {
    /// From 1/16 on it is 0 and 1 within every table.
    fn alphas(limb_bits: u32) -> RangeInclusive<u32> {
        1 << (limb_bits - 4)..=1 << limb_bits
    }
    fn at(x: &At) -> [Fraction; 2] {
        let d = x.alpha.d << x.bits;
        let n = x.alpha.n * x.n + d / 2;
        match (0..=d).contains(&n) && n != 0 && n != d {
            true => [Fraction { n, d }, x.alpha],
            false => [Fraction::whole(i128::from(n > 0)), Fraction::whole(0)],
        }
    }
    fn real(x: f64, alpha: f64) -> [f64; 2] {
        let y = alpha * x + 0.5;
        [y.clamp(0.0, 1.0), if y > 0.0 && y < 1.0 { alpha } else { 0.0 }]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [0, 1].map(|v| End::Flat(Fraction::whole(v)))
    }
}
