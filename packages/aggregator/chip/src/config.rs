//! Columns, in the order that fixes their place in the proof. They depend on nothing: all circuits have the same.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase, ThirdPhase};

/// Columns that a row's range look-ups read; two more chunks are what the limbs leave.
pub const CHUNKS: usize = 4;
/// Range look-ups of a row.
pub const LOOKUPS: usize = 6;

/// All columns of the chip.
#[derive(Clone, Debug)]
pub struct ChipConfig {
    /// Native arithmetic.
    pub f: Column<Advice>,
    /// Chunks of 17 bits, two a limb.
    pub a: [Column<Advice>; CHUNKS],
    /// Limbs of 51 bits.
    pub l: [Column<Advice>; 2],
    /// Copied and selected cells.
    pub t: Column<Advice>,
    /// Multiplicities of the range table.
    pub m: Column<Advice>,
    /// What a block adds to the running sum.
    pub inverse: Column<Advice>,
    /// The running sum: after the table's term, then after each look-up.
    pub sums: [Column<Advice>; LOOKUPS + 1],
    pub instance: Column<Instance>,
    /// Drawn after F.
    pub rho: Challenge,
    /// Drawn after all but the running sums.
    pub gamma: Challenge,
    pub beta: Challenge,
    pub fx: FixedColumns,
}

/// Flags and constants.
#[derive(Clone, Copy, Debug)]
pub struct FixedColumns {
    /// Range table, and the rows of the running sum.
    pub table: Column<Fixed>,
    pub range: Column<Fixed>,
    /// F's constants and public inputs; round constants.
    pub constant: Column<Fixed>,
    pub is_constant: Column<Fixed>,
    /// A block's table; round constants.
    pub key: Column<Fixed>,
    /// Gates of F.
    pub flex: Column<Fixed>,
    pub digit: Column<Fixed>,
    /// Gates of blocks, on their eighth row.
    pub slope: Column<Fixed>,
    pub link: Column<Fixed>,
    pub tangent: Column<Fixed>,
    pub load: Column<Fixed>,
    pub curve: Column<Fixed>,
    /// Gates of permutations.
    pub full: Column<Fixed>,
    pub partial: Column<Fixed>,
    pub port: Column<Fixed>,
}

impl ChipConfig {
    /// Creates the columns and the gates.
    pub fn configure(cs: &mut ConstraintSystem<Fr>) -> Self {
        let f = cs.advice_column_in(FirstPhase);
        let rho = cs.challenge_usable_after(FirstPhase);
        let mut second = || cs.advice_column_in(SecondPhase);
        let (a, l) = (std::array::from_fn(|_| second()), std::array::from_fn(|_| second()));
        let (t, m) = (second(), second());
        let (gamma, beta) = (cs.challenge_usable_after(SecondPhase), cs.challenge_usable_after(SecondPhase));
        let inverse = cs.advice_column_in(ThirdPhase);
        let sums = std::array::from_fn(|_| cs.advice_column_in(ThirdPhase));
        cs.enable_equality(f);
        cs.enable_equality(t);
        let instance = cs.instance_column();
        let mut fixed = || cs.fixed_column();
        let fx = FixedColumns {
            table: fixed(),
            range: fixed(),
            constant: fixed(),
            is_constant: fixed(),
            key: fixed(),
            flex: fixed(),
            digit: fixed(),
            slope: fixed(),
            link: fixed(),
            tangent: fixed(),
            load: fixed(),
            curve: fixed(),
            full: fixed(),
            partial: fixed(),
            port: fixed(),
        };
        let config = Self { f, a, l, t, m, inverse, sums, instance, rho, gamma, beta, fx };
        config.gates(cs);
        config
    }

    /// First column and number of columns of each phase.
    pub fn phases(&self) -> [(usize, usize); 3] {
        let (second, third, end) = (self.a[0].index(), self.inverse.index(), self.sums[LOOKUPS].index() + 1);
        [(0, second), (second, third - second), (third, end - third)]
    }

    /// All advice columns, by index.
    pub fn advice(&self) -> Vec<Column<Advice>> {
        let first = [self.f].into_iter().chain(self.a).chain(self.l).chain([self.t, self.m, self.inverse]);
        first.chain(self.sums).collect()
    }
}
