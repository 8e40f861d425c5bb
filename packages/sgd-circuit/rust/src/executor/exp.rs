//! The exponential tables: correctly rounded, with integer arithmetic alone, so that every platform has the same.

use crate::spec::Scales;

/// Fractional bits of the working precision.
const BITS: u32 = 62;

/// `exp(-2^-shift)` at scale 2^62, `shift >= 2`, by its Taylor series.
fn exp_base(shift: u32) -> u128 {
    let one = 1i128 << BITS;
    let (mut sum, mut term, mut k) = (one, one, 1i128);
    loop {
        // term_k = -term_(k-1) x / k with x = 2^-shift, rounded.
        let den = k << shift;
        term = -((2 * term + term.signum() * den) / (2 * den));
        if term == 0 {
            return sum as u128;
        }
        sum += term;
        k += 1;
    }
}

/// `floor(a b / 2^62 + 1/2)`.
fn mul(a: u128, b: u128) -> u128 {
    (a * b + (1 << (BITS - 1))) >> BITS
}

/// `round(max exp(-i / 2^shift))` for i in 0..len.
fn table(max: u64, shift: u32, len: usize) -> Vec<u32> {
    let base = exp_base(shift);
    // Error after n products: below n 2^-61 exp(-n / 2^shift), far from any rounding boundary of these tables.
    let mut v = 1u128 << BITS;
    (0..len)
        .map(|_| {
            let entry = (v * u128::from(max) + (1 << (BITS - 1))) >> BITS;
            v = mul(v, base);
            entry as u32
        })
        .collect()
}

/// `EHI[h] = round((2^p - 1) exp(-h/4))`, 2^b entries, and `ELO[l] = round((2^p - 1) exp(-l / 2^a))`, 2^(a-2) entries.
pub fn exp_tables(s: &Scales) -> (Vec<u32>, Vec<u32>) {
    let max = (1u64 << s.p) - 1;
    (table(max, 2, 1 << s.b), table(max, s.a, 1 << s.exp_low_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_the_rounded_exponential() {
        for s in [Scales { a: 8, d: 14, e: 14, b: 12, p: 12 }, Scales { a: 10, d: 16, e: 16, b: 14, p: 14 }, Scales { a: 6, d: 10, e: 8, b: 6, p: 6 }] {
            let (hi, lo) = exp_tables(&s);
            let max = ((1u64 << s.p) - 1) as f64;
            for (h, v) in hi.iter().enumerate() {
                assert_eq!(f64::from(*v), (max * (-(h as f64) / 4.0).exp()).round());
            }
            for (l, v) in lo.iter().enumerate() {
                assert_eq!(f64::from(*v), (max * (-(l as f64) / f64::from(1u32 << s.a)).exp()).round());
            }
        }
    }
}
