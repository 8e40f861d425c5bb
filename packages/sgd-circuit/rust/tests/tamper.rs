//! Every kind of witness cell, changed by itself: the circuit must refuse.

mod common;
use common::{mock, spec, Case, ETA};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem};
use pot_sgd::circuit::Tamper;
use pot_sgd::config::WindowConfig;
use pot_sgd::layout::{Layout, Slot, HIDDEN_ACCS, S_HEAD};
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

/// At least one cell of every kind, named.
fn kinds(spec: &SgdSpec, lay: &Layout) -> Vec<(String, usize, usize)> {
    let mut cs = ConstraintSystem::<Fr>::default();
    let cf = WindowConfig::new(&mut cs, spec, lay);
    let mut k = Kinds { cells: vec![] };
    let c = lay.shape.weight_columns;
    for m in &lay.matrices {
        for (name, cols) in [("W_0", &cf.w0), ("W_K", &cf.wk)] {
            let what = if m.bias { "bias" } else { "kernel" };
            k.add(format!("{name} {what} {} first", m.layer), cols[0], m.row(0, 0));
            k.add(format!("{name} {what} {} last", m.layer), cols[(m.cols - 1) % c], m.row(m.rows - 1, (m.cols - 1) / c));
            if m.cols % c != 0 && !m.bias {
                k.add(format!("{name} {what} {} padding", m.layer), cols[c - 1], m.row(0, m.chunks - 1));
            }
        }
        k.add(format!("weight accumulator {}", m.layer), cf.weight_acc[0], m.row0);
        k.add(format!("weight accumulator {} end", m.layer), cf.weight_acc[0], m.end());
        if m.layer > 0 && !m.bias {
            k.add(format!("weight accumulator at theta {}", m.layer), cf.weight_acc[1], m.row0);
            k.add(format!("weight accumulator at theta {} end", m.layer), cf.weight_acc[1], m.end());
        }
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
    let mut slot = |name: String, s: Slot, base: usize| k.add(name, cf.trace[s.col], base + s.rot);
    for (l, runs) in lay.hidden.iter().enumerate() {
        for q in 0..2 * lay.limbs + 5 {
            // First unit, and the last chunk's last lane: where the width is no multiple, the unit beyond it.
            slot(format!("hidden {l} cell {q}"), lay.hidden_slot(0, q), runs[0].row(0));
            slot(format!("hidden {l} cell {q} last lane"), lay.hidden_slot(lay.shape.lanes - 1, q), runs[0].row(runs[0].len - 1));
        }
    }
    let (o, run) = (&lay.out, lay.outputs[0]);
    for (i, s) in o.r.iter().chain(&o.z).enumerate() {
        slot(format!("output cell {i}"), *s, run.row(1.min(run.len - 1)));
    }
    if spec.softmax() {
        let named = [("hi", o.hi), ("EHI", o.e_hi), ("lo", o.lo), ("ELO", o.e_lo), ("q0", o.q[0]), ("q1", o.q[1]), ("mu", o.mu)];
        for (n, s) in named {
            slot(format!("softmax {n}"), s, run.row(0));
        }
        for (i, s) in o.rem.iter().chain(&o.crem).enumerate() {
            slot(format!("softmax remainder limb {i}"), *s, run.row(0));
        }
    }
    for (l, runs) in lay.hidden.iter().enumerate() {
        for i in 0..HIDDEN_ACCS {
            let at = lay.hidden_acc(i);
            k.add(format!("hidden accumulator {l} {i}"), cf.trace_acc[at.col], runs[0].row(runs[0].len - 1) + at.rot);
        }
    }
    for i in 0..3 {
        k.add(format!("output accumulator {i}"), cf.trace_acc[0], run.row(run.len - 1) + i);
    }
    if let (Some(aux), Some(pm), Some([used, listed])) = (cf.aux, cf.pair_mult, cf.pair_inv) {
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
    for (name, runs) in [("forward", &lay.forward), ("backward", &lay.backward)] {
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
    for i in 0..S_HEAD {
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
    mock(c.witness(), ETA, &[]).expect("the honest window holds");
    let lay = Layout::new(&c.spec).unwrap();
    let cells = kinds(&c.spec, &lay);
    assert!(cells.len() > 80, "only {} kinds", cells.len());
    let mut accepted = vec![];
    for (name, column, row) in cells {
        let tamper = Tamper { column, row, add: Fr::from(1) };
        if mock(c.witness(), ETA, &[tamper]).is_ok() {
            accepted.push(name);
        }
    }
    assert!(accepted.is_empty(), "accepted although changed: {accepted:?}");
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
    assert!(mock(c.witness(), ETA + 1, &[]).is_err());
}

#[test]
fn deviations_are_range_checked_and_subtracted() {
    let mut s = spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1);
    (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
    let c = Case::random(s, 24);
    let (w, cf) = common::tolerance_witness(&c);
    mock(w(), ETA, &[]).expect("a step within the tolerance holds");
    let row = w().params.1.matrices[0].row(0, 0);
    for col in &cf.deviation {
        let tamper = Tamper { column: col.index(), row, add: Fr::from(1) };
        assert!(mock(w(), ETA, &[tamper]).is_err());
    }
}
