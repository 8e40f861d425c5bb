//! Columns of trees: paths that are looked up step by step, and the table of all nodes.

use super::Parts;
use crate::gadgets::algebra::{signed, E};
use crate::gadgets::gates::fixed;
use crate::gadgets::range::RangeLookup;
use crate::gadgets::run::RunSelectors;
use crate::layout::forest::CELLS;
use crate::layout::{ForestRows, Layout};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem, Fixed, VirtualCells};

/// Columns of the first phase.
pub(super) struct ForestFirst {
    cells: Vec<Column<Advice>>,
    multiplicities: Column<Advice>,
    read_multiplicities: Vec<Column<Advice>>,
}

/// Those of the first two, and of all three.
pub(super) struct ForestSecond {
    first: ForestFirst,
    used: Vec<Column<Advice>>,
    read: Vec<Column<Advice>>,
    listed: Column<Advice>,
    offered: Vec<Column<Advice>>,
}
pub(super) struct ForestThird(ForestSecond, Vec<Column<Advice>>);

impl ForestFirst {
    /// Of trees that ask data of so many columns; none without trees.
    pub fn new(layout: &Layout, data: usize, first: &mut impl FnMut(usize) -> Vec<Column<Advice>>) -> Option<Self> {
        let lanes = layout.forest.as_ref()?.lanes;
        Some(Self { cells: first(lanes * CELLS), multiplicities: first(1)[0], read_multiplicities: first(data) })
    }

    /// The range lookup's sum takes the inverses.
    pub fn second(self, layout: &Layout, lookup: &mut RangeLookup, second: &mut impl FnMut() -> Column<Advice>) -> ForestSecond {
        let lanes = layout.forest.as_ref().map_or(0, |f| f.lanes);
        let mut columns = |n: usize| (0..n).map(|_| second()).collect::<Vec<_>>();
        let (used, read, listed, offered) = (columns(lanes), columns(lanes), columns(1)[0], columns(self.read_multiplicities.len()));
        lookup.others = [[&used[..], &read].concat(), [&[listed][..], &offered].concat()];
        ForestSecond { first: self, used, read, listed, offered }
    }
}

impl ForestSecond {
    pub fn third(self, layout: &Layout, third: &mut impl FnMut(usize) -> Vec<Column<Advice>>) -> ForestThird {
        ForestThird(self, third(layout.forest.as_ref().map_or(0, |f| f.points.len())))
    }
}

impl ForestThird {
    pub fn fixed(self, cs: &mut ConstraintSystem<Fr>, rows: &ForestRows) -> ForestColumns {
        let Self(ForestSecond { first, used, read, listed, offered }, sums) = self;
        let ForestFirst { cells, multiplicities, read_multiplicities } = first;
        ForestColumns { cells, multiplicities, read_multiplicities, used, read, listed, offered, sums, fixed: ForestFixed::new(cs, rows) }
    }
}

/// Columns of advice in the phases that they belong to, and fixed ones.
#[derive(Clone, Debug)]
pub struct ForestColumns {
    /// Tree by tree.
    pub cells: Vec<Column<Advice>>,
    /// Of the table's lines; of the columns of data.
    pub multiplicities: Column<Advice>,
    pub read_multiplicities: Vec<Column<Advice>>,
    /// Inverses: of each tree's lines and features, of the table's and the data's times their multiplicities.
    pub used: Vec<Column<Advice>>,
    pub read: Vec<Column<Advice>>,
    pub listed: Column<Advice>,
    pub offered: Vec<Column<Advice>>,
    /// One a point.
    pub sums: Vec<Column<Advice>>,
    pub fixed: ForestFixed,
}

/// Where paths lie, and the table.
#[derive(Clone, Debug)]
pub struct ForestFixed {
    pub runs: RunSelectors,
    /// First rows of groups, and there the root of each tree.
    pub first: Column<Fixed>,
    pub roots: Vec<Column<Fixed>>,
    /// Rows of leaves' values by their output; where leaves have several, their number, and all but the first.
    pub outputs: Vec<Option<Column<Fixed>>>,
    pub number: Option<Column<Fixed>>,
    pub again: Option<Column<Fixed>>,
    /// The key of a sample's features on its paths, and of the first column's on rows of data that are asked.
    pub asked: Column<Fixed>,
    pub data_key: Column<Fixed>,
    pub data: Column<Fixed>,
    /// Cells of the table's lines, and whether they are leaves' values.
    pub table: [Column<Fixed>; 4],
    pub is_leaf: Column<Fixed>,
}

impl ForestFixed {
    pub(super) fn new(cs: &mut ConstraintSystem<Fr>, rows: &ForestRows) -> Self {
        let (trees, several) = (&rows.forest.trees, rows.forest.grove.values > 1);
        let there = |output: usize| trees.targets.contains(&output);
        Self {
            runs: RunSelectors::new(cs, true),
            first: cs.fixed_column(),
            roots: (0..rows.lanes).map(|_| cs.fixed_column()).collect(),
            outputs: (0..trees.outputs).map(|o| there(o).then(|| cs.fixed_column())).collect(),
            number: several.then(|| cs.fixed_column()),
            again: several.then(|| cs.fixed_column()),
            asked: cs.fixed_column(),
            data_key: cs.fixed_column(),
            data: cs.fixed_column(),
            table: [(); 4].map(|()| cs.fixed_column()),
            is_leaf: cs.fixed_column(),
        }
    }

    /// Row 0, which no gate of trees has, keeps columns from being zeros.
    pub(super) fn assign(&self, parts: &Parts, put: &mut dyn FnMut(Column<Fixed>, usize, Fr)) {
        let Some(rows) = &parts.layout.forest else { return };
        let (trees, grove) = (&rows.forest.trees, &rows.forest.grove);
        self.table.iter().chain(&self.roots).chain([&self.asked, &self.data_key]).for_each(|c| put(*c, 0, Fr::one()));
        self.runs.assign(&rows.runs, &mut |column, row| put(column, row, Fr::one()));
        for (run, g) in rows.runs.iter().flat_map(|r| rows.groups.iter().map(move |g| (r, g))) {
            put(self.first, run.row0 + g.row, Fr::one());
            for (lane, column) in self.roots.iter().enumerate() {
                let root = g.trees.get(lane).map_or(grove.nowhere() as u64, |t| trees.roots[*t].into());
                put(*column, run.row0 + g.row, Fr::from(root));
            }
        }
        rows.steps().for_each(|(row, key)| put(self.asked, row, Fr::from(key as u64)));
        for (row, k, output) in rows.leaves() {
            put(self.outputs[output].expect("a target"), row, Fr::one());
            if let Some((number, again)) = self.number.zip(self.again).filter(|_| k > 0) {
                put(number, row, Fr::from(k as u64));
                put(again, row, Fr::one());
            }
        }
        let columns = parts.layout.shape.data_columns;
        let data = parts.layout.data_rows(rows.forest.input).expect("data are asked");
        for (s, run) in data.runs.iter().enumerate() {
            for block in 0..run.len {
                put(self.data_key, run.row(block), Fr::from((rows.key(s) + block * columns) as u64));
                put(self.data, run.row(block), Fr::one());
            }
        }
        // Rows beyond the table list its first line again.
        for row in 1..=parts.layout.last {
            let entry = grove.entries.get(row - 1).unwrap_or(&grove.entries[0]);
            self.table.iter().zip(entry.cells).for_each(|(c, v)| put(*c, row, signed(v.into())));
            put(self.is_leaf, row, Fr::from(u64::from(entry.leaf)));
        }
    }

    /// 1 in rows of leaves' values, and 1 in rows of steps.
    pub(super) fn rows(&self, v: &mut VirtualCells<'_, Fr>) -> [E; 2] {
        let leaf = self.outputs.iter().flatten().map(|c| fixed(v, *c)).reduce(|a, b| a + b).expect("an output");
        let step = fixed(v, self.runs.active) - leaf.clone();
        [leaf, step]
    }
}
