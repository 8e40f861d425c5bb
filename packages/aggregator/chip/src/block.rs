//! Blocks: 13 rows of limbs and copies, the unit of curve arithmetic and of range checks.

use crate::limbs::Limbs;
use halo2_axiom::halo2curves::bn256::G1Affine;

/// Rows of a block.
pub const HEIGHT: i32 = 13;
/// The row that gates are anchored to: its chunks are the carries' high parts.
pub const ORIGIN: i32 = 7;
/// Rows of L: quotients from row 0, carries, their high parts, then the slope (L0) and the new x (L1).
pub const CARRY_ROW: i32 = 5;
pub const HIGH_ROW: i32 = ORIGIN;
pub const SLOT_ROW: i32 = 8;
/// Rows of T: limbs of x, limbs of y, the entry's number, the sign, an entry's multiplicity.
pub const M_ROW: i32 = 10;
pub const SIGN_ROW: i32 = 11;
pub const MULTIPLICITY_ROW: i32 = 12;

/// A point as a block's values need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Known(G1Affine),
    /// The point whose x follows from the challenge.
    Random,
}

/// What a block does. Which gates are on depends on the kind alone, never on a value in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// q - 1 - x and q - 1 - y of the point that the next block checks.
    Rest(Source),
    /// The curve's equation, canonical coordinates.
    Curve(Source),
    /// Ten range-checked cells of 51 bits: any.
    Range([u64; 10]),
    /// One such cell: the random point's index.
    Index,
    /// Begins a chain with a point.
    Load(Source),
    /// Goes on with the chain's point, its y now explicit.
    Pass,
    /// Doubles the point that the block above holds.
    Tangent,
    /// Adds or subtracts the point that block `source` holds.
    Add { source: u32, negative: bool },
}

/// A block, with the number of the table that it belongs to or reads (0: none).
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub kind: Kind,
    pub key: u32,
    /// The entry of the table: `(2 m + 1)` times its point.
    pub m: u32,
}

/// A block's gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub slope: bool,
    pub link: bool,
    pub tangent: bool,
    pub load: bool,
    pub curve: bool,
    /// The point's x is the challenge and an index.
    pub random: bool,
}

impl Kind {
    pub fn flags(&self) -> Flags {
        let off = Flags::default();
        match self {
            Self::Rest(_) => off,
            Self::Curve(source) => Flags { curve: true, random: *source == Source::Random, ..off },
            Self::Range(_) | Self::Index | Self::Load(_) => Flags { load: true, ..off },
            Self::Pass => Flags { load: true, link: true, ..off },
            Self::Tangent => Flags { slope: true, tangent: true, ..off },
            Self::Add { .. } => Flags { slope: true, link: true, ..off },
        }
    }
}

/// Limbs that a block shows, before its quotients are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    /// What lies in the slope's and in the new x's rows.
    pub slope: Limbs,
    pub next: Limbs,
    /// T: x and y.
    pub x: Limbs,
    pub y: Limbs,
    pub sign: i64,
}
