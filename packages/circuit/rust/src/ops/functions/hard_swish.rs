//! `x min(max(x / 6 + 1/2, 0), 1)`.

use super::{At, Curve, End, Fraction};

pub(super) struct HardSwish;

impl Curve for HardSwish {
    fn at(x: &At) -> [Fraction; 2] {
        let one = 1i128 << x.bits;
        if x.n.abs() >= 3 * one {
            let n = x.n.max(0);
            return [Fraction { n, d: one }, Fraction::whole(i128::from(n > 0))];
        }
        [Fraction { n: x.n * (x.n + 3 * one), d: 6 * one * one }, Fraction { n: 2 * x.n + 3 * one, d: 6 * one }]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        match x.abs() >= 3.0 {
            true => [x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }],
            false => [x * (x + 3.0) / 6.0, (2.0 * x + 3.0) / 6.0],
        }
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Flat(Fraction::whole(0)), End::Line]
    }
}
