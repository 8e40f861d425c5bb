//! Paths, and what is looked up along them.

use super::{Closed, Put, Witness};
use crate::circuit::{ForestColumns, Parts};
use crate::execute::Run as Executed;
use crate::gadgets::algebra::{powers, signed};
use crate::gadgets::run::Run;
use crate::layout::forest::{CELLS, DISTANCE, FEATURE, NODE, RIGHT, THRESHOLD, VALUE};
use crate::layout::ForestRows;
use crate::ops::trees::Entry;
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;

/// Powers of rho that say what is looked up (circuit/forest_gates.rs).
const KINDS: [usize; 3] = [4, 5, 6];

/// Inverses of each tree's lines and features, of the table's lines and of the data's cells, `[column][row]`.
#[derive(Clone, Debug, Default)]
pub struct Inverses {
    pub used: Vec<Vec<Fr>>,
    pub read: Vec<Vec<Fr>>,
    pub listed: Vec<Fr>,
    pub offered: Vec<Vec<Fr>>,
}

/// Which of them a test closes the lookup's sum by.
#[derive(Clone, Copy, Debug)]
pub enum TreeSum {
    Used(usize),
    Read(usize),
    Listed,
    Offered(usize),
}

/// Small integers, `[lane and cell][row]`; none without trees.
pub(super) fn path_cells(parts: &Parts, run: &Executed<i128>, data: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let Some(rows) = &parts.layout.forest else { return vec![] };
    let mut cells = vec![vec![0i64; parts.layout.shape.limit()]; rows.lanes * CELLS];
    let (grove, trees) = (&rows.forest.grove, rows.forest.trees.roots.len());
    let executed = |name: usize| &run.cells[rows.forest.node][name].1;
    let (nodes, values, path) = (executed(0), executed(1), grove.deepest() + 1);
    for (s, r) in rows.runs.iter().enumerate() {
        for (g, lane) in rows.groups.iter().flat_map(|g| (0..rows.lanes).map(move |l| (g, l))) {
            let tree = g.trees.get(lane).map(|t| s * trees + t);
            let node = |i: usize| tree.map_or(grove.nowhere() as i64, |t| nodes[t * path + i] as i64);
            let mut put = |cell: usize, row: usize, v: i64| cells[lane * CELLS + cell][row] = v;
            for i in 0..g.depth {
                let row = r.row0 + g.row + i;
                let [at, feature, threshold, child] = grove.entries[grove.step_of(node(i)).expect("it goes on")].cells;
                let (x, right) = (data_cell(parts, rows, data, s, feature as usize), node(i + 1) - child);
                let distance = if right == 0 { threshold - x } else { x - threshold - 1 };
                let all = [(NODE, at), (FEATURE, feature), (THRESHOLD, threshold), (VALUE, x), (DISTANCE, distance), (RIGHT, right)];
                all.into_iter().for_each(|(cell, v)| put(cell, row, v));
            }
            for k in 0..grove.values {
                let row = r.row0 + g.row + g.depth + k;
                put(NODE, row, node(g.depth));
                put(THRESHOLD, row, tree.map_or(0, |t| values[t * grove.values + k] as i64));
            }
        }
    }
    cells
}

/// A sample's feature, as it is stored.
fn data_cell(parts: &Parts, rows: &ForestRows, data: &[Vec<i64>], sample: usize, feature: usize) -> i64 {
    let (column, row) = data_place(parts, rows, sample, feature).expect("a feature of a sample");
    data[column][row]
}

fn data_place(parts: &Parts, rows: &ForestRows, sample: usize, feature: usize) -> Option<(usize, usize)> {
    let (data, columns) = (parts.layout.data_rows(rows.forest.input)?, parts.layout.shape.data_columns);
    let run = data.runs.get(sample)?;
    (feature < run.len * columns).then(|| (feature % columns, run.row(feature / columns)))
}

impl Witness {
    fn forest(&self) -> Option<&ForestRows> {
        self.parts().layout.forest.as_ref()
    }

    /// Lines that a tree looks up: row, whether it is a leaf's value, and the cells.
    fn lines(&self, rows: &ForestRows, lane: usize) -> Vec<(usize, Entry)> {
        let cell = |i: usize, row: usize| self.paths[lane * CELLS + i][row];
        let step = |(row, _): (usize, usize)| {
            let child = cell(NODE, row + 1) - cell(RIGHT, row);
            (row, Entry { leaf: false, cells: [cell(NODE, row), cell(FEATURE, row), cell(THRESHOLD, row), child] })
        };
        let leaf = |(row, k, _): (usize, usize, usize)| (row, Entry { leaf: true, cells: [cell(NODE, row), k as i64, cell(THRESHOLD, row), 0] });
        rows.steps().map(step).chain(rows.leaves().map(leaf)).collect()
    }

    /// Features that a tree reads: row, key and value.
    fn reads(&self, rows: &ForestRows, lane: usize) -> Vec<(usize, [i64; 2])> {
        let cell = |i: usize, row: usize| self.paths[lane * CELLS + i][row];
        rows.steps().map(|(row, key)| (row, [key as i64 + cell(FEATURE, row), cell(VALUE, row)])).collect()
    }

    /// How often each line of the table and each cell of data is looked up, as the cells say.
    fn counted_trees(&self, rows: &ForestRows) -> (Vec<u64>, Vec<Vec<u64>>) {
        let mut lines = vec![0; rows.forest.grove.entries.len()];
        let mut reads = vec![vec![0; self.parts().layout.last + 1]; self.data.len()];
        for lane in 0..rows.lanes {
            self.lines(rows, lane).into_iter().filter_map(|(_, e)| rows.forest.grove.find(e)).for_each(|at| lines[at] += 1);
            for (_, [key, value]) in self.reads(rows, lane) {
                let Ok(key) = usize::try_from(key - 1) else { continue };
                let place = data_place(self.parts(), rows, key / rows.stride, key % rows.stride);
                if let Some((column, row)) = place.filter(|(column, row)| self.data[*column][*row] == value) {
                    reads[column][row] += 1;
                }
            }
        }
        (lines, reads)
    }

    /// Assigns phase 1 of trees.
    pub(super) fn first_of_trees(&self, c: &ForestColumns, put: &mut Put<'_>) {
        let Some(rows) = self.forest() else { return };
        for (column, cells) in c.cells.iter().zip(&self.paths) {
            cells.iter().enumerate().filter(|(_, v)| **v != 0).for_each(|(row, v)| put(*column, row, signed((*v).into())));
        }
        let (lines, reads) = self.counted_trees(rows);
        lines.iter().enumerate().filter(|(_, m)| **m > 0).for_each(|(i, m)| put(c.multiplicities, 1 + i, Fr::from(*m)));
        for (column, times) in c.read_multiplicities.iter().zip(reads) {
            times.iter().enumerate().filter(|(_, m)| **m > 0).for_each(|(row, m)| put(*column, row, Fr::from(*m)));
        }
    }

    /// All inverses, of rows 0 to the last; none without trees.
    pub(super) fn tree_inverses(&self, beta: Fr, rho: Fr) -> Option<Inverses> {
        let rows = self.forest()?;
        let (last, rhos) = (self.parts().layout.last, powers(rho, 1 + KINDS[2]));
        let term = |cells: &[i64], kind: usize| beta + rhos[KINDS[kind]] + cells.iter().zip(&rhos).map(|(c, p)| signed((*c).into()) * p).sum::<Fr>();
        let column = |terms: Vec<(usize, Fr, u64)>| -> Vec<Fr> {
            let (places, mut inverses): (Vec<(usize, u64)>, Vec<Fr>) = terms.into_iter().map(|(row, t, m)| ((row, m), t)).unzip();
            inverses.iter_mut().batch_invert();
            let mut out = vec![Fr::ZERO; last + 1];
            places.into_iter().zip(inverses).for_each(|((row, m), v)| out[row] = if m == 1 { v } else { v * Fr::from(m) });
            out
        };
        let line = |e: &Entry| term(&e.cells, usize::from(e.leaf));
        let (lines, reads) = self.counted_trees(rows);
        let listed = rows.forest.grove.entries.iter().zip(&lines).enumerate().filter(|(_, (_, m))| **m > 0);
        let data = self.parts().layout.data_rows(rows.forest.input)?;
        let offered = |j: usize| {
            let keys = data.runs.iter().enumerate().flat_map(|(s, run)| (0..run.len).map(move |b| (run.row(b), s, b)));
            let of = |(row, s, b): (usize, usize, usize)| {
                let key = (rows.key(s) + b * self.data.len() + j) as i64;
                (row, term(&[key, self.data[j][row]], 2), reads[j][row])
            };
            column(keys.map(of).filter(|t| t.2 > 0).collect())
        };
        let lanes = 0..rows.lanes;
        Some(Inverses {
            used: lanes.clone().map(|l| column(self.lines(rows, l).iter().map(|(row, e)| (*row, line(e), 1)).collect())).collect(),
            read: lanes.map(|l| column(self.reads(rows, l).iter().map(|(row, cells)| (*row, term(cells, 2), 1)).collect())).collect(),
            listed: column(listed.map(|(i, (e, m))| (1 + i, line(e), *m)).collect()),
            offered: (0..self.data.len()).map(offered).collect(),
        })
    }

    /// What a tree's leaf adds to the scores in a row.
    pub(super) fn leaf_values(&self, rows: &ForestRows, row: usize) -> Fr {
        (0..rows.lanes).map(|l| signed(self.paths[l * CELLS + THRESHOLD][row].into())).sum()
    }

    /// The scores of all samples, as the cells say.
    pub(super) fn scores(&self, rows: &ForestRows) -> Vec<Fr> {
        let outputs = rows.forest.trees.outputs;
        let mut out = vec![Fr::ZERO; rows.runs.len() * outputs];
        let of_sample = rows.groups.len() * rows.forest.grove.values;
        for (i, (row, _, output)) in rows.leaves().enumerate() {
            out[i / of_sample * outputs + output] += self.leaf_values(rows, row);
        }
        out
    }

    /// By block of a run: what is added at a point there.
    pub(super) fn added(&self, rows: &ForestRows, run: &Run, point: Fr) -> Vec<Fr> {
        let (x, mut out) = (powers(point, rows.forest.trees.outputs), vec![Fr::ZERO; run.len]);
        for (row, _, output) in rows.leaves_of(run) {
            out[run.len - 1 - (row - run.row0)] = x[output] * self.leaf_values(rows, row);
        }
        out
    }
}

impl Inverses {
    /// What the running sum takes: of what is looked up, and of what is listed.
    pub(super) fn summed(&self) -> [Vec<Fr>; 2] {
        let mut out = [vec![Fr::ZERO; self.listed.len()], self.listed.clone()];
        for (i, column) in self.used.iter().chain(&self.read).map(|c| (0, c)).chain(self.offered.iter().map(|c| (1, c))) {
            out[i].iter_mut().zip(column).for_each(|(sum, v)| *sum += v);
        }
        out
    }

    /// Makes the lookup's sum end at 0 by one of the inverses.
    pub(super) fn close(&mut self, closed: Closed, lacks: Fr) {
        let Closed::Trees(column, row) = closed else { return };
        match column {
            TreeSum::Used(lane) => self.used[lane][row] += lacks,
            TreeSum::Read(lane) => self.read[lane][row] += lacks,
            TreeSum::Listed => self.listed[row] -= lacks,
            TreeSum::Offered(j) => self.offered[j][row] -= lacks,
        }
    }

    /// Assigns them.
    pub(super) fn assign(&self, c: &ForestColumns, put: &mut Put<'_>) {
        let columns = c.used.iter().zip(&self.used).chain(c.read.iter().zip(&self.read)).chain(c.offered.iter().zip(&self.offered));
        for (column, cells) in columns.chain([(&c.listed, &self.listed)]) {
            cells.iter().enumerate().filter(|(_, v)| **v != Fr::ZERO).for_each(|(row, v)| put(*column, row, *v));
        }
    }
}
