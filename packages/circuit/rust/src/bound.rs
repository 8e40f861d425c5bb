//! Bounds of absolute values, in bits: a value with bound n lies in `-2^n ..= 2^n`.

/// What a value is at most in the executor, which refuses what leaves its ranges, and in a proof that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub executed: u32,
    pub proven: u32,
}

/// A node that could leave its range: how many bits it needs, and what would fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What needs them.
    pub what: &'static str,
    pub bits: u32,
    pub most: u32,
}

impl Bound {
    /// The same in both senses: of what a unit ranges.
    pub fn of(bits: u32) -> Self {
        Self { executed: bits, proven: bits }
    }
    /// The bound that `rule` gives, in both senses.
    pub fn by(inputs: &[Bound], rule: impl Fn(&[u32]) -> u32) -> Self {
        let pick = |f: fn(&Bound) -> u32| rule(&inputs.iter().map(f).collect::<Vec<_>>());
        Self { executed: pick(|b| b.executed), proven: pick(|b| b.proven) }
    }
}

/// Least n with `count <= 2^n`: the bits that a sum of so many terms has more than each.
pub fn sum_bits(count: u64) -> u32 {
    count.max(1).next_power_of_two().trailing_zeros()
}
