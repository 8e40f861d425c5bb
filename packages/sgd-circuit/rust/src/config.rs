//! Columns, in the order that fixes their place in the proof.

use crate::layout::{strides, Layout, Matrix};
use crate::spec::{Activation, Mode, SgdSpec};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase, ThirdPhase};

/// Flags and tables. Columns that a specification does not need are `None`: an all-zero column commits to the identity.
#[derive(Clone, Debug)]
pub struct FixedColumns {
    /// Range table and the rows of the look-up argument.
    pub table: Column<Fixed>,
    pub look: Column<Fixed>,
    /// Row 0 (start of the look-up sum, challenges and eta in S) and the row after the last look-up.
    pub head: Column<Fixed>,
    pub tail: Column<Fixed>,
    /// Pair table (key, value), rows of pair look-ups, and their tag.
    pub pair: Option<[Column<Fixed>; 4]>,
    /// Weight strip, group 0 and group 1 (matrices of backward products): active, not the first chunk of a row,
    /// and one column per stride for the fold of the row before.
    pub weight: Vec<WeightFlags>,
    /// The same for the frozen base, with the rows of its exports.
    pub base: Vec<WeightFlags>,
    pub export_base: Vec<Column<Fixed>>,
    pub input: Column<Fixed>,
    pub input_next: Option<Column<Fixed>>,
    pub label: Option<Column<Fixed>>,
    pub label_next: Option<Column<Fixed>>,
    pub relu: Option<Column<Fixed>>,
    pub linear: Option<Column<Fixed>>,
    pub hidden_next: Option<Column<Fixed>>,
    pub output: Option<Column<Fixed>>,
    pub output_next: Option<Column<Fixed>>,
    pub vector: Column<Fixed>,
    pub vector_next: Option<Column<Fixed>>,
    /// Rows where accumulators are copied into S.
    pub export_weight: Vec<Column<Fixed>>,
    pub export_input: Column<Fixed>,
    pub export_label: Option<Column<Fixed>>,
    pub export_hidden: Option<Column<Fixed>>,
    pub export_output: Option<Column<Fixed>>,
    pub export_vector: Column<Fixed>,
    /// S: a + b*c = d over four rows; a constant and its value.
    pub mul_add: Column<Fixed>,
    pub is_const: Column<Fixed>,
    pub constant: Column<Fixed>,
    pub update: Option<UpdateFlags>,
}

/// Rows of an optimiser's blocks.
#[derive(Clone, Copy, Debug)]
pub struct UpdateFlags {
    /// Blocks of the last step and of those before it, and blocks of the first step where it is not the last.
    pub last: Column<Fixed>,
    pub before: Option<Column<Fixed>>,
    pub first: Option<Column<Fixed>>,
    /// A matrix's first block in a step, which takes the rate from S.
    pub rate: Column<Fixed>,
    /// Adam's epsilon; and the rows of S that hold the steps' public rates.
    pub epsilon: Option<Column<Fixed>>,
    pub rates: Option<Column<Fixed>>,
}

/// Flags of one group of the weight strip.
#[derive(Clone, Debug)]
pub struct WeightFlags {
    pub active: Column<Fixed>,
    pub next: Option<Column<Fixed>>,
    pub fold: Vec<(usize, Column<Fixed>)>,
}

/// Challenges: the first five follow the tensors' commitments, the last two the vectors'.
#[derive(Clone, Copy, Debug)]
pub struct Challenges {
    pub sigma: Challenge,
    pub theta: Challenge,
    pub rho: Challenge,
    pub beta: Challenge,
    pub gamma: Challenge,
    pub tau: Challenge,
    pub omega: Challenge,
}

/// All columns of the window circuit.
#[derive(Clone, Debug)]
pub struct WindowConfig {
    // Phase 1. Weights and data come first: their commitments are the proof's first points.
    pub w0: Vec<Column<Advice>>,
    pub wk: Vec<Column<Advice>>,
    pub base: Vec<Column<Advice>>,
    pub data: Vec<Column<Advice>>,
    pub deviation: Vec<Column<Advice>>,
    /// An optimiser's weights, gradients, rates and states, a column a lane; and its looked-up numbers, lane by lane.
    pub plain: Vec<Column<Advice>>,
    pub update: Vec<Column<Advice>>,
    pub trace: Vec<Column<Advice>>,
    pub aux: Option<Column<Advice>>,
    pub mult: Column<Advice>,
    pub pair_mult: Option<Column<Advice>>,
    // Phase 2.
    pub sums: Vec<Column<Advice>>,
    pub pair_inv: Option<[Column<Advice>; 2]>,
    pub vectors: [Column<Advice>; 2],
    pub inner: Column<Advice>,
    // Phase 3.
    pub weight_acc: Vec<Column<Advice>>,
    pub base_acc: Vec<Column<Advice>>,
    /// At tau; in layer-local mode a second one at sigma.
    pub data_acc: Column<Advice>,
    pub given_acc: Option<Column<Advice>>,
    pub trace_acc: Vec<Column<Advice>>,
    pub vector_acc: Column<Advice>,
    pub s: Column<Advice>,
    pub instance: Column<Instance>,
    pub ch: Challenges,
    pub fx: FixedColumns,
}

impl WindowConfig {
    /// All advice columns.
    pub fn advice(&self) -> impl Iterator<Item = Column<Advice>> + '_ {
        let phase1 = [&self.w0, &self.wk, &self.base, &self.data, &self.deviation].into_iter().flatten().copied();
        let phase1 = phase1.chain([&self.plain, &self.update, &self.trace].into_iter().flatten().copied());
        let phase1 = phase1.chain(self.aux).chain([self.mult]).chain(self.pair_mult);
        let phase2 = self.sums.iter().copied().chain(self.pair_inv.into_iter().flatten()).chain(self.vectors).chain([self.inner]);
        let phase3 = [&self.weight_acc, &self.base_acc, &self.trace_acc].into_iter().flatten().copied();
        let phase3 = phase3.chain([self.data_acc]).chain(self.given_acc).chain([self.vector_acc, self.s]);
        phase1.chain(phase2).chain(phase3)
    }

    /// First column and number of columns of each phase: columns are created phase by phase.
    pub fn phases(&self) -> [(usize, usize); 3] {
        let [second, third] = [self.sums[0].index(), self.weight_acc[0].index()];
        [(0, second), (second, third - second), (third, self.advice().count() - third)]
    }

    /// Columns that enter the range look-up, in the order of the running sum.
    pub fn looked_up(&self) -> Vec<Column<Advice>> {
        self.data.iter().chain(&self.deviation).chain(&self.update).chain(&self.trace).copied().collect()
    }

    /// Creates the columns; the gates are `crate::gates`.
    pub fn new(cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) -> Self {
        let c = lay.shape.weight_columns;
        let softmax = spec.softmax();
        let deviations = if spec.mode == Mode::Tolerance { c * spec.tolerance_limbs } else { 0 };
        let mut first = |n: usize| (0..n).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>();
        let (w0, wk, base) = (first(c), first(c), first(lay.shape.base_columns));
        let (data, deviation) = (first(lay.shape.data_columns), first(deviations));
        let plain = first(lay.updates.as_ref().map_or(0, |u| u.lanes));
        let update = first(lay.updates.as_ref().map_or(0, |u| u.lanes * u.columns));
        let trace = first(lay.trace_columns);
        let aux = softmax.then(|| first(1)[0]);
        let mult = first(1)[0];
        let pair_mult = softmax.then(|| first(1)[0]);
        let mut at1 = || cs.challenge_usable_after(FirstPhase);
        let (sigma, theta, rho, beta, gamma) = (at1(), at1(), at1(), at1(), at1());
        let looked = data.len() + deviation.len() + update.len() + trace.len();
        let mut second = |n: usize| (0..n).map(|_| cs.advice_column_in(SecondPhase)).collect::<Vec<_>>();
        let sums = second(looked + 1);
        let pair_inv = softmax.then(|| [second(1)[0], second(1)[0]]);
        let v = second(3);
        let (vectors, inner) = ([v[0], v[1]], v[2]);
        let mut at2 = || cs.challenge_usable_after(SecondPhase);
        let (tau, omega) = (at2(), at2());
        let mut third = |n: usize| (0..n).map(|_| cs.advice_column_in(ThirdPhase)).collect::<Vec<_>>();
        let weight_acc = third(groups(&lay.matrices));
        let base_acc = third(groups(&lay.base));
        let (data_acc, given_acc) = (third(1)[0], spec.local().then(|| third(1)[0]));
        let trace_acc = third(lay.hidden_acc_columns);
        let (vector_acc, s) = (third(1)[0], third(1)[0]);
        cs.enable_equality(s);
        let instance = cs.instance_column();
        let fx = FixedColumns::new(cs, spec, lay);
        Self {
            w0,
            wk,
            base,
            data,
            deviation,
            plain,
            update,
            trace,
            aux,
            mult,
            pair_mult,
            sums,
            pair_inv,
            vectors,
            inner,
            weight_acc,
            base_acc,
            data_acc,
            given_acc,
            trace_acc,
            vector_acc,
            s,
            instance,
            ch: Challenges { sigma, theta, rho, beta, gamma, tau, omega },
            fx,
        }
    }
}

/// Groups of a weight strip's matrices: those without a backward product, and those with one, if any.
fn groups(matrices: &[Matrix]) -> usize {
    match matrices {
        [] => 0,
        all if all.iter().any(|m| m.backward) => 2,
        _ => 1,
    }
}

impl FixedColumns {
    fn new(cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) -> Self {
        let units = lay.units(spec).next().is_some();
        let (relu, linear) = (lay.uses(spec, Activation::Relu), lay.uses(spec, Activation::Linear));
        let long_units = lay.units(spec).any(|(run, _)| run.len > 1);
        let long_vector = lay.vectors().any(|run| run.len > 1);
        let labels = !lay.labels.is_empty();
        let mut fixed = || cs.fixed_column();
        let mut flags = |matrices: &[Matrix]| -> Vec<WeightFlags> {
            let group = |group: usize| {
                let long = matrices.iter().any(|m| usize::from(m.backward) == group && m.chunks > 1);
                let (active, next) = (fixed(), long.then(&mut fixed));
                WeightFlags { active, next, fold: strides(matrices, group).into_iter().map(|r| (r, fixed())).collect() }
            };
            (0..groups(matrices)).map(group).collect()
        };
        let (weight, base) = (flags(&lay.matrices), flags(&lay.base));
        Self {
            table: fixed(),
            look: fixed(),
            head: fixed(),
            tail: fixed(),
            pair: spec.softmax().then(|| [fixed(), fixed(), fixed(), fixed()]),
            export_base: base.iter().map(|_| fixed()).collect(),
            base,
            input: fixed(),
            input_next: lay.wide_data().any(|run| run.len > 1).then(&mut fixed),
            label: labels.then(&mut fixed),
            label_next: (labels && spec.outputs() > 1).then(&mut fixed),
            relu: relu.then(&mut fixed),
            linear: linear.then(&mut fixed),
            hidden_next: (units && long_units).then(&mut fixed),
            output: labels.then(&mut fixed),
            output_next: (labels && spec.outputs() > 1).then(&mut fixed),
            vector: fixed(),
            vector_next: long_vector.then(&mut fixed),
            export_weight: weight.iter().map(|_| fixed()).collect(),
            weight,
            export_input: fixed(),
            export_label: labels.then(&mut fixed),
            export_hidden: units.then(&mut fixed),
            export_output: labels.then(&mut fixed),
            export_vector: fixed(),
            mul_add: fixed(),
            is_const: fixed(),
            constant: fixed(),
            update: lay.updates.as_ref().map(|u| {
                let mut many = || (spec.steps > 1).then(&mut fixed);
                let (before, first) = (many(), many());
                let mut scheduled = || u.rates.map(|_| fixed());
                let (epsilon, rates) = (scheduled(), scheduled());
                UpdateFlags { last: fixed(), before, first, rate: fixed(), epsilon, rates }
            }),
        }
    }
}
