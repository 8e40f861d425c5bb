//! Columns, in the order that fixes their place in a proof: weights, data and outputs come first.

use super::forest::ForestFirst;
use super::{Beyond, ForestColumns, Parts};
use crate::gadgets::range::RangeLookup;
use crate::gadgets::run::RunSelectors;
use crate::layout::forest::{CELLS, DISTANCE};
use crate::layout::{Layout, Rows, WeightGroup};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase, ThirdPhase};

/// Sigma, rho and beta follow the values' commitments, tau and omega the vectors'.
#[derive(Clone, Copy, Debug)]
pub struct Challenges {
    pub sigma: Challenge,
    pub rho: Challenge,
    pub beta: Challenge,
    pub tau: Challenge,
    pub omega: Challenge,
}

/// A group of weights.
#[derive(Clone, Debug)]
pub struct WeightColumns {
    pub cells: Vec<Column<Advice>>,
    /// After the step, where weights move.
    pub after: Vec<Column<Advice>>,
    /// One a point.
    pub sums: Vec<Column<Advice>>,
    /// Looked up beside the cells: those of a column after those of the one before.
    pub limbs: Vec<Column<Advice>>,
    pub classes: Vec<ClassSelectors>,
}

/// Selectors of matrices that are evaluated at the same points: each chunk, each but a row's last, the first chunk of each row but the
/// last by how many chunks a row has, and the end. Without a point the first alone.
#[derive(Clone, Debug)]
pub struct ClassSelectors {
    pub active: Column<Fixed>,
    pub next: Option<Column<Fixed>>,
    pub fold: Vec<(usize, Column<Fixed>)>,
    pub end: Option<Column<Fixed>>,
}

/// The column of equations, and what is fixed beside it.
#[derive(Clone, Copy, Debug)]
pub struct ScalarColumns {
    pub cells: Column<Advice>,
    pub mul_add: Column<Fixed>,
    pub is_constant: Column<Fixed>,
    pub constant: Column<Fixed>,
}

impl ScalarColumns {
    fn new(cs: &mut ConstraintSystem<Fr>, cells: Column<Advice>) -> Self {
        cs.enable_equality(cells);
        Self { cells, mul_add: cs.fixed_column(), is_constant: cs.fixed_column(), constant: cs.fixed_column() }
    }
}

/// Units' cells, lane by lane, and their accumulators, with the selectors of each kind.
#[derive(Clone, Debug)]
pub struct UnitColumns {
    pub cells: Vec<Column<Advice>>,
    /// What is of rows, and plain cells: no lookup covers them.
    pub free: Vec<Column<Advice>>,
    pub sums: Vec<Column<Advice>>,
    pub kinds: Vec<RunSelectors>,
}

/// Vectors side by side, the running sum of their products, and their sum with omega at tau.
#[derive(Clone, Debug)]
pub struct VectorColumns {
    pub sides: [Column<Advice>; 2],
    pub inner: Column<Advice>,
    pub sum: Column<Advice>,
    pub selectors: RunSelectors,
}

impl VectorColumns {
    fn new(cs: &mut ConstraintSystem<Fr>, (sides, inner, sum): ([Column<Advice>; 2], Column<Advice>, Column<Advice>), layout: &Layout) -> Self {
        Self { sides, inner, sum, selectors: RunSelectors::new(cs, layout.vectors.iter().any(|r| r.len > 1)) }
    }
}

/// All columns.
#[derive(Clone, Debug)]
pub struct Config {
    pub weights: [WeightColumns; 3],
    pub data: Vec<Column<Advice>>,
    pub data_sums: Vec<Column<Advice>>,
    pub data_selectors: Option<RunSelectors>,
    pub data_beyond: Beyond,
    pub outputs: Vec<Column<Advice>>,
    pub output_sums: Option<Column<Advice>>,
    pub output_selectors: Option<RunSelectors>,
    pub output_beyond: Beyond,
    pub units: UnitColumns,
    pub forest: Option<ForestColumns>,
    pub lookup: RangeLookup,
    pub vectors: Option<VectorColumns>,
    /// Where anything is claimed.
    pub scalar: Option<ScalarColumns>,
    /// Rows of the corrected rates, which are the instance column's.
    pub rates: Option<Column<Fixed>>,
    pub challenges: Challenges,
    /// A gate reads the rate in its first row, where there is one, or rates in their rows; all is absorbed by the transcript, and compared by a verifier.
    pub instance: Column<Instance>,
    /// First column and number of columns of each phase.
    pub phases: [(usize, usize); 3],
}

impl Config {
    /// Creates the columns, phase by phase.
    pub fn new(cs: &mut ConstraintSystem<Fr>, parts: &Parts) -> Self {
        let layout = &parts.layout;
        let mut first = |n: usize| (0..n).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>();
        let weights = committed(&layout.weights, &mut first);
        let data = first(if layout.data.is_empty() { 0 } else { layout.shape.data_columns });
        let outputs = first(if layout.outputs.is_empty() { 0 } else { layout.shape.output_columns });
        let limbs = layout.weights.each_ref().map(|g| first(columns(g) * g.beside()));
        let cells = first(layout.unit_columns());
        let (free, multiplicities) = (first(layout.free_columns()), first(1)[0]);
        let pairs = layout.lookups().into_iter().map(|functions| (first(1)[0], cells[..=functions].to_vec())).collect();
        let trees = ForestFirst::new(layout, data.len(), &mut first);
        let mut drawn = || cs.challenge_usable_after(FirstPhase);
        let (sigma, rho, beta) = (drawn(), drawn(), drawn());

        let looked_up = data.len() + cells.len() + limbs.iter().map(Vec::len).sum::<usize>() + layout.forest.as_ref().map_or(0, |f| f.lanes);
        let mut lookup = RangeLookup::new(cs, multiplicities, looked_up, pairs);
        let mut second = || cs.advice_column_in(SecondPhase);
        let trees = trees.map(|t| t.second(layout, &mut lookup, &mut second));
        let vectors = (!layout.vectors.is_empty()).then(|| ([second(), second()], second()));
        let mut drawn = || cs.challenge_usable_after(SecondPhase);
        let challenges = Challenges { sigma, rho, beta, tau: drawn(), omega: drawn() };

        let mut third = |n: usize| (0..n).map(|_| cs.advice_column_in(ThirdPhase)).collect::<Vec<_>>();
        let scalar = (!parts.claims.claims.is_empty() || !layout.outputs.is_empty()).then(|| third(1)[0]);
        let output_sums = (!outputs.is_empty()).then(|| third(1)[0]);
        let weight_sums = layout.weights.each_ref().map(|g| third(g.points.len()));
        let data_sums = third(layout.data_points.len());
        let unit_sums = third(layout.kinds.iter().map(|k| k.accumulator_columns()).max().unwrap_or(0));
        let trees = trees.map(|t| t.third(layout, &mut third));
        let vectors = vectors.map(|(sides, inner)| (sides, inner, third(1)[0]));
        // The first of its phase, where there is one.
        let (second, end) = (lookup.sums[0].index(), cs.num_advice_columns());
        let third = scalar.map_or(end, |c| c.index());

        let long = |rows: &[Rows]| rows.iter().flat_map(|r| &r.runs).any(|r| r.len > 1);
        Self {
            weights: weight_columns(cs, layout, weights, weight_sums, limbs),
            data_selectors: (!data.is_empty()).then(|| RunSelectors::new(cs, long(&layout.data))),
            data_beyond: Beyond::new(cs, &layout.data, layout.shape.data_columns),
            data,
            data_sums,
            output_selectors: output_sums.map(|_| RunSelectors::new(cs, long(&layout.outputs))),
            output_beyond: Beyond::new(cs, &layout.outputs, layout.shape.output_columns),
            outputs,
            output_sums,
            units: UnitColumns { cells, free, sums: unit_sums, kinds: layout.kinds.iter().map(|k| RunSelectors::new(cs, k.long)).collect() },
            forest: layout.forest.as_ref().zip(trees).map(|(f, t)| t.fixed(cs, f)),
            lookup,
            vectors: vectors.map(|v| VectorColumns::new(cs, v, layout)),
            scalar: scalar.map(|cells| ScalarColumns::new(cs, cells)),
            rates: parts.corrected().then(|| cs.fixed_column()),
            challenges,
            instance: cs.instance_column(),
            phases: [(0, second), (second, third - second), (third, end - third)],
        }
    }

    /// Columns that the range lookup covers, in the order of its running sums.
    pub fn looked_up(&self) -> Vec<Column<Advice>> {
        let limbs = self.weights.iter().flat_map(|w| &w.limbs);
        let distances = self.forest.iter().flat_map(|f| f.cells.iter().skip(DISTANCE).step_by(CELLS));
        self.data.iter().chain(&self.units.cells).chain(limbs).chain(distances).copied().collect()
    }
}

/// Those of the three groups, by what each phase gave them.
fn weight_columns(
    cs: &mut ConstraintSystem<Fr>,
    layout: &Layout,
    weights: [[Vec<Column<Advice>>; 2]; 3],
    sums: [Vec<Column<Advice>>; 3],
    limbs: [Vec<Column<Advice>>; 3],
) -> [WeightColumns; 3] {
    let mut groups = weights.into_iter().zip(sums).zip(limbs).zip(&layout.weights);
    [(); 3].map(|()| {
        let ((([cells, after], sums), limbs), g) = groups.next().expect("three groups");
        WeightColumns { cells, after, sums, limbs, classes: classes(cs, g) }
    })
}

/// Columns of a group's cells; none where nothing is in it.
fn columns(group: &WeightGroup) -> usize {
    if group.matrices.is_empty() {
        0
    } else {
        group.columns
    }
}

/// Columns of trained and frozen weights and of states, and of those that move after the step: what moves, the same after, the others.
fn committed(groups: &[WeightGroup; 3], first: &mut impl FnMut(usize) -> Vec<Column<Advice>>) -> [[Vec<Column<Advice>>; 2]; 3] {
    let [trained, frozen, states] = groups;
    let after = |g: &WeightGroup| if g.moves { columns(g) } else { 0 };
    let (of_trained, of_states) = (first(columns(trained)), first(columns(states)));
    let (trained_after, states_after) = (first(after(trained)), first(after(states)));
    [[of_trained, trained_after], [first(columns(frozen)), vec![]], [of_states, states_after]]
}

fn classes(cs: &mut ConstraintSystem<Fr>, group: &WeightGroup) -> Vec<ClassSelectors> {
    let class = |(i, points): (usize, &Vec<usize>)| {
        let matrices = || group.matrices.iter().filter(move |m| m.class == i && !points.is_empty());
        let mut strides: Vec<usize> = matrices().filter(|m| m.rows > 1).map(|m| m.chunks).collect();
        strides.sort_unstable();
        strides.dedup();
        ClassSelectors {
            active: cs.fixed_column(),
            next: matrices().any(|m| m.chunks > 1).then(|| cs.fixed_column()),
            fold: strides.into_iter().map(|s| (s, cs.fixed_column())).collect(),
            end: (!points.is_empty()).then(|| cs.fixed_column()),
        }
    };
    group.classes.iter().enumerate().map(class).collect()
}
