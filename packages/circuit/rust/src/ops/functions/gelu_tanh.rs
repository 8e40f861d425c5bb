//! `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 = x / (1 + exp(-v))` with `v = 2 sqrt(2 / pi) (x + 0.044715 x^3)`.

use super::numeric::{exp, logistic, logistic_real, product};
use super::{At, Curve, End, Fraction};

/// `2 sqrt(2 / pi)`, at scale 2^62.
const FACTOR: i128 = 7_359_186_146_747_302_452;
/// 0.044715.
const CUBE: Fraction = Fraction { n: 8943, d: 200_000 };

pub(super) struct GeluTanh;

impl Curve for GeluTanh {
    fn at(x: &At) -> [Fraction; 2] {
        let (n, one) = (x.n.abs(), 1i128 << x.bits);
        // |x| + 0.044715 |x|^3 with 56 fractional bits: 64 and more make no difference.
        let inner = n * (CUBE.d * one * one + CUBE.n * n * n);
        let inner = (((inner << 56) / (CUBE.d * one * one)) >> x.bits).min(1 << 62);
        let e = exp(product(inner, FACTOR) as u128) as i128;
        let [s, rest] = logistic(e, x.n < 0);
        // v' = FACTOR (1 + 3 0.044715 x^2); where s (1 - s) is 0, x may be large.
        let both = product(s, rest);
        let slope = if both == 0 { 0 } else { product(FACTOR, both) * (CUBE.d * one * one + 3 * CUBE.n * n * n) / (CUBE.d * one * one) };
        [Fraction::fixed(x.times(s)), Fraction::fixed(s + x.times(slope))]
    }
    fn real(x: f64, _: f64) -> [f64; 2] {
        let factor = 2.0 * (2.0 / std::f64::consts::PI).sqrt();
        let v = factor * (x + 0.044715 * x.powi(3));
        let (s, rest) = (logistic_real(v), logistic_real(-v));
        [x * s, s + x * s * rest * factor * (1.0 + 3.0 * 0.044715 * x * x)]
    }
    fn ends(_: Fraction) -> [End; 2] {
        [End::Flat(Fraction::whole(0)), End::Line]
    }
}
