//! Columns, in the order that fixes their place in the proof. They depend on the packing alone.

use crate::packing::{AdviceSlot, FixedSlot, Packing, Slots};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase, ThirdPhase};

/// Columns of limbs: lanes.
pub const LANES: usize = 3;
/// Columns that a row's range look-ups read; one more chunk a lane is what the limbs leave.
pub const CHUNKS: usize = 2 * LANES;
/// Range look-ups of a row.
pub const LOOKUPS: usize = 3 * LANES;
/// Parts of the range table, beside each other: each has a column of multiplicities.
pub const TABLES: usize = 2;
/// Terms of a row of the running sum: the tables' parts, an addend or entry, chunks. Two of them a column.
pub const SUMS: usize = (TABLES + 1 + LOOKUPS) / 2;
/// Logical columns of each phase.
const PHASES: [usize; 3] = [1, CHUNKS + LANES + 2 + TABLES, SUMS];
/// Logical fixed columns that are packed.
const FIXED: usize = 7;

/// All columns of the chip.
#[derive(Clone, Debug)]
pub struct ChipConfig {
    pub packing: Packing,
    /// Native arithmetic.
    pub f: AdviceSlot,
    /// Chunks of 17 bits, two a limb.
    pub a: [AdviceSlot; CHUNKS],
    /// Limbs of 51 bits.
    pub l: [AdviceSlot; LANES],
    /// Copied and selected cells.
    pub t: [AdviceSlot; 2],
    /// Multiplicities of the range table, a column for each of its parts.
    pub m: [AdviceSlot; TABLES],
    /// The running sum: after each two of its terms.
    pub sums: [AdviceSlot; SUMS],
    pub instance: Column<Instance>,
    /// Drawn after F.
    pub rho: Challenge,
    /// Drawn after all but the running sums.
    pub gamma: Challenge,
    pub beta: Challenge,
    pub fx: FixedColumns,
    /// Physical columns of each phase.
    physical: [Vec<Column<Advice>>; 3],
}

/// Flags and constants. Where the running sum's rows end, the permutations begin: `flex` and `digit` mean F's gates in the former, units in the latter.
#[derive(Clone, Copy, Debug)]
pub struct FixedColumns {
    /// Rows of the running sum. Not packed: cells are in base rows.
    pub range: FixedSlot,
    /// Rows that a block's gates are anchored to. Not packed.
    pub origin: FixedSlot,
    /// First part of the range table; round constants.
    pub table: FixedSlot,
    /// F's constants (and public inputs, where nothing is packed); round constants.
    pub constant: FixedSlot,
    pub is_constant: FixedSlot,
    /// A block's table; round constants.
    pub key: FixedSlot,
    /// Gates of F: products; a permutation's full rounds.
    pub flex: FixedSlot,
    /// Gates of F: digits; a permutation's partial rounds.
    pub digit: FixedSlot,
    /// A block's gates, a row each.
    pub kind: FixedSlot,
    /// Where columns are packed: 1 in the rows that gates are anchored to, 2 in those of public inputs, else 0.
    pub base: Option<Column<Fixed>>,
}

impl FixedColumns {
    /// Where a unit's three constants lie.
    pub fn round_constants(&self) -> [FixedSlot; 3] {
        [self.key, self.constant, self.table]
    }
}

impl ChipConfig {
    /// Creates the columns and the gates, nothing packed.
    pub fn configure(cs: &mut ConstraintSystem<Fr>) -> Self {
        Self::packed(cs, Packing::default())
    }

    /// Creates the columns and the gates.
    pub fn packed(cs: &mut ConstraintSystem<Fr>, packing: Packing) -> Self {
        assert!(packing.factor >= 1, "no such form: {packing:?}");
        let [first, second, third] = PHASES;
        let mut one = Slots::new(packing, 0, first, || cs.advice_column_in(FirstPhase));
        let rho = cs.challenge_usable_after(FirstPhase);
        let mut two = Slots::new(packing, first, second, || cs.advice_column_in(SecondPhase));
        let (a, l) = (std::array::from_fn(|_| two.next()), std::array::from_fn(|_| two.next()));
        let (t, m): ([AdviceSlot; 2], _) = (std::array::from_fn(|_| two.next()), std::array::from_fn(|_| two.next()));
        let (gamma, beta) = (cs.challenge_usable_after(SecondPhase), cs.challenge_usable_after(SecondPhase));
        let mut three = Slots::new(packing, first + second, third, || cs.advice_column_in(ThirdPhase));
        let sums = std::array::from_fn(|_| three.next());
        let f = one.next();
        [f, t[0], t[1]].into_iter().for_each(|shared| cs.enable_equality(shared.column));
        let instance = cs.instance_column();
        let [range, origin] = [(); 2].map(|()| Slots::unpacked(packing, cs.fixed_column()));
        let mut fixed = Slots::new(packing, 0, FIXED, || cs.fixed_column());
        let mut next = || fixed.next();
        let fx = FixedColumns {
            range,
            origin,
            table: next(),
            constant: next(),
            is_constant: next(),
            key: next(),
            flex: next(),
            digit: next(),
            kind: next(),
            base: (packing.factor > 1).then(|| cs.fixed_column()),
        };
        let physical = [one, two, three].map(|phase| phase.columns().to_vec());
        let config = Self { packing, f, a, l, t, m, sums, instance, rho, gamma, beta, fx, physical };
        config.gates(cs);
        config
    }

    /// First logical column and number of logical columns of each phase.
    pub fn phases(&self) -> [(usize, usize); 3] {
        let [first, second, third] = PHASES;
        [(0, first), (first, second), (first + second, third)]
    }

    /// Physical columns of a phase.
    pub fn physical(&self, phase: usize) -> &[Column<Advice>] {
        &self.physical[phase]
    }
}
