//! What a graph is given: tensors, their roles, number formats.

use crate::limits::{MAX_BITS, MAX_ENTRIES, MAX_RANK, WEIGHT_MARGIN};
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
#[serde(deny_unknown_fields)]
pub struct Tensor {
    pub name: String,
    pub role: Role,
    pub shape: Vec<usize>,
    /// Fractional bits.
    pub bits: u32,
    /// What is added to data and labels before they are stored.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: i64,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
