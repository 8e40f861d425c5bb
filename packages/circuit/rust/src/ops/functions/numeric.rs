//! Exponentials, logarithms and the normal distribution in integers of 62 fractional bits.

use super::At;
use std::sync::OnceLock;

/// Fractional bits of the working precision.
pub const BITS: u32 = 62;
pub const ONE: u128 = 1 << BITS;

/// `exp(-2^-shift)` at scale 2^62: its Taylor series, each term rounded.
pub fn base(shift: u32) -> u128 {
    let (mut sum, mut term) = (ONE as i128, ONE as i128);
    for k in 1i128.. {
        let den = k << shift;
        term = -((2 * term + term.signum() * den) / (2 * den));
        if term == 0 {
            break;
        }
        sum += term;
    }
    sum as u128
}

/// Fractional bits of the finest power that [`exp`] is made of; from 2^6 on it is 0.
const FINEST: u32 = 56;
const COARSEST: u32 = 6;

/// `exp(-n / 2^56)` at scale 2^62, within 2^-55: a product of powers of its base.
pub fn exp(n: u128) -> u128 {
    static POWERS: OnceLock<Vec<u128>> = OnceLock::new();
    let times = |a: u128, b: u128| (a * b + ONE / 2) >> BITS;
    let powers = POWERS.get_or_init(|| {
        let fine = (0..=FINEST).rev().map(base).collect::<Vec<_>>();
        let coarse = std::iter::successors(fine.last().copied(), |v| Some(times(*v, *v))).skip(1).take(COARSEST as usize - 1);
        [fine.clone(), coarse.collect()].concat()
    });
    if n >> (FINEST + COARSEST) > 0 {
        return 0;
    }
    (0..powers.len()).filter(|i| n >> i & 1 == 1).fold(ONE, |v, i| times(v, powers[i]))
}

/// 1 / sqrt(2 pi), at scale 2^62.
const NORMAL: i128 = 1_839_796_536_686_825_613;
/// From here on the normal distribution's tail is a continued fraction, before it a series.
const TAIL: i128 = 3;

/// n / d; d is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    pub n: i128,
    pub d: i128,
}

impl Fraction {
    /// Of an integer.
    pub fn whole(n: i128) -> Self {
        Self { n, d: 1 }
    }
    /// Of an integer at scale 2^62.
    pub fn fixed(n: i128) -> Self {
        Self { n, d: ONE as i128 }
    }
    /// To the nearest multiple of 2^-bits, halves up, in these units.
    pub fn rounded(&self, bits: u32) -> i128 {
        (self.n * (2 << bits) + self.d).div_euclid(2 * self.d)
    }
}

impl At {
    /// x, at scale 2^62.
    pub fn fixed(&self) -> i128 {
        self.n << (BITS - self.bits)
    }
    /// `v x`, for v at a scale of its own.
    pub fn times(&self, v: i128) -> i128 {
        (self.n * v) >> self.bits
    }
    /// `exp(-|x|)`, at scale 2^62.
    pub fn exponential(&self) -> i128 {
        exp(self.n.unsigned_abs() << (56 - self.bits)) as i128
    }
}

/// `a / b` of integers at one scale, at scale 2^62.
pub fn quotient(a: i128, b: i128) -> i128 {
    ((a << BITS) + b / 2) / b
}

/// The product of two at scale 2^62.
pub fn product(a: i128, b: i128) -> i128 {
    (a * b + ONE as i128 / 2) >> BITS
}

/// `1 / (1 + exp(-x))` and `1 / (1 + exp(x))`, of `e = exp(-|x|)` and the sign of x.
pub fn logistic(e: i128, negative: bool) -> [i128; 2] {
    let one = ONE as i128;
    let (large, small) = (quotient(one, one + e), quotient(e, one + e));
    if negative {
        [small, large]
    } else {
        [large, small]
    }
}

/// `ln(1 + e)` of e in [0, 1]: `2 artanh(e / (2 + e))`.
pub fn logarithm(e: i128) -> i128 {
    let u = quotient(e, 2 * ONE as i128 + e);
    let square = product(u, u);
    let powers = std::iter::successors(Some(u), |p| Some(product(*p, square)).filter(|p| *p > 0));
    2 * powers.zip((1..).step_by(2)).map(|(p, k)| p / k).sum::<i128>()
}

/// The normal distribution's function and its density at x.
pub fn normal(x: &At) -> [i128; 2] {
    let one = ONE as i128;
    let size = At { n: x.n.abs(), ..*x };
    // Beyond 16 the density is below 2^-180.
    if size.n >> x.bits >= 16 {
        return [if x.n < 0 { 0 } else { one }, 0];
    }
    // Of x^2 / 2, with 56 fractional bits.
    let half = (size.n * size.n) << (55 - 2 * x.bits);
    let density = product(exp(half as u128) as i128, NORMAL);
    let below = match size.n >> x.bits >= TAIL {
        true => one - quotient(density, denominator(&size)),
        false => one / 2 + product(density, series(&size)),
    };
    [if x.n < 0 { one - below } else { below }, density]
}

/// `x + x^3 / 3 + x^5 / 15 + ..`: what the density is to be multiplied by, so that it is the function less a half. x is in [0, 3).
fn series(x: &At) -> i128 {
    let (mut term, mut sum, mut k) = (x.fixed(), 0, 1);
    while term > 0 {
        sum += term;
        k += 2;
        term = x.times(x.times(term)) / k;
    }
    sum
}

/// `x + 1/(x + 2/(x + 3/..))`: the density over one less the function.
fn denominator(x: &At) -> i128 {
    let one = ONE as i128;
    (1..=100).rev().fold(x.fixed(), |d, k| x.fixed() + k * quotient(one, d))
}

/// Phi(x) and phi(x) in doubles, in the same way.
pub fn normal_real(x: f64) -> [f64; 2] {
    let y = x.abs();
    let density = (-y * y / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let below = if y >= TAIL as f64 {
        1.0 - density / (1..=100).rev().fold(y, |d, k| y + f64::from(k) / d)
    } else {
        let term = |(t, k): (f64, f64)| (t * y * y / (k + 2.0), k + 2.0);
        0.5 + density * std::iter::successors(Some((y, 1.0)), |t| Some(term(*t))).take(100).map(|t| t.0).sum::<f64>()
    };
    [if x < 0.0 { 1.0 - below } else { below }, density]
}

/// `1 / (1 + exp(-x))` in doubles.
pub fn logistic_real(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
