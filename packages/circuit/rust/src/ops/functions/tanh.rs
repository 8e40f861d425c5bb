//! `tanh(x) = 2 / (1 + exp(-2 x)) - 1`.

use super::numeric::{logistic, product};
use super::{At, Curve, End, Fraction};

pub(super) struct Tanh;

impl Curve for Tanh {
    fn at(x: &At) -> [Fraction; 2] {
        let twice = At { n: 2 * x.n, ..*x };
        let [s, rest] = logistic(twice.exponential(), x.n < 0);
        [Fraction::fixed(s - rest), Fraction::fixed(4 * product(s, rest))]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let t = x.tanh();
        [t, 1.0 / x.cosh().powi(2)]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [-1, 1].map(|v| End::Flat(Fraction::whole(v)))
    }
}
