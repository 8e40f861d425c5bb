//! Cells of the columns that several proofs share: weights, data and outputs, from their entries; and what is looked up beside weights.

use crate::circuit::Parts;
use crate::claims::{matrix, Beside};
use crate::gadgets::algebra::limbs;
use crate::layout::{Matrix, Rows};
use crate::ops::Value;
use crate::scalar::output_offset_bits;

/// Entries of a value.
pub type Entries<'a> = &'a dyn Fn(Value) -> &'a [i128];

fn zeros(rows: usize, columns: usize, empty: bool) -> Vec<Vec<i64>> {
    vec![vec![0i64; rows]; if empty { 0 } else { columns }]
}

/// Trained (0) or frozen (1) weights, or states (2), `[column][row]`.
pub fn weight_cells(parts: &Parts, group: usize, entries: Entries<'_>) -> Vec<Vec<i64>> {
    let shape = &parts.layout.shape;
    let rows = if group == 1 { shape.frozen_limit() } else { shape.limit() };
    let group = &parts.layout.weights[group];
    let mut cells = zeros(rows, group.columns, group.matrices.is_empty());
    for m in &group.matrices {
        fill_matrix(&mut cells, m, group.columns, entries(m.value), 1 << group.offset_bits);
    }
    cells
}

/// Data and labels.
pub fn input_cells(parts: &Parts, entries: Entries<'_>) -> Vec<Vec<i64>> {
    let mut cells = zeros(parts.layout.shape.limit(), parts.layout.shape.data_columns, parts.layout.data.is_empty());
    for rows in &parts.layout.data {
        let offset = i128::from(parts.graph.tensors()[rows.value].offset);
        fill_rows(&mut cells, parts, rows, entries(rows.value), offset);
    }
    cells
}

/// What the graph gives.
pub fn output_cells(parts: &Parts, entries: Entries<'_>) -> Vec<Vec<i64>> {
    let mut cells = zeros(parts.layout.shape.limit(), parts.layout.shape.output_columns, parts.layout.outputs.is_empty());
    for rows in &parts.layout.outputs {
        fill_rows(&mut cells, parts, rows, entries(rows.value), 1 << output_offset_bits(&parts.graph));
    }
    cells
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

/// Limbs beside each cell of a group, `[column][row]`: of a genesis proof those of its weights, cells beyond a width among them.
pub fn beside_cells(parts: &Parts, number: usize, weights: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let group = &parts.layout.weights[number];
    let mut cells = vec![vec![0i64; parts.layout.shape.limit()]; weights.len() * group.beside()];
    let offset = 1i128 << group.offset_bits;
    for m in &group.matrices {
        fill_limbs(parts, (number, m), &mut cells, |column, row| match parts.claims.beside {
            Beside::Weights => i128::from(weights[column][row]) - offset,
            // Those of a step that was taken come with it.
            Beside::Nothing | Beside::Deviations(_) => 0,
        });
    }
    cells
}

/// The limbs of a matrix, whose numbers are told by column and row.
pub(super) fn fill_limbs(parts: &Parts, (group, m): (usize, &Matrix), cells: &mut [Vec<i64>], number: impl Fn(usize, usize) -> i128) {
    let (group, b) = (&parts.layout.weights[group], parts.graph.formats().limb_bits);
    let (n, most) = (group.limbs[m.class], group.beside());
    if n == 0 {
        return;
    }
    let half = 1i128 << (b as usize * n - 1);
    for (row, column) in (0..m.rows * m.chunks).flat_map(|i| (0..group.columns).map(move |c| (m.run.row(i), c))) {
        for (i, v) in limbs(number(column, row) + half, n, b).enumerate() {
            cells[column * most + i][row] = v;
        }
    }
}
