//! The window circuit as halo2 sees it: fixed columns and copies from the layout, advice columns from the witness.

use crate::config::{UpdateFlags, WeightFlags, WindowConfig};
use crate::layout::{Layout, Matrix, Updates};
use crate::scalars::{program, Exports, Program};
use crate::spec::{Activation, Part, SgdSpec};
use crate::tables::{pair_table, LOW_TAG};
use crate::witness::Witness;
use ff::Field;
use halo2_axiom::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Fixed};
use std::sync::Arc;

/// Specification and layout, shared by key generation and proving.
#[derive(Clone, Debug, Default)]
pub struct Params(pub Option<Arc<(SgdSpec, Layout)>>);

impl Params {
    pub fn get(&self) -> &(SgdSpec, Layout) {
        self.0.as_deref().expect("the circuit is always built from a specification")
    }
}

/// One window: without a witness for key generation, with one for the mock prover. Proofs come from `columns.rs`.
#[derive(Clone)]
pub struct WindowCircuit {
    pub params: Params,
    pub witness: Option<Arc<Witness>>,
    /// Changes to cells: a cheating prover, for tests that see the proof refused.
    pub tamper: Vec<Tamper>,
}

/// Adds `add` to the advice cell at (`column`, `row`).
#[derive(Clone, Copy, Debug)]
pub struct Tamper {
    pub column: usize,
    pub row: usize,
    pub add: Fr,
}

/// Writes cells, changed where a test asks for it; no changes in production, where the list is empty.
struct Tampered(Vec<Tamper>);

impl Tampered {
    fn new<'a>(changes: impl Iterator<Item = &'a Tamper>) -> Self {
        Self(changes.copied().collect())
    }
    fn put(&mut self, r: &mut Region<'_, Fr>, col: Column<Advice>, row: usize, mut v: Fr) {
        if !self.0.is_empty() {
            self.0.retain(|t| {
                let here = t.column == col.index() && t.row == row;
                if here {
                    v += t.add;
                }
                !here
            });
        }
        put(r, col, row, v);
    }
    /// Cells that the witness leaves at zero.
    fn rest(&mut self, r: &mut Region<'_, Fr>, cf: &WindowConfig) {
        for t in std::mem::take(&mut self.0) {
            let col = cf.advice().find(|c| c.index() == t.column).expect("a column of this circuit");
            put(r, col, t.row, t.add);
        }
    }
}

impl WindowCircuit {
    pub fn new(params: Params, witness: Option<Arc<Witness>>) -> Self {
        Self { params, witness, tamper: vec![] }
    }
}

impl Circuit<Fr> for WindowCircuit {
    type Config = WindowConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Params;

    fn params(&self) -> Params {
        self.params.clone()
    }
    fn without_witnesses(&self) -> Self {
        Self::new(self.params.clone(), None)
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Self::Config {
        unreachable!("configured with parameters")
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, params: Params) -> Self::Config {
        let (spec, lay) = params.get();
        let config = WindowConfig::new(cs, spec, lay);
        config.gates(cs, spec, lay);
        config
    }

    fn synthesize(&self, cf: WindowConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let (spec, lay) = self.params.get();
        let c = cf.ch;
        // The mock prover comes once a phase, and knows the challenges of the phases before; key generation knows none.
        let [first, second] = [vec![c.sigma, c.theta, c.rho, c.beta, c.gamma], vec![c.tau, c.omega]]
            .map(|c| c.into_iter().map(|c| known(layouter.get_challenge(c))).collect::<Option<Vec<Fr>>>());
        let p = program(spec, lay, &Exports::zero(spec, &|_, _| Fr::ZERO)).map_err(|_| Error::Synthesis)?;
        layouter.assign_region(
            || "window",
            |mut region| {
                let r = &mut region;
                if first.is_none() {
                    assign_fixed(r, &cf, spec, lay, &p);
                    wire(r, &cf, &p);
                }
                let Some(witness) = &self.witness else { return Ok(()) };
                let phase = usize::from(first.is_some()) + usize::from(second.is_some());
                let (start, count) = cf.phases()[phase];
                let mut t = Tampered::new(self.tamper.iter().filter(|t| (start..start + count).contains(&t.column)));
                let mut cell = |col, row, v| t.put(r, col, row, v);
                match (&first, &second) {
                    (None, _) => witness.first(&cf, &mut cell),
                    (Some(first), None) => witness.second(drawn(first)?).assign(witness, &cf, &mut cell),
                    (_, Some(second)) => witness.third(drawn(second)?).map_err(|_| Error::Synthesis)?.assign(&cf, &mut cell),
                }
                t.rest(r, &cf);
                Ok(())
            },
        )
    }
}

fn drawn<const N: usize>(challenges: &[Fr]) -> Result<[Fr; N], Error> {
    challenges.try_into().map_err(|_| Error::Synthesis)
}

pub(crate) fn known(v: Value<Fr>) -> Option<Fr> {
    let mut out = None;
    v.map(|v| out = Some(v));
    out
}

pub(crate) fn put(r: &mut Region<'_, Fr>, col: Column<Advice>, row: usize, v: Fr) {
    r.assign_advice(col, row, Value::known(v));
}

/// Copies of the scalar program.
fn wire(r: &mut Region<'_, Fr>, cf: &WindowConfig, p: &Program) {
    let cell = |row_offset| Cell { row_offset, column: cf.s.into() };
    for (a, b) in &p.copies {
        r.constrain_equal(cell(*a), cell(*b));
    }
}

/// All flags and tables.
fn assign_fixed(r: &mut Region<'_, Fr>, cf: &WindowConfig, spec: &SgdSpec, lay: &Layout, p: &Program) {
    let fx = &cf.fx;
    let mut set = |col: Column<Fixed>, row: usize, v: u64| {
        r.assign_fixed(col, row, Fr::from(v));
    };
    let mut on = |col: Option<Column<Fixed>>, row: usize| {
        if let Some(col) = col {
            set(col, row, 1);
        }
    };
    for row in 1..=lay.look_end {
        on(Some(fx.look), row);
    }
    on(Some(fx.head), 0);
    on(Some(fx.tail), lay.look_end);
    let mut strip = |matrices: &[Matrix], shift: usize, groups: &[WeightFlags], exports: &[Column<Fixed>]| {
        for m in matrices {
            let group = usize::from(m.backward);
            let flags = &groups[group];
            let fold = flags.fold.iter().find(|(s, _)| *s == m.chunks).map(|(_, c)| *c);
            for i in 0..m.rows {
                for chunk in 0..m.chunks {
                    let row = m.row(i, chunk) + shift;
                    on(Some(flags.active), row);
                    if chunk + 1 < m.chunks {
                        on(flags.next, row);
                    }
                    if chunk == 0 && i + 1 < m.rows {
                        on(fold, row);
                    }
                }
            }
            on(Some(exports[group]), m.end() + shift);
        }
    };
    for shift in lay.copies(spec) {
        strip(&lay.matrices, shift, &fx.weight, &fx.export_weight);
    }
    strip(&lay.base, 0, &fx.base, &fx.export_base);
    let mut run = |run: &crate::layout::Run, active: Option<Column<Fixed>>, next: Option<Column<Fixed>>, export: Option<Column<Fixed>>| {
        for i in 0..run.len {
            on(active, run.row(i));
            if i + 1 < run.len {
                on(next, run.row(i));
            }
        }
        on(export, run.end());
    };
    for x in lay.wide_data() {
        run(x, Some(fx.input), fx.input_next, Some(fx.export_input));
    }
    for y in &lay.labels {
        run(y, fx.label, fx.label_next, fx.export_label);
    }
    for (units, activation) in lay.units(spec) {
        let kind = if activation == Activation::Relu { fx.relu } else { fx.linear };
        run(units, kind, fx.hidden_next, fx.export_hidden);
    }
    for o in &lay.outputs {
        run(o, fx.output, fx.output_next, fx.export_output);
    }
    for v in lay.vectors() {
        run(v, Some(fx.vector), fx.vector_next, Some(fx.export_vector));
    }
    if let (Some(u), Some(flags)) = (&lay.updates, &fx.update) {
        assign_updates(&mut set, spec, lay, u, flags);
    }
    for v in 0..1usize << spec.scales.b {
        set(fx.table, 1 + v, v as u64);
    }
    if let Some([key, value, q, tag]) = fx.pair {
        let pairs = pair_table(spec);
        // Rows beyond the table repeat its first entry.
        for row in 0..=lay.look_end {
            let (k, v) = row.checked_sub(1).and_then(|i| pairs.get(i)).unwrap_or(&pairs[0]);
            set(key, row, *k);
            set(value, row, *v);
        }
        for o in &lay.outputs {
            for i in 0..o.len {
                set(q, o.row(i), 1);
                set(q, o.row(i) + 1, 1);
                set(tag, o.row(i) + 1, LOW_TAG);
            }
        }
    }
    for row in &p.mul_adds {
        set(fx.mul_add, *row, 1);
    }
    for (row, _) in &p.constants {
        set(fx.is_const, *row, 1);
    }
    for (row, v) in &p.constants {
        r.assign_fixed(fx.constant, *row, *v);
    }
}

/// Flags of an optimiser's blocks.
fn assign_updates(set: &mut dyn FnMut(Column<Fixed>, usize, u64), spec: &SgdSpec, lay: &Layout, u: &Updates, fx: &UpdateFlags) {
    for (t, shift) in lay.copies(spec).enumerate() {
        let kind = if t + 1 == spec.steps { Some(fx.last) } else { fx.before };
        let flags: Vec<_> = kind.into_iter().chain(fx.first.filter(|_| t == 0)).collect();
        for m in &lay.matrices {
            let epsilon = spec.optimizer().map_or(0, |o| o.epsilon(spec.adapter(m.layer).filter(|_| m.part == Part::B)));
            for row in (m.row0..=m.end()).step_by(u.height).map(|r| r + shift) {
                flags.iter().for_each(|c| set(*c, row, 1));
                if let Some(c) = fx.epsilon {
                    set(c, row, epsilon);
                }
            }
            set(fx.rate, m.row0 + shift, 1);
        }
    }
    if let (Some(column), Some(rates)) = (fx.rates, u.rates) {
        (rates..rates + spec.steps).for_each(|row| set(column, row, 1));
    }
}
