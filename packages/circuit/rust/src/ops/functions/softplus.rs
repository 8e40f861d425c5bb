//! `ln(1 + exp(x)) = max(x, 0) + ln(1 + exp(-|x|))`.

use super::numeric::{logarithm, logistic, logistic_real};
use super::{At, Curve, End, Fraction};

pub(super) struct Softplus;

impl Curve for Softplus {
    fn at(x: &At) -> [Fraction; 2] {
        let e = x.exponential();
        let slope = logistic(e, x.n < 0)[0];
        [Fraction::fixed(x.fixed().max(0) + logarithm(e)), Fraction::fixed(slope)]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        [x.max(0.0) + (-x.abs()).exp().ln_1p(), logistic_real(x)]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Flat(Fraction::whole(0)), End::Line]
    }
}
