//! Runs of blocks, and accumulators along them.

use super::algebra::E;
use super::gates::{advice, fixed, selector};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem, Fixed, VirtualCells};

/// `len` blocks of `height` rows, the last first: by Horner's rule block i then gets the exponent i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub row0: usize,
    pub len: usize,
    pub height: usize,
}

impl Run {
    /// First row of block `i`.
    pub fn row(&self, i: usize) -> usize {
        self.row0 + (self.len - 1 - i) * self.height
    }
    /// First row of block 0, where accumulators end.
    pub fn end(&self) -> usize {
        self.row(0)
    }
}

/// A cell of a block: column of the group, and row of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub column: usize,
    pub row: usize,
}

/// Selectors of runs of one kind: each block, each block but a run's first, and a run's end, where it is exported.
#[derive(Clone, Copy, Debug)]
pub struct RunSelectors {
    pub active: Column<Fixed>,
    /// None where all runs have one block.
    pub next: Option<Column<Fixed>>,
    pub end: Column<Fixed>,
}

impl RunSelectors {
    /// For runs of which some have more blocks than one, or none has.
    pub fn new(cs: &mut ConstraintSystem<Fr>, long: bool) -> Self {
        Self { active: cs.fixed_column(), next: long.then(|| cs.fixed_column()), end: cs.fixed_column() }
    }

    pub fn assign<'a>(&self, runs: impl IntoIterator<Item = &'a Run>, put: &mut dyn FnMut(Column<Fixed>, usize)) {
        for run in runs {
            for i in 0..run.len {
                put(self.active, run.row(i));
                if let Some(next) = self.next.filter(|_| i + 1 < run.len) {
                    put(next, run.row(i));
                }
            }
            put(self.end, run.end());
        }
    }

    /// 1 in the last block of each run, which comes first: the only one without one before it.
    pub fn last(&self, v: &mut VirtualCells<'_, Fr>) -> E {
        fixed(v, self.active) - selector(v, self.next)
    }

    /// Zero where `sum = block + step sum_of_the_block_before`, in each block of a run: the first has nothing before it.
    pub fn accumulate(&self, v: &mut VirtualCells<'_, Fr>, sum: (Column<Advice>, i32), height: usize, block: E, step: E) -> E {
        let (column, rotation) = sum;
        let mut e = fixed(v, self.active) * (advice(v, column, rotation) - block);
        if self.next.is_some() {
            e = e - selector(v, self.next) * advice(v, column, rotation - height as i32) * step;
        }
        e
    }
}

/// The sums along a run, from its blocks' values in the order of the rows: `(block, sum)`, the last block first.
pub fn accumulate(run: &Run, step: Fr, block: impl Fn(usize) -> Fr) -> Vec<(usize, Fr)> {
    let mut sum = Fr::zero();
    (0..run.len)
        .rev()
        .map(|i| {
            sum = sum * step + block(i);
            (i, sum)
        })
        .collect()
}
