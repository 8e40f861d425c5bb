//! Tables of functions, in which units look pairs (i, f(i)) up, or triples of a function and its slope: correctly rounded, by integer
//! arithmetic alone, so that every platform has the same.

use super::functions::{base, Function, BITS, ONE};
use crate::tensor::Formats;

/// A table by what its entries are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `round((2^bits - 1) exp(-i / 2^shift))`.
    Exponential { bits: u32, shift: u32, len: usize },
    /// An activation and its slope, of values of so many fractional bits in one limb.
    Activation { function: Function, bits: u32, limb_bits: u32 },
}

impl Table {
    /// How many entries.
    pub fn len(&self) -> usize {
        match self {
            Self::Exponential { len, .. } => *len,
            Self::Activation { limb_bits, .. } => 1 << limb_bits,
        }
    }
    /// How many functions it has.
    pub fn functions(&self) -> usize {
        match self {
            Self::Exponential { .. } => 1,
            Self::Activation { .. } => 2,
        }
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Of each function f(0), f(1), ..: below 2^b each.
    pub fn values(&self) -> Vec<Vec<u32>> {
        match self {
            Self::Exponential { bits, shift, len } => vec![exponentials((1 << bits) - 1, *shift, *len)],
            Self::Activation { function, bits, limb_bits } => function.table(*bits, *limb_bits),
        }
    }
}

/// `round(max exp(-i / 2^shift))`, to nearest, for i below `len`. Powers of the base are off by less than 2^-45, and no exact entry
/// of a supported table is so close to a half.
fn exponentials(max: u64, shift: u32, len: usize) -> Vec<u32> {
    let base = base(shift);
    let powers = std::iter::successors(Some(ONE), |v| Some((v * base + ONE / 2) >> BITS));
    powers.take(len).map(|v| ((v * u128::from(max) + ONE / 2) >> BITS) as u32).collect()
}

/// For logits of `bits` fractional bits: `EHI[h] = round((2^p - 1) exp(-h/4))`, 2^b entries, and
/// `ELO[l] = round((2^p - 1) exp(-l / 2^bits))`, 2^(bits-2) entries.
pub fn exp_pair(formats: &Formats, bits: u32) -> [Table; 2] {
    let table = |shift, len| Table::Exponential { bits: formats.table_bits, shift, len };
    [table(2, 1 << formats.limb_bits), table(bits, 1 << (bits - 2))]
}

/// The entries of both.
pub fn exp_tables(formats: &Formats, bits: u32) -> (Vec<u32>, Vec<u32>) {
    let [hi, lo] = exp_pair(formats, bits).map(|t| t.values().swap_remove(0));
    (hi, lo)
}
