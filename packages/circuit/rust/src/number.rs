//! The numbers that a graph is executed in: integers (the semantics) and doubles (the reference in real numbers).

use std::fmt::Debug;

/// A number of a value with some fractional bits. Arithmetic gives none where it would overflow.
///
/// An integer stands for itself over 2^bits, a double for itself: so `up` moves the one and leaves the other.
pub trait Number: Copy + PartialOrd + Debug + Default + Send + Sync + 'static {
    /// Whether these are the integers that are proven.
    const EXACT: bool;
    /// A unit in the last place, or of a double 1.
    const UNIT: Self;
    fn plus(self, other: Self) -> Option<Self>;
    fn minus(self, other: Self) -> Option<Self>;
    fn times(self, other: Self) -> Option<Self>;
    /// With `bits` more fractional bits.
    fn up(self, bits: u32) -> Option<Self>;
    /// An integer of this size: `v` itself.
    fn whole(v: i64) -> Self;
    /// The integer that is stored; of a double its integer part.
    fn stored(self) -> i128;
    /// From the integer that is stored.
    fn of(v: i128) -> Self;
    /// A double as it is; nearest integer of integers.
    fn approximate(v: f64) -> Self;
    /// The real number that it stands for.
    fn real(self, bits: u32) -> f64;
    /// All as 64-bit integers, where they are such.
    fn narrow(values: &[Self]) -> Option<Vec<i64>>;
}

/// `floor(sqrt(v))`, by Newton's method from above.
pub fn root(v: u128) -> u128 {
    if v < 2 {
        return v;
    }
    let mut x = 1u128 << (v.ilog2() / 2 + 1);
    loop {
        let y = (x + v / x) / 2;
        if y >= x {
            return x;
        }
        x = y;
    }
}

impl Number for i128 {
    const EXACT: bool = true;
    const UNIT: Self = 1;
    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
    fn times(self, other: Self) -> Option<Self> {
        match (i64::try_from(self), i64::try_from(other)) {
            // One instruction.
            (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
            _ => self.checked_mul(other),
        }
    }
    fn minus(self, other: Self) -> Option<Self> {
        self.checked_sub(other)
    }
    fn up(self, bits: u32) -> Option<Self> {
        1i128.checked_shl(bits).filter(|s| *s > 0).and_then(|s| self.checked_mul(s))
    }
    fn whole(v: i64) -> Self {
        v.into()
    }
    fn stored(self) -> i128 {
        self
    }
    fn of(v: i128) -> Self {
        v
    }
    fn approximate(v: f64) -> Self {
        v.round() as i128
    }
    fn real(self, bits: u32) -> f64 {
        self as f64 / f64::from(bits).exp2()
    }
    fn narrow(values: &[Self]) -> Option<Vec<i64>> {
        values.iter().map(|v| i64::try_from(*v).ok()).collect()
    }
}

impl Number for f64 {
    const EXACT: bool = false;
    const UNIT: Self = 1.0;
    fn plus(self, other: Self) -> Option<Self> {
        Some(self + other)
    }
    fn minus(self, other: Self) -> Option<Self> {
        Some(self - other)
    }
    fn times(self, other: Self) -> Option<Self> {
        Some(self * other)
    }
    fn up(self, _: u32) -> Option<Self> {
        Some(self)
    }
    fn whole(v: i64) -> Self {
        v as f64
    }
    fn stored(self) -> i128 {
        self as i128
    }
    fn of(v: i128) -> Self {
        v as f64
    }
    fn approximate(v: f64) -> Self {
        v
    }
    fn real(self, _: u32) -> f64 {
        self
    }
    fn narrow(_: &[Self]) -> Option<Vec<i64>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn roots_are_exact() {
        let most = (1u128 << 60) - 1;
        for v in (0..2000u128).chain([(1 << 62) - 1, 1 << 62, u128::MAX, (1 << 120) - 1, most.pow(2), most.pow(2) - 1]) {
            let r = root(v);
            assert!(r * r <= v && (r + 1).checked_mul(r + 1).is_none_or(|s| s > v), "{v}");
        }
    }
}
