//! Columns, in the order that fixes their place in the proof. They depend on the folding alone.

use crate::folding::{AdviceSlot, FixedSlot, Folding, Slots};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase, ThirdPhase};

/// Columns that a row's range look-ups read; two more chunks are what the limbs leave.
pub const CHUNKS: usize = 4;
/// Range look-ups of a row.
pub const LOOKUPS: usize = 6;
/// Logical columns of phase one, and of phases two and three with one table.
const FIRST: usize = 1;
const SECOND: usize = CHUNKS + 4;
const THIRD: usize = LOOKUPS + 2;
/// Logical fixed columns, without `port`.
const FIXED: usize = 14;

/// All columns of the chip.
#[derive(Clone, Debug)]
pub struct ChipConfig {
    pub folding: Folding,
    /// Native arithmetic.
    pub f: AdviceSlot,
    /// Chunks of 17 bits, two a limb.
    pub a: [AdviceSlot; CHUNKS],
    /// Limbs of 51 bits.
    pub l: [AdviceSlot; 2],
    /// Copied and selected cells.
    pub t: AdviceSlot,
    /// Multiplicities of the range table, a column for each of its parts.
    pub m: Vec<AdviceSlot>,
    /// What a block adds to the running sum.
    pub inverse: AdviceSlot,
    /// The running sum: after each table's term, then after each look-up.
    pub sums: Vec<AdviceSlot>,
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

/// Flags and constants.
#[derive(Clone, Copy, Debug)]
pub struct FixedColumns {
    /// Range table, and the rows of the running sum.
    pub table: FixedSlot,
    pub range: FixedSlot,
    /// F's constants (and public inputs, where nothing is folded); round constants.
    pub constant: FixedSlot,
    pub is_constant: FixedSlot,
    /// A block's table; round constants.
    pub key: FixedSlot,
    /// Gates of F.
    pub flex: FixedSlot,
    pub digit: FixedSlot,
    /// Gates of blocks, on their eighth row.
    pub slope: FixedSlot,
    pub link: FixedSlot,
    pub tangent: FixedSlot,
    pub load: FixedSlot,
    pub curve: FixedSlot,
    /// Gates of permutations.
    pub full: FixedSlot,
    pub partial: FixedSlot,
    /// None where columns are folded: there it follows from the two above.
    pub port: Option<FixedSlot>,
    /// Where columns are folded: 1 in the rows that gates are anchored to, 2 in those of public inputs, else 0.
    pub base: Option<Column<Fixed>>,
}

impl ChipConfig {
    /// Creates the columns and the gates, nothing folded.
    pub fn configure(cs: &mut ConstraintSystem<Fr>) -> Self {
        Self::folded(cs, Folding::default())
    }

    /// Creates the columns and the gates.
    pub fn folded(cs: &mut ConstraintSystem<Fr>, folding: Folding) -> Self {
        // Three parts of the range table would not be of one size.
        assert!(folding.fold >= 1 && matches!(folding.tables, 1 | 2), "no such form: {folding:?}");
        let more = folding.tables - 1;
        let (second, third) = (SECOND + more, THIRD + more);
        let mut one = Slots::new(folding, 0, FIRST, || cs.advice_column_in(FirstPhase));
        let rho = cs.challenge_usable_after(FirstPhase);
        let mut two = Slots::new(folding, FIRST, second, || cs.advice_column_in(SecondPhase));
        let (a, l) = (std::array::from_fn(|_| two.next()), std::array::from_fn(|_| two.next()));
        let (t, m) = (two.next(), (0..folding.tables).map(|_| two.next()).collect());
        let (gamma, beta) = (cs.challenge_usable_after(SecondPhase), cs.challenge_usable_after(SecondPhase));
        let mut three = Slots::new(folding, FIRST + second, third, || cs.advice_column_in(ThirdPhase));
        let inverse = three.next();
        let sums = (1..third).map(|_| three.next()).collect();
        let f = one.next();
        cs.enable_equality(f.column);
        cs.enable_equality(t.column);
        let instance = cs.instance_column();
        let wide = folding.fold == 1;
        let mut fixed = Slots::new(folding, 0, FIXED + usize::from(wide), || cs.fixed_column());
        let mut next = || fixed.next();
        let fx = FixedColumns {
            table: next(),
            range: next(),
            constant: next(),
            is_constant: next(),
            key: next(),
            flex: next(),
            digit: next(),
            slope: next(),
            link: next(),
            tangent: next(),
            load: next(),
            curve: next(),
            full: next(),
            partial: next(),
            port: wide.then(next),
            base: (!wide).then(|| cs.fixed_column()),
        };
        let physical = [one, two, three].map(|phase| phase.columns().to_vec());
        let config = Self { folding, f, a, l, t, m, inverse, sums, instance, rho, gamma, beta, fx, physical };
        config.gates(cs);
        config
    }

    /// First logical column and number of logical columns of each phase.
    pub fn phases(&self) -> [(usize, usize); 3] {
        let (second, third, end) = (self.a[0].index, self.inverse.index, self.inverse.index + 1 + self.sums.len());
        [(0, second), (second, third - second), (third, end - third)]
    }

    /// Physical columns of a phase.
    pub fn physical(&self, phase: usize) -> &[Column<Advice>] {
        &self.physical[phase]
    }
}
