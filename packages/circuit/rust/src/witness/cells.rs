//! Phase 1: every value as small integers, at its place.

use super::forest::path_cells;
use super::{beside_cells, input_cells, output_cells, weight_cells, Changes, Put};
use crate::circuit::{Config, Parts};
use crate::claims::matrix;
use crate::execute::Run as Executed;
use crate::gadgets::algebra::{limbs, signed};
use crate::gadgets::run::Run;
use crate::layout::{Kind, UnitRuns, BLINDING_ROWS};
use crate::ops::unit::{Executed as Entry, Relation, Row};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use std::sync::{Arc, OnceLock};

/// Secret random values for the last rows of columns that several proofs share: `[column][row]`, as many rows as are kept for them.
#[derive(Clone, Debug)]
pub struct Blinding {
    pub weights: [Vec<Vec<Fr>>; 3],
    pub after: [Vec<Vec<Fr>>; 2],
    pub data: Vec<Vec<Fr>>,
    pub outputs: Vec<Vec<Fr>>,
}

impl Blinding {
    /// Zeros: whoever sees a commitment can try contents. For tests, and for what is public.
    pub fn none(parts: &Parts) -> Self {
        let [before, after, frozen, state, state_after, data, outputs] =
            Self::sizes(parts).map(|[columns, rows]| vec![vec![Fr::zero(); rows]; columns]);
        Self { weights: [before, frozen, state], after: [after, state_after], data, outputs }
    }

    /// Columns and secret rows of weights before and after, of frozen ones, of states before and after, of data and outputs.
    fn sizes(parts: &Parts) -> [[usize; 2]; 7] {
        let (layout, shape) = (&parts.layout, &parts.layout.shape);
        let there = |columns: usize, empty: bool| if empty { 0 } else { columns };
        let [trained, frozen, states] = layout.weights.each_ref().map(|g| there(g.columns, g.matrices.is_empty()));
        let after = there(trained, !layout.weights[0].moves);
        let (data, outputs) = (there(shape.data_columns, layout.data.is_empty()), there(shape.output_columns, layout.outputs.is_empty()));
        let secret = |columns| [columns, BLINDING_ROWS];
        let states = secret(states);
        [secret(trained), secret(after), [frozen, shape.frozen_blinding()], states, states, secret(data), secret(outputs)]
    }

    fn check(&self, parts: &Parts) -> Result<(), PotError> {
        let ([before, frozen, state], [after, state_after]) = (&self.weights, &self.after);
        let groups = [before, after, frozen, state, state_after, &self.data, &self.outputs];
        let fits = |(group, [columns, rows]): (&Vec<Vec<Fr>>, [usize; 2])| group.len() == columns && group.iter().all(|c| c.len() == rows);
        match groups.into_iter().zip(Self::sizes(parts)).all(fits) {
            true => Ok(()),
            false => Err(PotError::new("INPUT_SHAPE", "blinding: a value for each secret row of each column that is shared".into())),
        }
    }
}

/// All cells of phase 1, `[column][row]`.
#[derive(Clone)]
pub struct Witness {
    parts: Arc<Parts>,
    /// Trained, frozen, states.
    pub weights: [Vec<Vec<i64>>; 3],
    /// Trained weights after the step, and states: no lookup covers them either.
    pub after: [Vec<Vec<Fr>>; 2],
    pub data: Vec<Vec<i64>>,
    /// No lookup covers these: they are what the units say.
    pub outputs: Vec<Vec<Fr>>,
    pub units: Vec<Vec<i64>>,
    /// Of trees, `[lane and cell][row]`: of these the distances alone are looked up in the range.
    pub paths: Vec<Vec<i64>>,
    /// Looked up beside trained and frozen weights.
    pub beside: [Vec<Vec<i64>>; 2],
    /// Row cells and plain ones.
    pub free: Vec<Vec<Fr>>,
    /// Of the range table's entries; none: those of the cells.
    pub multiplicities: Option<Vec<u64>>,
    pub blinding: Blinding,
    /// The public rates.
    pub rates: Vec<Fr>,
    pub changes: Changes,
    pub(super) second: OnceLock<super::Second>,
}

impl Witness {
    /// From what the executor gave for a graph. Errors: `INPUT_SHAPE` (blinding).
    pub fn new(parts: Arc<Parts>, run: &Executed<i128>, blinding: Blinding) -> Result<Self, PotError> {
        blinding.check(&parts)?;
        let layout = &parts.layout;
        let zeros = |n: usize| vec![vec![0i64; layout.shape.limit()]; n];
        let given = |v: usize| run.values[v].as_slice();
        let weights = [0, 1, 2].map(|g| weight_cells(&parts, g, &given));
        let moved = |v: usize| {
            let update = parts.claims.updates.iter().find(|u| u.0 == v).expect("all that is trained moves");
            run.values[update.1].as_slice()
        };
        let after = [0, 2].map(|g| if layout.weights[g].moves { weight_cells(&parts, g, &moved) } else { vec![] });
        let fields =
            |cells: Vec<Vec<i64>>| -> Vec<Vec<Fr>> { cells.into_iter().map(|c| c.into_iter().map(|v| signed(v.into())).collect()).collect() };
        let (after, outputs) = (after.map(fields), fields(output_cells(&parts, &given)));
        let beside = [0, 1].map(|g| beside_cells(&parts, g, &weights[g]));
        let data = input_cells(&parts, &given);
        let rates = parts.claims.rates.iter().map(|v| signed(run.values[*v][0])).collect();
        let mut units = zeros(layout.unit_columns());
        let mut free = vec![vec![Fr::zero(); layout.shape.limit()]; layout.free_columns()];
        layout.units.iter().for_each(|u| fill_unit((&mut units, &mut free), &parts, u, run));
        layout.units.iter().for_each(|u| fill_row_cells(&mut free, &parts, u, run));
        let paths = path_cells(&parts, run, &data);
        Ok(Self {
            parts,
            weights,
            after,
            data,
            outputs,
            units,
            paths,
            beside,
            free,
            multiplicities: None,
            blinding,
            rates,
            changes: Changes::default(),
            second: OnceLock::new(),
        })
    }

    pub fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Forgets phase 2, for other challenges.
    pub fn forget(&mut self) {
        self.second = OnceLock::new();
    }

    /// What the numbers of lane `lane` of a block say.
    pub(super) fn relations(&self, kind: &Kind, run: &Run, block: usize, lane: usize) -> Vec<Relation<Fr>> {
        let cell = |limb: usize| {
            let s = kind.slot(&self.parts.layout.shape, lane, limb);
            signed(self.units[s.column][run.row(block) + s.row].into())
        };
        let follows = block + 1 < run.len;
        let row_cells = |block: usize| self.free[0][run.row(block)..][..kind.row_cells()].to_vec();
        let row = match kind.row_cells() {
            0 => Row::none(),
            n => Row {
                here: row_cells(block),
                above: if follows { row_cells(block + 1) } else { vec![Fr::zero(); n] },
                follows: Fr::from(u64::from(follows)),
                ends: Fr::from(u64::from(block == 0)),
            },
        };
        let plain = |i: usize| {
            let s = kind.plain_slot(lane, i);
            self.free[s.column][run.row(block) + s.row]
        };
        let plain: Vec<Fr> = (0..kind.plain()).map(plain).collect();
        kind.relations((cell, &plain), &row, self.parts.graph.formats())
    }

    /// Assigns phase 1.
    pub fn first(&self, config: &Config, put: &mut Put<'_>) {
        let groups = config.weights.iter().map(|w| &w.cells).zip(&self.weights);
        let groups = groups.chain(config.weights.iter().map(|w| &w.limbs).zip(&self.beside));
        let groups = groups.chain([(&config.data, &self.data), (&config.units.cells, &self.units)]);
        for (column, cells) in groups.flat_map(|(columns, cells)| columns.iter().zip(cells)) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, signed((*v).into())));
        }
        let [trained, _, states] = &config.weights;
        let moved = trained.after.iter().zip(&self.after[0]).chain(states.after.iter().zip(&self.after[1]));
        for (column, cells) in config.outputs.iter().zip(&self.outputs).chain(moved) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, *v));
        }
        let size = 1 << self.parts.layout.shape.k;
        let blinded = config.weights.iter().map(|w| &w.cells).zip(&self.blinding.weights);
        let blinded = blinded.chain([
            (&trained.after, &self.blinding.after[0]),
            (&states.after, &self.blinding.after[1]),
            (&config.data, &self.blinding.data),
            (&config.outputs, &self.blinding.outputs),
        ]);
        for (column, values) in blinded.flat_map(|(columns, values)| columns.iter().zip(values)) {
            values.iter().enumerate().for_each(|(row, v)| put(*column, size - values.len() + row, *v));
        }
        for (column, cells) in config.units.free.iter().zip(&self.free) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, *v));
        }
        if let Some(columns) = &config.forest {
            self.first_of_trees(columns, put);
        }
        for (i, m) in self.counted().iter().enumerate() {
            put(config.lookup.multiplicities, 1 + i, Fr::from(*m));
        }
        for pairs in &config.lookup.pairs {
            self.counted_pairs(pairs.functions()).iter().enumerate().for_each(|(i, m)| put(pairs.multiplicities, 1 + i, Fr::from(*m)));
        }
    }
}

fn fill_unit((cells, free): (&mut [Vec<i64>], &mut [Vec<Fr>]), parts: &Parts, unit: &UnitRuns, run: &Executed<i128>) {
    let (layout, formats) = (&parts.layout, parts.graph.formats());
    let kind = &layout.kinds[unit.kind];
    let (_, width) = matrix(parts.graph.facts(unit.values[0]));
    let lanes = kind.lanes(&layout.shape).0;
    for (row, r) in unit.runs.iter().enumerate() {
        for (block, lane) in (0..r.len).flat_map(|b| (0..lanes).map(move |l| (b, l))) {
            let at = block * lanes + lane;
            let (mut limb, mut plain) = (0, 0);
            for (i, (member, (node, value))) in kind.members.iter().zip(unit.nodes.iter().zip(&unit.values)).enumerate() {
                let executed = Entry { cells: &run.cells[*node], values: &run.values[*value], entry: row * width + at, lift: unit.lifts[i] };
                let operator = member.op.unit().expect("it has a circuit");
                let executed = (at < width).then_some(executed);
                for v in operator.plain_cells(executed) {
                    let slot = kind.plain_slot(lane, plain);
                    free[slot.column][r.row(block) + slot.row] = signed(v);
                    plain += 1;
                }
                let numbers = operator.entry(executed, &member.inputs, formats);
                for (n, v) in member.numbers.iter().zip(numbers) {
                    for v in limbs(v, n.limbs, formats.limb_bits) {
                        let slot = kind.slot(&layout.shape, lane, limb);
                        cells[slot.column][r.row(block) + slot.row] = v;
                        limb += 1;
                    }
                }
            }
        }
    }
}

fn fill_row_cells(free: &mut [Vec<Fr>], parts: &Parts, unit: &UnitRuns, run: &Executed<i128>) {
    let kind = &parts.layout.kinds[unit.kind];
    let (m, node, value) = (&kind.members[0], unit.nodes[0], unit.values[0]);
    if kind.row_cells() == 0 {
        return;
    }
    for (row, r) in unit.runs.iter().enumerate() {
        let first = Entry { cells: &run.cells[node], values: &run.values[value], entry: row * r.len, lift: 0 };
        for (block, entry) in m.op.unit().expect("it has a circuit").row(first, &m.inputs, parts.graph.formats()).into_iter().enumerate() {
            entry.into_iter().enumerate().for_each(|(i, v)| free[0][r.row(block) + i] = signed(v));
        }
    }
}
