//! Cells beyond a value's width, in the last block of its rows: forced to 0, so that a commitment has nothing there to choose.

use crate::gadgets::algebra::{horner, E};
use crate::gadgets::gates::{fixed, Named};
use crate::gadgets::run::RunSelectors;
use crate::layout::Rows;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Column, ConstraintSystem, Fixed, VirtualCells};

/// For each number of cells that last blocks of a group have, if fewer than there are columns, the selector of these blocks. None is
/// what is left of all last blocks, by the selectors that runs have anyway.
#[derive(Clone, Debug, Default)]
pub struct Beyond(Vec<(usize, Option<Column<Fixed>>)>);

/// Cells of a value in the last block of each of its rows.
fn cells(rows: &Rows, columns: usize) -> usize {
    rows.width - (rows.width - 1) / columns * columns
}

impl Beyond {
    pub fn new(cs: &mut ConstraintSystem<Fr>, rows: &[Rows], columns: usize) -> Self {
        let mut widths: Vec<usize> = rows.iter().map(|r| cells(r, columns)).collect();
        widths.sort_unstable();
        widths.dedup();
        let filled = widths.last() == Some(&columns);
        let narrow = widths.len() - usize::from(filled);
        // Where some blocks are full, or others are narrower, the last width needs a selector as well.
        let own = |i: usize| filled || i + 1 < narrow;
        Self(widths.into_iter().take(narrow).enumerate().map(|(i, w)| (w, own(i).then(|| cs.fixed_column()))).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn assign(&self, rows: &[Rows], columns: usize, put: &mut dyn FnMut(Column<Fixed>, usize)) {
        for (width, selector) in &self.0 {
            let Some(selector) = selector else { continue };
            let runs = rows.iter().filter(|r| cells(r, columns) == *width).flat_map(|r| &r.runs);
            // The last block comes first.
            runs.for_each(|run| put(*selector, run.row0));
        }
    }

    /// The cells beyond each width at a random point.
    pub fn constraints(&self, v: &mut VirtualCells<'_, Fr>, runs: &RunSelectors, group: &[E], x: &E) -> Vec<Named> {
        let mut rest = runs.last(v);
        for (_, selector) in &self.0 {
            if let Some(s) = selector {
                rest = rest - fixed(v, *s);
            }
        }
        let zero = |(width, selector): &(usize, Option<Column<Fixed>>)| -> Named {
            let there = selector.map_or_else(|| rest.clone(), |s| fixed(v, s));
            ("zero beyond the width", there * horner(x, group[*width..].to_vec()))
        };
        self.0.iter().map(zero).collect()
    }
}
