//! Every kind of witness cell, changed by itself: the circuit must refuse.

use crate::common::held::{Held, Verdict};
use crate::common::{layer_local, mock, spec, with_adapters, with_optimizer, Case, ETA};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem};
use pot_sgd::circuit::Tamper;
use pot_sgd::config::WindowConfig;
use pot_sgd::layout::{s_head, Layout, Matrix, Slot, HIDDEN_ACCS, RATE_ROW, STATE_ROW};
use pot_sgd::optimizer::Optimizer;
use pot_sgd::scalars::{program, Exports};
use pot_sgd::spec::{Activation::*, Loss::*, Mode, SgdSpec};

struct Kinds {
    cells: Vec<(String, usize, usize)>,
}

impl Kinds {
    fn add(&mut self, name: impl Into<String>, col: Column<Advice>, row: usize) {
        self.cells.push((name.into(), col.index(), row));
    }
}

fn accumulators(k: &mut Kinds, strip: &str, columns: &[Column<Advice>], m: &Matrix) {
    for (i, col) in columns.iter().enumerate().take(1 + usize::from(m.backward)) {
        for (which, row) in [("", m.row0), (" end", m.end())] {
            k.add(format!("{strip} accumulator {i} {} {:?}{which}", m.layer, m.part), *col, row);
        }
    }
}

/// An optimiser's cells: of each matrix the first and the last weight, in each step.
fn updates(k: &mut Kinds, spec: &SgdSpec, lay: &Layout, cf: &WindowConfig) {
    let Some(u) = &lay.updates else { return };
    let states = cf.w0.len() / u.lanes - 1;
    for (m, (which, at)) in lay.matrices.iter().flat_map(|m| [("last", m.row0), ("first", m.end())].map(|at| (m, at))) {
        for (i, (w0, wk)) in cf.w0.iter().zip(&cf.wk).enumerate() {
            k.add(format!("checkpoint before {i} {which}"), *w0, at);
            k.add(format!("checkpoint after {i} {which}"), *wk, at);
        }
        for (t, shift) in lay.copies(spec).enumerate() {
            let row = at + shift;
            for lane in 0..u.lanes {
                for i in (0..STATE_ROW + states).filter(|i| lane == 0 || *i != RATE_ROW) {
                    k.add(format!("step {t} lane {lane} plain {i} {which}"), cf.plain[lane], row + i);
                }
                for (n, slots) in &u.numbers {
                    for (i, s) in slots.iter().enumerate() {
                        k.add(format!("step {t} lane {lane} {} limb {i} {which}", n.name), cf.update[lane * u.columns + s.col], row + s.rot);
                    }
                }
            }
            for (i, col) in cf.weight_acc.iter().enumerate().take(1 + usize::from(m.backward)) {
                k.add(format!("step {t} weight accumulator {i} {which}"), *col, row);
            }
            k.add(format!("step {t} rate in S"), cf.s, m.row0 + shift + RATE_ROW);
        }
    }
    for row in u.rates.into_iter().flat_map(|r| r..r + spec.steps) {
        k.add(format!("public rate {row}"), cf.s, row);
    }
}

/// At least one cell of every kind, named.
fn kinds(spec: &SgdSpec, lay: &Layout) -> Vec<(String, usize, usize)> {
    let mut cs = ConstraintSystem::<Fr>::default();
    let cf = WindowConfig::new(&mut cs, spec, lay);
    let mut k = Kinds { cells: vec![] };
    let c = lay.shape.weight_columns;
    updates(&mut k, spec, lay, &cf);
    for m in lay.matrices.iter().filter(|_| lay.updates.is_none()) {
        for (name, cols) in [("W_0", &cf.w0), ("W_K", &cf.wk)] {
            let what = format!("{:?}", m.part);
            k.add(format!("{name} {what} {} first", m.layer), cols[0], m.row(0, 0));
            k.add(format!("{name} {what} {} last", m.layer), cols[(m.cols - 1) % c], m.row(m.rows - 1, (m.cols - 1) / c));
            if m.cols % c != 0 {
                k.add(format!("{name} {what} {} padding", m.layer), cols[c - 1], m.row(0, m.chunks - 1));
            }
        }
        accumulators(&mut k, "weight", &cf.weight_acc, m);
    }
    let cb = lay.shape.base_columns;
    for m in &lay.base {
        let what = format!("base {:?} {}", m.part, m.layer);
        k.add(format!("{what} first"), cf.base[0], m.row(0, 0));
        k.add(format!("{what} last"), cf.base[(m.cols - 1) % cb], m.row(m.rows - 1, (m.cols - 1) / cb));
        if m.cols % cb != 0 {
            k.add(format!("{what} padding"), cf.base[cb - 1], m.row(0, m.chunks - 1));
        }
        accumulators(&mut k, "base", &cf.base_acc, m);
    }
    let cx = lay.shape.data_columns;
    for (s, x) in lay.inputs.iter().enumerate() {
        k.add(format!("input {s}"), cf.data[0], x.row(0));
        k.add(format!("input {s} last"), cf.data[(spec.inputs() - 1) % cx], x.row(x.len - 1));
        k.add(format!("input accumulator {s}"), cf.data_acc, x.row(x.len - 1));
    }
    for (s, y) in lay.labels.iter().enumerate() {
        k.add(format!("label {s}"), cf.data[0], y.row(0));
        for i in 0..if spec.softmax() { 3 } else { 2 } {
            k.add(format!("label accumulator {i} {s}"), cf.data_acc, y.row(y.len - 1) + i);
        }
    }
    if let Some(given) = cf.given_acc {
        for (i, run) in lay.wide_data().enumerate() {
            k.add(format!("given {i}"), cf.data[0], run.row(0));
            k.add(format!("given accumulator {i}"), given, run.row(run.len - 1));
            k.add(format!("given accumulator {i} end"), given, run.end());
            k.add(format!("given accumulator {i} at tau"), cf.data_acc, run.row(run.len - 1));
        }
    }
    let mut slot = |name: String, s: Slot, base: usize| k.add(name, cf.trace[s.col], base + s.rot);
    let blocks =
        || lay.hidden.iter().enumerate().map(|(l, r)| ("hidden", l, r)).chain(lay.adapters.iter().enumerate().map(|(l, r)| ("adapter", l, r)));
    for (what, l, runs) in blocks().filter(|(_, _, runs)| !runs.is_empty()) {
        // Below the lowest trained layer no gradient is needed: its cells are free, and enter nothing.
        let used = if what == "hidden" && l < spec.lowest() { lay.limbs + 3 } else { 2 * lay.limbs + 5 };
        for q in 0..used {
            // First unit, and the last chunk's last lane: where the width is no multiple, the unit beyond it.
            slot(format!("{what} {l} cell {q}"), lay.hidden_slot(0, q), runs[0].row(0));
            slot(format!("{what} {l} cell {q} last lane"), lay.hidden_slot(lay.shape.lanes - 1, q), runs[0].row(runs[0].len - 1));
        }
    }
    let (o, output) = (&lay.out, lay.outputs.first());
    for (run, (i, s)) in output.into_iter().flat_map(|run| o.r.iter().chain(&o.z).enumerate().map(move |s| (run, s))) {
        slot(format!("output cell {i}"), *s, run.row(1.min(run.len - 1)));
    }
    if let (true, Some(run)) = (spec.softmax(), output) {
        let named = [("hi", o.hi), ("EHI", o.e_hi), ("lo", o.lo), ("ELO", o.e_lo), ("q0", o.q[0]), ("q1", o.q[1]), ("mu", o.mu)];
        for (n, s) in named {
            slot(format!("softmax {n}"), s, run.row(0));
        }
        for (i, s) in o.rem.iter().chain(&o.crem).enumerate() {
            slot(format!("softmax remainder limb {i}"), *s, run.row(0));
        }
    }
    for (what, l, runs) in blocks().filter(|(_, _, runs)| !runs.is_empty()) {
        for i in 0..HIDDEN_ACCS {
            let at = lay.hidden_acc(i);
            k.add(format!("{what} accumulator {l} {i}"), cf.trace_acc[at.col], runs[0].row(runs[0].len - 1) + at.rot);
        }
    }
    for (run, i) in output.into_iter().flat_map(|run| (0..3).map(move |i| (run, i))) {
        k.add(format!("output accumulator {i}"), cf.trace_acc[0], run.row(run.len - 1) + i);
    }
    if let (Some(aux), Some(pm), Some([used, listed]), Some(run)) = (cf.aux, cf.pair_mult, cf.pair_inv, output) {
        for i in 0..4 {
            k.add(format!("softmax auxiliary {i}"), aux, run.row(0) + i);
            k.add(format!("softmax auxiliary {i}, first row"), aux, run.row(run.len - 1) + i);
        }
        k.add("pair multiplicity", pm, 3);
        k.add("pair inverse", used, run.row(0));
        k.add("pair inverse where nothing is looked up", used, lay.look_end);
        k.add("pair table inverse", listed, 2);
    }
    k.add("multiplicity", cf.mult, 1);
    for (i, s) in cf.sums.iter().enumerate() {
        k.add(format!("look-up sum {i}"), *s, 5);
        k.add(format!("look-up sum {i} end"), *s, lay.look_end);
    }
    k.add("look-up sum start", *cf.sums.last().unwrap(), 0);
    let strips = [
        ("forward", &lay.forward),
        ("backward", &lay.backward),
        ("adapter forward", &lay.adapter_forward),
        ("adapter backward", &lay.adapter_backward),
    ];
    for (name, runs) in strips {
        for (l, runs) in runs.iter().enumerate() {
            for (t, run) in runs.iter().enumerate() {
                for (n, col) in [("a", cf.vectors[0]), ("b", cf.vectors[1]), ("inner", cf.inner), ("accumulator", cf.vector_acc)] {
                    k.add(format!("{name} {l} step {t} {n}"), col, run.row(run.len - 1));
                }
            }
        }
    }
    let zero = |_, _| Fr::from(0);
    let p = program(spec, lay, &Exports::zero(spec, &zero)).unwrap();
    for i in 0..s_head(spec) {
        k.add(format!("S head {i}"), cf.s, i);
    }
    for (row, _) in &p.constants {
        k.add(format!("S constant {row}"), cf.s, *row);
    }
    for (i, row) in p.mul_adds.iter().enumerate().step_by(7) {
        for j in 0..4 {
            k.add(format!("S equation {i} cell {j}"), cf.s, row + j);
        }
    }
    for (row, _) in p.values.iter().step_by(5) {
        k.add(format!("S cell {row}"), cf.s, *row);
    }
    k.cells
}

fn every_kind_is_refused(spec: SgdSpec, seed: u64) {
    let c = Case::random(spec, seed);
    let mut held = Held::new(c.witness(), ETA);
    let lay = Layout::new(&c.spec).unwrap();
    let cells = kinds(&c.spec, &lay);
    assert!(cells.len() > 80, "only {} kinds", cells.len());
    let mut accepted = vec![];
    for (name, column, row) in cells {
        if held.changed(&[Tamper { column, row, add: Fr::from(1) }]) == Verdict::Accepted {
            accepted.push(name);
        }
    }
    assert!(accepted.is_empty(), "accepted although changed: {accepted:?}");
}

#[test]
fn adapters_on_every_layer() {
    let s = spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 2);
    every_kind_is_refused(with_adapters(s, &[Some((2, 4)), Some((3, 3))]), 25);
}

#[test]
fn adapter_above_a_frozen_layer() {
    let s = spec(&[4, 5, 3, 2], &[Relu, Linear], MeanSquaredError, 2, 1);
    every_kind_is_refused(with_adapters(s, &[None, Some((2, 2)), None]), 26);
}

#[test]
fn layer_local_adapter() {
    every_kind_is_refused(layer_local(5, 7, 2, 4, 2, 2), 27);
}

#[test]
fn momentum_and_decay() {
    let s = with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 3), &[Some((2, 4)), Some((3, 3))]);
    every_kind_is_refused(with_optimizer(s, Optimizer::Momentum { momentum: 57, decay: 9 }), 28);
}

#[test]
fn adam_and_decay() {
    let s = with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((2, 4)), Some((3, 3))]);
    every_kind_is_refused(with_optimizer(s, Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 9 }), 29);
}

#[test]
fn one_layer_local_step_of_adam_and_of_plain_decay() {
    for o in [Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 0 }, Optimizer::Sgd { decay: 9 }] {
        every_kind_is_refused(with_optimizer(layer_local(5, 7, 2, 4, 2, 1), o), 30);
    }
}

#[test]
fn softmax_network() {
    every_kind_is_refused(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), 21);
}

#[test]
fn deep_regression_network() {
    every_kind_is_refused(spec(&[3, 5, 3, 2], &[Linear, Relu], MeanSquaredError, 2, 1), 22);
}

#[test]
fn another_eta_is_refused() {
    let c = Case::random(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), 23);
    assert!(mock(c.witness(), ETA + 1).is_err());
}

#[test]
fn deviations_are_range_checked_and_subtracted() {
    let mut s = spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1);
    (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
    let c = Case::random(s, 24);
    let (w, cf) = crate::common::tolerance_witness(&c);
    let mut held = Held::new(w(), ETA);
    let row = w().params.1.matrices[0].row(0, 0);
    for col in &cf.deviation {
        assert_ne!(held.changed(&[Tamper { column: col.index(), row, add: Fr::from(1) }]), Verdict::Accepted);
    }
}
