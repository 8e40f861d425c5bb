//! A random circuit, described without either crate: both sides build the same one from it, and the same witness.

mod expression;
mod random;

pub use expression::{Expression, Query};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// Every draw is this generator's: a seed names the same circuit, witness and proof on every machine.
pub type Rng = ChaCha20Rng;

/// Rows at the end that nothing assigns. The provers blind at most ten: a column is read at seven rotations or fewer.
const UNUSABLE_ROWS: usize = 12;
/// Gates and the range lookup are off on so many rows at both ends, where rotations leave the usable rows.
const QUIET_ROWS: usize = 4;
/// Fixed cells hold numbers below this one.
const FIXED_BOUND: usize = 3;
/// Values of each instance column.
pub const INSTANCE_VALUES: usize = 5;
/// Values of the range lookup's table: 0 to 15.
pub const RANGE: u64 = 16;

/// What a generator beside the circuit's own one is seeded for: the seed is combined with it.
#[derive(Clone, Copy)]
pub enum Stream {
    Fixed = 0xf1,
    Selectors = 0x5e1,
    Instances = 0x1157,
    Advice = 0x9d,
}

/// A cell of an advice column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub column: usize,
    pub row: usize,
}

/// Holds an output column to the value of an expression: `switch * selector * (value - output + added) = 0`.
#[derive(Debug)]
pub struct Gate {
    /// The fixed column that turns the gate on: where it is not zero.
    pub switch: usize,
    pub selector: Option<usize>,
    pub value: Expression,
    pub output: usize,
    /// An earlier gate, whose difference of value and output is added, times a challenge.
    pub added: Option<Added>,
}

#[derive(Clone, Copy, Debug)]
pub struct Added {
    pub gate: usize,
    pub challenge: usize,
}

/// A lookup of a column in the fixed table of the numbers below [`RANGE`].
#[derive(Clone, Copy, Debug)]
pub struct RangeLookup {
    pub column: usize,
    pub rotation: i32,
}

/// A lookup of pairs in pairs of advice columns.
#[derive(Debug)]
pub struct PairLookup {
    pub inputs: [usize; 2],
    pub tables: [usize; 2],
    /// Whether the first expressions are linear combinations of both columns.
    pub mixed: bool,
    /// Which row of the tables each row of the inputs holds.
    pub table_rows: Vec<usize>,
}

/// A circuit with its copies. Columns are numbered by kind; of advice columns and challenges, the phase is kept.
#[derive(Debug, Default)]
pub struct Spec {
    pub seed: u64,
    /// The logarithm of the number of rows.
    pub k: u32,
    pub phases: usize,
    pub advice_phases: Vec<usize>,
    pub challenge_phases: Vec<usize>,
    pub fixed_columns: usize,
    pub selectors: usize,
    pub instance_columns: usize,
    pub gates: Vec<Gate>,
    /// Advice columns in the permutation argument.
    pub equality_columns: Vec<usize>,
    /// Source and target.
    pub copies: Vec<(Cell, Cell)>,
    /// Targets that hold a row of the first instance column.
    pub instance_copies: Vec<(Cell, usize)>,
    pub range_lookup: Option<RangeLookup>,
    pub pair_lookup: Option<PairLookup>,
    /// Columns that the first gate queries and no constraint reads.
    pub unread_queries: Vec<usize>,
}

impl Spec {
    pub fn rows(&self) -> usize {
        1 << self.k
    }

    /// Rows that are assigned; the rest is the prover's blinding.
    pub fn usable_rows(&self) -> usize {
        self.rows() - UNUSABLE_ROWS
    }

    pub fn stream(&self, stream: Stream) -> Rng {
        Rng::seed_from_u64(self.seed ^ stream as u64)
    }

    pub fn has_lookups(&self) -> bool {
        self.range_lookup.is_some() || self.pair_lookup.is_some()
    }

    /// Usable rows of the fixed columns.
    pub fn fixed_values(&self) -> Vec<Vec<u64>> {
        let mut rng = self.stream(Stream::Fixed);
        let mut value = |row| {
            let drawn = below(&mut rng, FIXED_BOUND) as u64;
            if self.is_quiet(row) {
                0
            } else {
                drawn
            }
        };
        (0..self.fixed_columns).map(|_| (0..self.usable_rows()).map(&mut value).collect()).collect()
    }

    /// Usable rows of the selectors.
    pub fn selector_values(&self) -> Vec<Vec<bool>> {
        let mut rng = self.stream(Stream::Selectors);
        (0..self.selectors).map(|_| (0..self.usable_rows()).map(|_| below(&mut rng, 2) == 0).collect()).collect()
    }

    /// Whether the range lookup is on in this row: in every second one.
    pub fn looks_up_range(&self, row: usize) -> bool {
        !self.is_quiet(row) && row % 2 == 1
    }

    /// Of each gate that is on anywhere, the output cell of the first such row: a false value there breaks it.
    pub fn constrained_outputs(&self) -> Vec<Cell> {
        let (fixed, selectors) = (self.fixed_values(), self.selector_values());
        let first_row = |gate: &Gate| {
            let selected = |row: usize| gate.selector.is_none_or(|selector| selectors[selector][row]);
            (0..self.usable_rows()).find(|row| fixed[gate.switch][*row] != 0 && selected(*row))
        };
        self.gates.iter().filter_map(|gate| Some(Cell { column: gate.output, row: first_row(gate)? })).collect()
    }

    fn is_quiet(&self, row: usize) -> bool {
        row < QUIET_ROWS || row + QUIET_ROWS >= self.usable_rows()
    }
}

/// A number below `bound`. The remainder's bias does not matter here.
pub fn below(rng: &mut Rng, bound: usize) -> usize {
    (rng.next_u64() % bound as u64) as usize
}

/// One of the numbers.
fn one_of(rng: &mut Rng, numbers: &[usize]) -> usize {
    numbers[below(rng, numbers.len())]
}
