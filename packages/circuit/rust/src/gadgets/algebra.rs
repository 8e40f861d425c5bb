//! What formulas of cells are written in: expressions in a gate, field elements in a witness. Each formula is written once.

use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::Expression;
use std::ops::{Add, Mul, Sub};

/// A gate's polynomial.
pub type E = Expression<Fr>;

/// Sums and products of cells and constants.
pub trait Algebra: Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    fn constant(v: Fr) -> Self;
}

impl Algebra for Fr {
    fn constant(v: Fr) -> Self {
        v
    }
}

impl Algebra for E {
    fn constant(v: Fr) -> Self {
        Expression::Constant(v)
    }
}

/// An integer as a field element.
pub fn signed(v: i128) -> Fr {
    let magnitude = v.unsigned_abs();
    // One multiplication; ff's `from_u128` takes 64 doublings.
    let magnitude = Fr::from_raw([magnitude as u64, (magnitude >> 64) as u64, 0, 0]);
    if v < 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// `n / d` of small numbers, d not 0.
pub fn ratio(n: u64, d: u64) -> Fr {
    Fr::from(n) * Fr::from(d).invert().expect("not 0")
}

/// `2^bits`, of any number of bits.
pub fn power_of_two(bits: u32) -> Fr {
    if bits >= Fr::CAPACITY {
        return power(&Fr::from(2), bits as usize);
    }
    let mut digits = [0; 4];
    digits[bits as usize / 64] = 1 << (bits % 64);
    Fr::from_raw(digits)
}

pub fn int<A: Algebra>(v: i128) -> A {
    A::constant(signed(v))
}

pub fn pow2<A: Algebra>(bits: u32) -> A {
    A::constant(power_of_two(bits))
}

/// `x^n`, by squaring: an evaluator computes each distinct product once a row.
pub fn power<A: Algebra>(x: &A, n: usize) -> A {
    match n {
        0 => int(1),
        1 => x.clone(),
        _ => {
            let half = power(x, n / 2);
            let square = half.clone() * half;
            if n % 2 == 1 {
                square * x.clone()
            } else {
                square
            }
        }
    }
}

/// `sum_j x^j terms[j]`; zero of no terms.
pub fn horner<A: Algebra>(x: &A, terms: Vec<A>) -> A {
    terms.into_iter().rev().reduce(|sum, t| sum * x.clone() + t).unwrap_or_else(|| int(0))
}

/// `sum_i 2^(bits i) limbs[i]`.
pub fn recompose<A: Algebra>(bits: u32, limbs: Vec<A>) -> A {
    horner(&pow2(bits), limbs)
}

/// Digits to the base 2^bits; the highest takes what is beyond, so that their sum is the number, whatever a liar makes of it.
pub fn limbs(v: i128, n: usize, bits: u32) -> impl Iterator<Item = i64> {
    (0..n).map(move |i| {
        let rest = v >> (bits as usize * i);
        (if i + 1 == n { rest } else { rest & ((1 << bits) - 1) }) as i64
    })
}

/// A number of so many limbs, less half of what they can hold: with a sign.
pub fn centered<A: Algebra>(number: A, bits: u32, limbs: usize) -> A {
    number - pow2(bits * limbs as u32 - 1)
}

/// `1, x, x^2, ..`, n terms.
pub fn powers(x: Fr, n: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |p| Some(*p * x)).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_powers_of_two_are_what_doublings_and_sums_make() {
        let mut power = Fr::ONE;
        for bits in 0..600 {
            assert_eq!(power_of_two(bits), power, "2^{bits}");
            if bits < 127 {
                assert_eq!((signed(1 << bits), signed(-1 << bits)), (power, -power), "2^{bits}");
                assert_eq!(signed((1 << bits) - 1), power - Fr::ONE, "2^{bits} - 1");
            }
            power = power.double();
        }
        assert_eq!(signed(i128::MIN), -power_of_two(127));
        assert_eq!(signed(i128::MAX), power_of_two(127) - Fr::ONE);
    }

    #[test]
    fn powers_are_products() {
        let x = Fr::from(7);
        for (n, p) in powers(x, 40).into_iter().enumerate() {
            assert_eq!(super::power(&x, n), p, "{n}");
        }
    }
}
