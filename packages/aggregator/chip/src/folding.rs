//! How many columns the circuit has: logical columns lie in slots of physical ones.
//!
//! Gates, filling and attacks speak of logical columns and rows. With a fold of 1 a logical column is a physical one.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ColumnType, Fixed};
use halo2_axiom::poly::Rotation;

/// Rows of F for public inputs.
pub const PUBLIC_ROWS: usize = 64;

/// The form of a circuit: part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folding {
    /// Logical columns of one phase that share a physical one. A logical row is as many physical rows.
    pub fold: usize,
}

impl Default for Folding {
    fn default() -> Self {
        Self { fold: 1 }
    }
}

impl Folding {
    /// Physical columns of as many logical ones.
    pub(crate) fn columns(&self, logical: usize) -> usize {
        logical.div_ceil(self.fold)
    }

    /// First physical row of logical row 0. Rows above hold the public inputs, which no logical row may share.
    pub(crate) fn offset(&self) -> usize {
        if self.fold == 1 {
            0
        } else {
            PUBLIC_ROWS
        }
    }

    /// The physical row of slot 0: what gates are anchored to.
    pub(crate) fn base(&self, row: usize) -> usize {
        self.offset() + row * self.fold
    }

    /// Logical rows of `rows` physical ones.
    pub(crate) fn logical(&self, rows: usize) -> usize {
        (rows - self.offset()) / self.fold
    }

    /// Physical columns of these logical ones.
    pub(crate) fn fold(&self, logical: Vec<Vec<Fr>>, rows: usize) -> Vec<Vec<Fr>> {
        if self.fold == 1 {
            return logical;
        }
        let mut out = vec![vec![Fr::zero(); rows]; self.columns(logical.len())];
        for (i, column) in logical.into_iter().enumerate() {
            let to = out[i / self.fold][self.offset() + i % self.fold..].iter_mut().step_by(self.fold);
            to.zip(column).for_each(|(to, v)| *to = v);
        }
        out
    }
}

/// A logical column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot<C: ColumnType> {
    pub column: Column<C>,
    /// Its number among the logical columns of its kind.
    pub index: usize,
    slot: usize,
    pub folding: Folding,
}

pub type AdviceSlot = Slot<Advice>;
pub type FixedSlot = Slot<Fixed>;

impl<C: ColumnType> Slot<C> {
    /// A cell of this column, read from a base row.
    pub fn at(&self, row: i32) -> Rotation {
        Rotation(row * self.folding.fold as i32 + self.slot as i32)
    }

    /// The physical row of a logical one.
    pub fn row(&self, row: usize) -> usize {
        self.folding.base(row) + self.slot
    }
}

/// Gives out slots of new physical columns.
pub struct Slots<C: ColumnType> {
    folding: Folding,
    columns: Vec<Column<C>>,
    first: usize,
    used: usize,
}

impl<C: ColumnType> Slots<C> {
    /// `count` logical columns, numbered from `first`, in new physical ones.
    pub fn new(folding: Folding, first: usize, count: usize, column: impl FnMut() -> Column<C>) -> Self {
        let columns = std::iter::repeat_with(column).take(folding.columns(count)).collect();
        Self { folding, columns, first, used: 0 }
    }

    /// A column of its own, its cells in base rows.
    pub fn unfolded(folding: Folding, column: Column<C>) -> Slot<C> {
        Slot { column, index: 0, slot: 0, folding }
    }

    pub fn next(&mut self) -> Slot<C> {
        let (i, fold) = (self.used, self.folding.fold);
        self.used += 1;
        Slot { column: self.columns[i / fold], index: self.first + i, slot: i % fold, folding: self.folding }
    }

    pub fn columns(&self) -> &[Column<C>] {
        &self.columns
    }
}
