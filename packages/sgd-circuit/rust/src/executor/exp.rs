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

/// `exp(-i / 2^shift)` at scale 2^62 for i = 0, 1, 2...
///
/// Absolute error below 2^-45 for i < 2^14 or shift = 2: each factor is off by at most 2^-60 (Taylor) and each product by
/// 2^-63, both damped by the exponential itself.
fn powers(shift: u32) -> impl Iterator<Item = u128> {
    let base = exp_base(shift);
    std::iter::successors(Some(1u128 << BITS), move |v| Some(mul(*v, base)))
}

/// `round(max exp(-i / 2^shift))` for i in 0..len, to nearest: a test shows that no entry of any supported table is so
/// close to a half that the error of `powers` could change it.
fn table(max: u64, shift: u32, len: usize) -> Vec<u32> {
    powers(shift).take(len).map(|v| ((v * u128::from(max) + (1 << (BITS - 1))) >> BITS) as u32).collect()
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
        for s in [Scales { a: 8, d: 14, e: 14, b: 12, p: 12 }, Scales { a: 10, d: 16, e: 16, b: 14, p: 14 }, Scales { a: 6, d: 10, e: 8, b: 6, p: 6 }]
        {
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

    /// Distance of every entry from the nearest half, over all supported scales.
    #[test]
    fn no_entry_is_near_a_rounding_boundary() {
        let one = 1u128 << BITS;
        for p in 4..=16u32 {
            let max = (1u128 << p) - 1;
            let near = |v: u128| (v * max % one).abs_diff(one / 2);
            let high = powers(2).take(1 << 16).map(near).min().expect("entries");
            let low = (4..=16).flat_map(|a| powers(a).take(1 << (a - 2)).map(near)).min().expect("entries");
            // The error is below max * 2^-45 <= 2^-29.
            assert!(high.min(low) > one >> 28, "p = {p}: {} {}", high as f64 / one as f64, low as f64 / one as f64);
        }
    }
}
