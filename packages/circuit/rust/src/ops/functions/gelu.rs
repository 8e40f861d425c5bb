//! `x Phi(x)`, Phi the normal distribution's function: `x (1 + erf(x / sqrt(2))) / 2`.

use super::numeric::{normal, normal_real};
use super::{At, Curve, End, Fraction};

pub(super) struct Gelu;

impl Curve for Gelu {
    fn at(x: &At) -> [Fraction; 2] {
        let [below, density] = normal(x);
        [Fraction::fixed(x.times(below)), Fraction::fixed(below + x.times(density))]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let [below, density] = normal_real(x);
        [x * below, below + x * density]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Flat(Fraction::whole(0)), End::Line]
    }
}
