//! How many columns the circuit has: logical columns lie in slots of physical ones.
//!
//! Gates, filling and attacks speak of logical columns and rows. With a factor of 1 a logical column is a physical one.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ColumnType, Fixed};
use halo2_axiom::poly::Rotation;

/// Rows of F for public inputs.
pub const PUBLIC_ROWS: usize = 64;

/// The form of a circuit: part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Logical columns of one phase that share a physical one. A logical row is as many physical rows.
    pub factor: usize,
}

impl Default for Packing {
    fn default() -> Self {
        Self { factor: 1 }
    }
}

impl Packing {
    /// Physical columns of as many logical ones.
    pub(crate) fn columns(&self, logical: usize) -> usize {
        logical.div_ceil(self.factor)
    }

    /// First physical row of logical row 0. Rows above hold the public inputs, which no logical row may share.
    pub(crate) fn offset(&self) -> usize {
        if self.factor == 1 {
            0
        } else {
            PUBLIC_ROWS
        }
    }

    /// The physical row of slot 0: what gates are anchored to.
    pub(crate) fn base(&self, row: usize) -> usize {
        self.offset() + row * self.factor
    }

    /// Logical rows of `rows` physical ones.
    pub(crate) fn logical(&self, rows: usize) -> usize {
        (rows - self.offset()) / self.factor
    }

    /// Physical columns of these logical ones.
    pub(crate) fn pack(&self, logical: Vec<Vec<Fr>>, rows: usize) -> Vec<Vec<Fr>> {
        if self.factor == 1 {
            return logical;
        }
        let mut out = vec![vec![Fr::zero(); rows]; self.columns(logical.len())];
        for (i, column) in logical.into_iter().enumerate() {
            let to = out[i / self.factor][self.offset() + i % self.factor..].iter_mut().step_by(self.factor);
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
    pub packing: Packing,
}

pub type AdviceSlot = Slot<Advice>;
pub type FixedSlot = Slot<Fixed>;

impl<C: ColumnType> Slot<C> {
    /// A cell of this column, read from a base row.
    pub fn at(&self, row: i32) -> Rotation {
        Rotation(row * self.packing.factor as i32 + self.slot as i32)
    }

    /// The physical row of a logical one.
    pub fn row(&self, row: usize) -> usize {
        self.packing.base(row) + self.slot
    }
}

/// Gives out slots of new physical columns.
pub struct Slots<C: ColumnType> {
    packing: Packing,
    columns: Vec<Column<C>>,
    first: usize,
    used: usize,
}

impl<C: ColumnType> Slots<C> {
    /// `count` logical columns, numbered from `first`, in new physical ones.
    pub fn new(packing: Packing, first: usize, count: usize, column: impl FnMut() -> Column<C>) -> Self {
        let columns = std::iter::repeat_with(column).take(packing.columns(count)).collect();
        Self { packing, columns, first, used: 0 }
    }

    /// A column of its own, its cells in base rows.
    pub fn unpacked(packing: Packing, column: Column<C>) -> Slot<C> {
        Slot { column, index: 0, slot: 0, packing }
    }

    pub fn next(&mut self) -> Slot<C> {
        let (i, factor) = (self.used, self.packing.factor);
        self.used += 1;
        Slot { column: self.columns[i / factor], index: self.first + i, slot: i % factor, packing: self.packing }
    }

    pub fn columns(&self) -> &[Column<C>] {
        &self.columns
    }
}
