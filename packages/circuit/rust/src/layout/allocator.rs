//! Gives runs their rows, and exports their rows of the scalar column.

use super::Shape;
use crate::gadgets::run::Run;
use pot_proof_system::error::PotError;

pub(super) struct Allocator {
    shape: Shape,
    /// Rows of the scalar column that are taken.
    pub taken: Vec<bool>,
    /// Next free row of the present column group, and the most that any reached.
    next: usize,
    deepest: usize,
    /// First row of the present column group that may hold no value.
    limit: usize,
}

impl Allocator {
    /// Row 0 is no group's: there running sums begin.
    pub fn new(shape: &Shape, header: usize) -> Self {
        let mut taken = vec![false; 1 << shape.k];
        taken[..header].fill(true);
        Self { shape: *shape, taken, next: 1, deepest: 1, limit: shape.limit() }
    }

    /// Begins a column group.
    pub fn restart(&mut self) {
        self.restart_within(self.shape.limit());
    }

    /// Begins a column group of fewer rows.
    pub fn restart_within(&mut self, limit: usize) {
        (self.next, self.limit) = (1, limit);
    }

    /// Rows that groups reach, the first free one.
    pub fn deepest(&self) -> usize {
        self.deepest
    }

    /// `len` blocks of `height` rows below the last, with `exports` free rows of the scalar column where they end.
    ///
    /// Errors: `CIRCUIT_TOO_LARGE`.
    pub fn run(&mut self, len: usize, height: usize, exports: usize) -> Result<Run, PotError> {
        let limit = self.limit;
        // In 64 bits: on wasm32 the product does not fit usize.
        if len as u64 * height as u64 > limit as u64 {
            return Err(self.shape.too_large("the values"));
        }
        loop {
            let run = Run { row0: self.next, len, height };
            let end = run.end();
            if (end + exports).max(run.row0 + len * height) > limit {
                return Err(self.shape.too_large("the values"));
            }
            if self.taken[end..end + exports].iter().all(|t| !t) {
                self.taken[end..end + exports].fill(true);
                self.next = run.row0 + len * height;
                self.deepest = self.deepest.max(self.next).max(end + exports);
                return Ok(run);
            }
            self.next += 1;
        }
    }

    /// The first free rows of the scalar column.
    ///
    /// Errors: `CIRCUIT_TOO_LARGE`.
    pub fn cells(&mut self, count: usize) -> Result<Vec<usize>, PotError> {
        let rows: Vec<usize> = (0..self.shape.limit()).filter(|row| !self.taken[*row]).take(count).collect();
        if rows.len() < count {
            return Err(self.shape.too_large("the rates"));
        }
        rows.iter().for_each(|row| self.taken[*row] = true);
        self.deepest = self.deepest.max(rows.last().map_or(0, |row| row + 1));
        Ok(rows)
    }

    /// Skips rows of the present group.
    pub fn skip(&mut self, rows: usize) {
        self.next += rows;
    }
}
