//! Blocks: nine rows of limbs and copies, the unit of curve arithmetic and of range checks.

use crate::cell::LIMBS;
use crate::limbs::Limbs;
use halo2_axiom::halo2curves::bn256::G1Affine;

/// Rows of a block.
pub const HEIGHT: i32 = 9;
/// The row that gates are anchored to: its chunks are the carries' high parts.
pub const ORIGIN: i32 = 8;

/// A limb of a block: lane (column L) and row.
pub type LimbPlace = (usize, i32);
/// Quotients of the first and second identity.
pub const QUOTIENTS: [[LimbPlace; LIMBS]; 2] = [column(0), column(1)];
pub const SLOPE: [LimbPlace; LIMBS] = column(2);
/// The new x.
pub const NEXT: [LimbPlace; LIMBS] = [(2, 5), (2, 6), (2, 7), (2, 8), (0, 7)];
/// Low parts of the first and second identity's carries. Carry j of identity i has its high part in column A of number `2 i + j`, row `ORIGIN`.
pub const CARRIES: [[LimbPlace; 2]; 2] = [[(0, 5), (0, 6)], [(1, 5), (1, 6)]];

const fn column(lane: usize) -> [LimbPlace; LIMBS] {
    [(lane, 0), (lane, 1), (lane, 2), (lane, 3), (lane, 4)]
}

/// Cells of T, by their number: limbs of x, limbs of y, the entry's number, the sign, an entry's multiplicity.
pub const M: usize = 10;
pub const SIGN: usize = 11;
pub const MULTIPLICITY: usize = 12;
pub const CELLS: usize = 13;

/// Column T (0 or 1) and row of a block's cell.
pub const fn t_cell(cell: usize) -> (usize, i32) {
    match cell {
        M => (0, 5),
        SIGN => (0, 6),
        MULTIPLICITY => (1, 5),
        _ => (cell / LIMBS, (cell % LIMBS) as i32),
    }
}

/// Gates of a block, in the order of the rows that their flags lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Slope,
    Link,
    Tangent,
    Load,
    Curve,
    /// Of a curve's: x is the challenge and an index.
    Random,
}

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

impl Flags {
    /// All gates, and whether each is on.
    pub fn gates(&self) -> [(Gate, bool); 6] {
        [
            (Gate::Slope, self.slope),
            (Gate::Link, self.link),
            (Gate::Tangent, self.tangent),
            (Gate::Load, self.load),
            (Gate::Curve, self.curve),
            (Gate::Random, self.random),
        ]
    }
}

impl Kind {
    /// Whether a block may stand below another, or first: slopes and links read a chain's block above, a curve's check reads what is left to q - 1. The rows above
    /// the first block are outside of all look-ups.
    pub fn may_follow(&self, above: Option<&Self>) -> bool {
        let flags = self.flags();
        let chain = matches!(above, Some(Self::Load(_) | Self::Pass | Self::Tangent | Self::Add { .. }));
        let rest = matches!(above, Some(Self::Rest(_)));
        (chain || !flags.slope && !flags.link) && (rest || !flags.curve)
    }

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
