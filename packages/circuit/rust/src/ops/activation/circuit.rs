//! The activation's cells: `x + 2^(s-1) = 2^s z + r` as a rounding has it, z by its index in the table and by how far it is beyond; the
//! table's value and slope.

use super::super::ranges;
use super::super::round::circuit::half;
use super::super::tables::Table;
use super::super::unit::{Cells, Executed, Number, Relation, Unit, Zero};
use super::Activation;
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::tensor::{Facts, Formats};

const INDEX: usize = 0;
const VALUE: usize = 1;
const SLOPE: usize = 2;
const BEYOND: usize = 3;
const R: usize = 4;

impl Activation {
    /// Whole limbs, as inputs are given here.
    fn shift(&self, inputs: &[Facts]) -> u32 {
        inputs[0].bits - self.bits
    }

    pub(crate) fn relation<A: Algebra>(&self, cells: Cells<'_, A>, inputs: &[Facts], formats: &Formats) -> Relation<A> {
        if !self.function().tabled() {
            return self.leaky_relation(cells, inputs, formats);
        }
        let (b, shift) = (formats.limb_bits, self.shift(inputs));
        let [index, value, slope, beyond, r] = [INDEX, VALUE, SLOPE, BEYOND, R].map(|i| cells.numbers[i].clone());
        let [above, below] = [0, 1].map(|i| cells.plain[i].clone());
        let flag = |f: &A| f.clone() * (f.clone() - int(1));
        // By how much z is more than the table's last value, or less than its first.
        let by = || beyond.clone() + int(1);
        let z = index.clone() - pow2(b - 1) + (above.clone() - below.clone()) * by();
        let zero = vec![
            Zero::each("above is 0 or 1", flag(&above)),
            Zero::each("below is 0 or 1", flag(&below)),
            Zero::each("above, at the table's end", above.clone() * (index.clone() + int(1) - pow2(b))),
            Zero::each("below, at the table's end", below.clone() * index),
            Zero::each("nothing beyond within the table", beyond.clone() * (int::<A>(1) - above.clone() - below.clone())),
        ];
        let [low, high] = self.function().slopes(b);
        let output = value - pow2(b - 1) + (int::<A>(high) * above - int::<A>(low) * below) * by();
        let lent = Some(int::<A>(2) * (slope - pow2(b - 2)));
        Relation { zero, inputs: vec![z * pow2(shift) + r - half(shift)], output, lent }
    }
}

impl Unit for Activation {
    fn lift(&self, inputs: &[Facts], formats: &Formats) -> Option<u32> {
        let shift = self.shift(inputs);
        (shift > 0).then(|| ranges::lift(shift, formats))
    }

    fn numbers(&self, inputs: &[Facts], formats: &Formats) -> Vec<Number> {
        let shift = self.shift(inputs);
        if !self.function().tabled() {
            return Self::leaky_numbers(shift, formats);
        }
        let number = |name, limbs| Number { name, limbs };
        let remainder = (shift / formats.limb_bits) as usize;
        vec![number("index", 1), number("value", 1), number("slope", 1), number("beyond", 2), number("remainder", remainder)]
    }

    /// # Panics
    ///
    /// Of no entry, where there is a table: none is beyond a row's width.
    fn entry(&self, executed: Option<Executed>, inputs: &[Facts], formats: &Formats) -> Vec<i128> {
        if !self.function().tabled() {
            return Self::leaky_entry(executed, self.shift(inputs), formats);
        }
        let e = executed.expect("one entry a block");
        let [r, index, value, slope, beyond] = [0, 1, 2, 3, 4].map(|i| e.cells[i].1[e.entry]);
        let b = formats.limb_bits;
        vec![index, value + (1 << (b - 1)), slope + (1 << (b - 2)), (beyond.abs() - 1).max(0), r << e.lift]
    }

    fn plain(&self) -> &'static [&'static str] {
        match self.function().tabled() {
            true => &["above", "below"],
            false => &["mask"],
        }
    }

    fn plain_cells(&self, executed: Option<Executed>) -> Vec<i128> {
        let last = |e: Executed| e.cells[4].1[e.entry];
        match (executed, self.function().tabled()) {
            (Some(e), true) => vec![i128::from(last(e) > 0), i128::from(last(e) < 0)],
            (Some(e), false) => vec![last(e)],
            (None, _) => vec![0; self.plain().len()],
        }
    }

    fn tables(&self, _: &[Facts], formats: &Formats) -> Vec<Table> {
        let table = Table::Activation { function: self.function(), bits: self.bits, limb_bits: formats.limb_bits };
        self.function().tabled().then_some(table).into_iter().collect()
    }
}
