//! Phase 1: every value as small integers, at its place.

use super::{Changes, Put};
use crate::circuit::{Config, Parts};
use crate::claims::matrix;
use crate::execute::Run as Executed;
use crate::gadgets::algebra::{int, recompose, signed};
use crate::gadgets::range::multiplicities;
use crate::layout::{Kind, Matrix, Rows, UnitRuns};
use crate::ops::unit::{Executed as Entry, Relation};
use crate::scalar::output_offset_bits;
use halo2_axiom::halo2curves::bn256::Fr;
use std::sync::{Arc, OnceLock};

/// Secret random values for the last rows of columns that several proofs share: `[column][row]`.
#[derive(Clone, Debug, Default)]
pub struct Blinding {
    pub weights: [Vec<Vec<Fr>>; 2],
    pub data: Vec<Vec<Fr>>,
    pub outputs: Vec<Vec<Fr>>,
}

/// All cells of phase 1, `[column][row]`.
#[derive(Clone)]
pub struct Witness {
    parts: Arc<Parts>,
    pub weights: [Vec<Vec<i64>>; 2],
    pub data: Vec<Vec<i64>>,
    /// No lookup covers these: they are what the units say.
    pub outputs: Vec<Vec<Fr>>,
    pub units: Vec<Vec<i64>>,
    /// Of the range table's entries; none: those of the cells.
    pub multiplicities: Option<Vec<u64>>,
    pub blinding: Blinding,
    pub changes: Changes,
    pub(super) second: OnceLock<super::Second>,
}

impl Witness {
    /// From what the executor gave for a graph.
    pub fn new(parts: Arc<Parts>, run: &Executed<i128>, blinding: Blinding) -> Self {
        let layout = &parts.layout;
        let limit = layout.shape.limit();
        let zeros = |n: usize| vec![vec![0i64; limit]; n];
        let mut weights = layout.weights.each_ref().map(|g| zeros(if g.matrices.is_empty() { 0 } else { g.columns }));
        for (cells, group) in weights.iter_mut().zip(&layout.weights) {
            for m in &group.matrices {
                fill_matrix(cells, m, group.columns, &run.values[m.value], 1 << group.offset_bits);
            }
        }
        let mut data = zeros(if layout.data.is_empty() { 0 } else { layout.shape.data_columns });
        for rows in &layout.data {
            let offset = i128::from(parts.graph.tensors()[rows.value].offset);
            fill_rows(&mut data, &parts, rows, &run.values[rows.value], offset);
        }
        let mut outputs = zeros(layout.shape.output_columns);
        for rows in &layout.outputs {
            fill_rows(&mut outputs, &parts, rows, &run.values[rows.value], 1 << output_offset_bits(&parts.graph));
        }
        let outputs = outputs.into_iter().map(|c| c.into_iter().map(|v| signed(v.into())).collect()).collect();
        let mut units = zeros(layout.shape.lanes * layout.shape.lane_columns);
        layout.units.iter().for_each(|u| fill_unit(&mut units, &parts, u, run));
        Self { parts, weights, data, outputs, units, multiplicities: None, blinding, changes: Changes::default(), second: OnceLock::new() }
    }

    pub fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Forgets phase 2, for other challenges.
    pub fn forget(&mut self) {
        self.second = OnceLock::new();
    }

    /// Columns that the range lookup covers.
    pub(super) fn looked_up(&self) -> Vec<&[i64]> {
        self.data.iter().chain(&self.units).map(|c| &c[..]).collect()
    }

    pub(super) fn counted(&self) -> Vec<u64> {
        let counted = || multiplicities(self.parts.graph.formats().limb_bits, self.parts.layout.last, &self.looked_up());
        self.multiplicities.clone().unwrap_or_else(counted)
    }

    /// What the numbers of lane `lane` of a block say that begins at `row`.
    pub(super) fn relation(&self, kind: &Kind, row: usize, lane: usize) -> Relation<Fr> {
        let formats = self.parts.graph.formats();
        let mut at = 0;
        let mut next = |n: usize| {
            let slots = (at..at + n).map(|i| kind.slot(&self.parts.layout.shape, lane, i));
            at += n;
            let limbs = slots.map(|s| int(self.units[s.column][row + s.row].into())).collect();
            recompose(formats.limb_bits, limbs)
        };
        let numbers: Vec<Fr> = kind.numbers.iter().map(|n| next(n.limbs)).collect();
        kind.op.relation(&numbers, &kind.inputs, formats)
    }

    /// Assigns phase 1.
    pub fn first(&self, config: &Config, put: &mut Put<'_>) {
        let groups = config.weights.iter().map(|w| &w.cells).zip(&self.weights);
        let groups = groups.chain([(&config.data, &self.data), (&config.units.cells, &self.units)]);
        for (column, cells) in groups.flat_map(|(columns, cells)| columns.iter().zip(cells)) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, signed((*v).into())));
        }
        for (column, cells) in config.outputs.iter().zip(&self.outputs) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, *v));
        }
        let limit = self.parts.layout.shape.limit();
        let blinded = config.weights.iter().map(|w| &w.cells).zip(&self.blinding.weights);
        let blinded = blinded.chain([(&config.data, &self.blinding.data), (&config.outputs, &self.blinding.outputs)]);
        for (column, values) in blinded.flat_map(|(columns, values)| columns.iter().zip(values)) {
            values.iter().enumerate().for_each(|(row, v)| put(*column, limit + row, *v));
        }
        for (i, m) in self.counted().iter().enumerate() {
            put(config.lookup.multiplicities, 1 + i, Fr::from(*m));
        }
    }
}

/// Cells beyond the width have the offset alone: they are 0.
fn fill_matrix(cells: &mut [Vec<i64>], m: &Matrix, columns: usize, values: &[i128], offset: i128) {
    for (row, chunk) in (0..m.rows).flat_map(|r| (0..m.chunks).map(move |c| (r, c))) {
        for (j, column) in cells.iter_mut().enumerate() {
            let at = chunk * columns + j;
            let v = if at < m.width { values[row * m.width + at] } else { 0 };
            column[m.row(row, chunk)] = (v + offset) as i64;
        }
    }
}

/// Cells beyond the width are 0, without an offset.
fn fill_rows(cells: &mut [Vec<i64>], parts: &Parts, rows: &Rows, values: &[i128], offset: i128) {
    let (_, width) = matrix(parts.graph.facts(rows.value));
    let columns = cells.len();
    for (run, row) in rows.runs.iter().zip(values.chunks(width)) {
        for (j, v) in row.iter().enumerate() {
            cells[j % columns][run.row(j / columns)] = (v + offset) as i64;
        }
    }
}

fn fill_unit(cells: &mut [Vec<i64>], parts: &Parts, unit: &UnitRuns, run: &Executed<i128>) {
    let (layout, formats) = (&parts.layout, parts.graph.formats());
    let kind = &layout.kinds[unit.kind];
    let operator = kind.op.unit().expect("it has a circuit");
    let (_, width) = matrix(parts.graph.facts(unit.value));
    let executed = |entry: usize| Entry { cells: &run.cells[unit.node], values: &run.values[unit.value], entry };
    for (row, r) in unit.runs.iter().enumerate() {
        for (block, lane) in (0..r.len).flat_map(|b| (0..layout.shape.lanes).map(move |l| (b, l))) {
            let at = block * layout.shape.lanes + lane;
            let entry = (at < width).then(|| executed(row * width + at));
            let mut limb = 0;
            for (n, v) in kind.numbers.iter().zip(operator.entry(entry, &kind.inputs, formats)) {
                for v in limbs(v, n.limbs, formats.limb_bits) {
                    let slot = kind.slot(&layout.shape, lane, limb);
                    cells[slot.column][r.row(block) + slot.row] = v;
                    limb += 1;
                }
            }
        }
    }
}

/// Digits to the base 2^bits; the highest takes what is beyond, so that their sum is the number, whatever a liar makes of it.
fn limbs(v: i128, n: usize, bits: u32) -> impl Iterator<Item = i64> {
    (0..n).map(move |i| {
        let rest = v >> (bits as usize * i);
        (if i + 1 == n { rest } else { rest & ((1 << bits) - 1) }) as i64
    })
}
