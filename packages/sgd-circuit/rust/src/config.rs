//! Columns, in the order that fixes their place in the proof.

use crate::layout::Layout;
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
    /// Weight strip, group 0 (first layer, biases) and group 1 (kernels above): active, not the first chunk of a row,
    /// and one column per stride for the fold of the row before.
    pub weight: Vec<WeightFlags>,
    pub input: Column<Fixed>,
    pub input_next: Option<Column<Fixed>>,
    pub label: Column<Fixed>,
    pub label_next: Option<Column<Fixed>>,
    pub relu: Option<Column<Fixed>>,
    pub linear: Option<Column<Fixed>>,
    pub hidden_next: Option<Column<Fixed>>,
    pub output: Column<Fixed>,
    pub output_next: Option<Column<Fixed>>,
    pub vector: Column<Fixed>,
    pub vector_next: Option<Column<Fixed>>,
    /// Rows where accumulators are copied into S.
    pub export_weight: Vec<Column<Fixed>>,
    pub export_input: Column<Fixed>,
    pub export_label: Column<Fixed>,
    pub export_hidden: Option<Column<Fixed>>,
    pub export_output: Column<Fixed>,
    pub export_vector: Column<Fixed>,
    /// S: a + b*c = d over four rows; a constant and its value.
    pub mul_add: Column<Fixed>,
    pub is_const: Column<Fixed>,
    pub constant: Column<Fixed>,
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
    pub data: Vec<Column<Advice>>,
    pub deviation: Vec<Column<Advice>>,
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
    pub data_acc: Column<Advice>,
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
        let phase1 = [&self.w0, &self.wk, &self.data, &self.deviation, &self.trace].into_iter().flatten().copied();
        let phase1 = phase1.chain(self.aux).chain([self.mult]).chain(self.pair_mult);
        let phase2 = self.sums.iter().copied().chain(self.pair_inv.into_iter().flatten()).chain(self.vectors).chain([self.inner]);
        let phase3 = self.weight_acc.iter().chain(&self.trace_acc).copied().chain([self.data_acc, self.vector_acc, self.s]);
        phase1.chain(phase2).chain(phase3)
    }

    /// First column and number of columns of each phase: columns are created phase by phase.
    pub fn phases(&self) -> [(usize, usize); 3] {
        let [second, third] = [self.sums[0].index(), self.weight_acc[0].index()];
        [(0, second), (second, third - second), (third, self.advice().count() - third)]
    }

    /// Columns that enter the range look-up, in the order of the running sum.
    pub fn looked_up(&self) -> Vec<Column<Advice>> {
        self.data.iter().chain(&self.deviation).chain(&self.trace).copied().collect()
    }

    /// Creates the columns; the gates are `crate::gates`.
    pub fn new(cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) -> Self {
        let c = lay.shape.weight_columns;
        let softmax = spec.softmax();
        let hidden = spec.layers.len() > 1;
        let deviations = if spec.mode == Mode::Tolerance { c * spec.tolerance_limbs } else { 0 };
        let mut first = |n: usize| (0..n).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>();
        let (w0, wk) = (first(c), first(c));
        let data = first(lay.shape.data_columns);
        let deviation = first(deviations);
        let trace = first(lay.trace_columns);
        let aux = softmax.then(|| first(1)[0]);
        let mult = first(1)[0];
        let pair_mult = softmax.then(|| first(1)[0]);
        let mut at1 = || cs.challenge_usable_after(FirstPhase);
        let (sigma, theta, rho, beta, gamma) = (at1(), at1(), at1(), at1(), at1());
        let looked = data.len() + deviation.len() + trace.len();
        let mut second = |n: usize| (0..n).map(|_| cs.advice_column_in(SecondPhase)).collect::<Vec<_>>();
        let sums = second(looked + 1);
        let pair_inv = softmax.then(|| [second(1)[0], second(1)[0]]);
        let v = second(3);
        let (vectors, inner) = ([v[0], v[1]], v[2]);
        let mut at2 = || cs.challenge_usable_after(SecondPhase);
        let (tau, omega) = (at2(), at2());
        let mut third = |n: usize| (0..n).map(|_| cs.advice_column_in(ThirdPhase)).collect::<Vec<_>>();
        let weight_acc = third(if hidden { 2 } else { 1 });
        let data_acc = third(1)[0];
        let trace_acc = third(lay.hidden_acc_columns);
        let vector_acc = third(1)[0];
        let s = third(1)[0];
        cs.enable_equality(s);
        let instance = cs.instance_column();
        let fx = FixedColumns::new(cs, spec, lay);
        let ch = Challenges { sigma, theta, rho, beta, gamma, tau, omega };
        Self {
            w0,
            wk,
            data,
            deviation,
            trace,
            aux,
            mult,
            pair_mult,
            sums,
            pair_inv,
            vectors,
            inner,
            weight_acc,
            data_acc,
            trace_acc,
            vector_acc,
            s,
            instance,
            ch,
            fx,
        }
    }
}

impl FixedColumns {
    fn new(cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) -> Self {
        let hidden = spec.layers.len() > 1;
        let (relu, linear) = (Layout::uses(spec, Activation::Relu), Layout::uses(spec, Activation::Linear));
        let long_hidden = lay.hidden.iter().any(|runs| runs[0].len > 1);
        let long_vector = spec.layers.iter().any(|l| l.inputs > 1) || (hidden && spec.layers[1..].iter().any(|l| l.outputs > 1));
        let mut fixed = || cs.fixed_column();
        let mut weight_flags = |group: usize| {
            let long = lay.matrices.iter().any(|m| usize::from(m.layer > 0 && !m.bias) == group && m.chunks > 1);
            WeightFlags { active: fixed(), next: long.then(&mut fixed), fold: lay.strides(group).into_iter().map(|r| (r, fixed())).collect() }
        };
        let weight = (0..if hidden { 2 } else { 1 }).map(&mut weight_flags).collect();
        Self {
            table: fixed(),
            look: fixed(),
            head: fixed(),
            tail: fixed(),
            pair: spec.softmax().then(|| [fixed(), fixed(), fixed(), fixed()]),
            weight,
            input: fixed(),
            input_next: (lay.inputs[0].len > 1).then(&mut fixed),
            label: fixed(),
            label_next: (spec.outputs() > 1).then(&mut fixed),
            relu: relu.then(&mut fixed),
            linear: linear.then(&mut fixed),
            hidden_next: (hidden && long_hidden).then(&mut fixed),
            output: fixed(),
            output_next: (spec.outputs() > 1).then(&mut fixed),
            vector: fixed(),
            vector_next: long_vector.then(&mut fixed),
            export_weight: (0..if hidden { 2 } else { 1 }).map(|_| fixed()).collect(),
            export_input: fixed(),
            export_label: fixed(),
            export_hidden: hidden.then(&mut fixed),
            export_output: fixed(),
            export_vector: fixed(),
            mul_add: fixed(),
            is_const: fixed(),
            constant: fixed(),
        }
    }
}
