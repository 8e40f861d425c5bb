//! What a graph is given: tensors, their roles, number formats.

use crate::limits::{CORRECTED_RATE_BITS, MAX_BITS, MAX_ENTRIES, MAX_RANK, MAX_RATE_FACTOR, RATE_BITS, WEIGHT_MARGIN};
use crate::number::root;
use serde::{Deserialize, Serialize};

/// What a tensor is to the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// A batch's inputs: a cell is `value + offset`, in `[0, 2^limbBits)`.
    Data,
    /// A batch's labels, in the same range.
    Label,
    /// Weights that an update moves.
    Trained,
    /// Weights that stay as they are.
    Frozen,
    /// A public number of a step, `1..2^17`: the learning rate.
    Rate,
    /// The same, corrected by an optimiser for the number of the step: `0..2^36`.
    CorrectedRate,
    /// What an optimiser keeps beside a trained tensor: a momentum, or Adam's first moment.
    Moment,
    /// Adam's second moment, which has no sign.
    SecondMoment,
}

impl Role {
    /// Whether training alone has such tensors.
    pub fn emitted(self) -> bool {
        !matches!(self, Self::Data | Self::Label | Self::Trained | Self::Frozen)
    }
    /// Whether it is a public number of steps.
    pub fn is_rate(self) -> bool {
        matches!(self, Self::Rate | Self::CorrectedRate)
    }
    /// Whether it is an optimiser's state.
    pub fn is_state(self) -> bool {
        matches!(self, Self::Moment | Self::SecondMoment)
    }
}

/// A tensor by name. The integer v stands for `v / 2^bits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tensor {
    pub name: String,
    pub role: Role,
    pub shape: Vec<usize>,
    /// Fractional bits.
    pub bits: u32,
    /// What is added to data and labels before they are stored.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: i64,
    /// By what the rate is multiplied where a step moves this tensor.
    #[serde(default, skip_serializing_if = "RateFactor::is_one")]
    pub rate_factor: RateFactor,
}

/// A fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "[u64; 2]", into = "[u64; 2]")]
pub struct RateFactor {
    pub numerator: u64,
    pub denominator: u64,
}

impl RateFactor {
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// In lowest terms; the denominator is not 0.
    pub fn new(numerator: u64, denominator: u64) -> Self {
        let gcd = gcd(numerator, denominator);
        Self { numerator: numerator / gcd, denominator: denominator / gcd }
    }
    /// Its square, in lowest terms; none where a part is 0, or too large to be squared.
    pub fn squared(&self) -> Option<Self> {
        let square = |v: u64| v.checked_mul(v).filter(|v| *v > 0);
        Some(Self::new(square(self.numerator)?, square(self.denominator)?))
    }
    pub fn is_one(&self) -> bool {
        *self == Self::ONE
    }
    /// Whether it is in lowest terms, and neither part is 0 or above 2^20.
    pub fn is_valid(&self) -> bool {
        let parts = [self.numerator, self.denominator];
        parts.iter().all(|v| (1..=MAX_RATE_FACTOR).contains(v)) && gcd(self.numerator, self.denominator) == 1
    }
    /// Its root, where that is a fraction too: what a rule that divides by gradients moves a tensor by.
    pub fn root(&self) -> Option<Self> {
        let of = |v: u64| Some(root(v.into()) as u64).filter(|r| r * r == v);
        Some(Self { numerator: of(self.numerator)?, denominator: of(self.denominator)? })
    }
    /// What a tensor moves by at this rate, where that is an integer in `1..2^17`.
    pub fn of(&self, rate: i128) -> Option<i128> {
        self.times(rate).filter(|v| (1..1 << RATE_BITS).contains(v))
    }
    /// The same of a corrected rate, where that is an integer in `0..2^36`.
    pub fn of_corrected(&self, rate: i128) -> Option<i128> {
        self.times(rate).filter(|v| (0..1 << CORRECTED_RATE_BITS).contains(v))
    }
    fn times(&self, rate: i128) -> Option<i128> {
        let (n, d) = (i128::from(self.numerator), i128::from(self.denominator));
        rate.checked_mul(n).filter(|v| v % d == 0).map(|v| v / d)
    }
}

impl Default for RateFactor {
    fn default() -> Self {
        Self::ONE
    }
}

impl From<[u64; 2]> for RateFactor {
    fn from([numerator, denominator]: [u64; 2]) -> Self {
        Self { numerator, denominator }
    }
}

impl From<RateFactor> for [u64; 2] {
    fn from(f: RateFactor) -> Self {
        [f.numerator, f.denominator]
    }
}

pub(crate) fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

fn is_zero(v: &i64) -> bool {
    *v == 0
}

/// Shape and fractional bits of a value, in row-major order. A shape of no axes has one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub shape: Vec<usize>,
    pub bits: u32,
}

impl Facts {
    /// Refuses too many axes, an empty axis, more than 2^26 entries and more than 128 fractional bits.
    pub fn new(shape: Vec<usize>, bits: u32) -> Result<Self, String> {
        if shape.len() > MAX_RANK {
            return Err(format!("{} axes: at most {MAX_RANK}", shape.len()));
        }
        // In 64 bits: on wasm32 a product of sizes does not fit usize.
        let entries = shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d as u64).filter(|n| (1..=MAX_ENTRIES).contains(n)));
        if entries.is_none() {
            return Err(format!("shape {shape:?}: a value has 1 to {MAX_ENTRIES} entries"));
        }
        if bits > MAX_BITS {
            return Err(format!("{bits} fractional bits: at most {MAX_BITS}"));
        }
        Ok(Self { shape, bits })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Never: a value has an entry at least.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Limb bits b and output bits p of the exponential tables: those of all units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Formats {
    pub limb_bits: u32,
    pub table_bits: u32,
}

impl Formats {
    /// What the genesis proof says of a weight with `bits` fractional bits: at most 2 to this in absolute value.
    pub fn genesis_bits(&self, bits: u32) -> u32 {
        self.genesis_limbs(bits) as u32 * self.limb_bits - 1
    }
    /// Limbs of such a weight, plus 2^genesis_bits.
    pub fn genesis_limbs(&self, bits: u32) -> usize {
        (bits + WEIGHT_MARGIN).div_ceil(self.limb_bits) as usize
    }
    /// Of what has more than 32 bits and a sign, in whole limbs: `-2^n <= v < 2^n`.
    pub fn long_bits(&self) -> u32 {
        33u32.div_ceil(self.limb_bits) * self.limb_bits - 1
    }
    /// The same of Adam's ratio, which has 24 bits with its sign, or more.
    pub fn ratio_bits(&self) -> u32 {
        24u32.div_ceil(self.limb_bits) * self.limb_bits - 1
    }
}
