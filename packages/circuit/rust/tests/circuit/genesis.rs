//! First weights: each is in its range, and what is not is refused.

use super::lies::{constraints, LAST};
use super::networks::{dense, residual, Draft};
use super::Case;
use pot_circuit::execute::Run;
use pot_circuit::graph::Graph;
use pot_circuit::layout::{Matrix, Shape};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::Sum;
use pot_circuit::tensor::Role;
use pot_circuit::witness::{Blinding, Closed, Witness};
use std::collections::BTreeSet;

const SHAPE: Shape = Shape { k: 8, weight_columns: 3, frozen_columns: 2, data_columns: 1, output_columns: 1, lanes: 1, lane_columns: 1 };

/// Trained weights of two numbers of bits in one group, one of them a bias, and frozen ones.
fn mixed() -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[2, 4]);
    let (w, v) = (d.weights(&[5, 4]), d.tensor(Role::Trained, &[3, 5], 12, 0));
    let bias = d.weights(&[5]);
    let frozen = d.tensor(Role::Frozen, &[2, 3], 18, 0);
    let raw = d.product(x, w, false, true);
    let raw = d.node(Sum::of(2), &[raw, bias]);
    let h = d.round(raw, Range::Relu);
    let raw = d.product(h, v, false, true);
    let h = d.round(raw, Range::Wide);
    let raw = d.product(h, frozen, false, true);
    let z = d.round(raw, Range::Half);
    d.output(z);
    d.graph()
}

fn cases() -> Vec<Case> {
    vec![Case::genesis(&dense(1, [3, 2, 1]), 1), Case::genesis_shaped(&residual(), SHAPE, 2), Case::genesis_shaped(&mixed(), SHAPE, 3)]
}

/// Of whatever weights: those that no executor takes too.
fn witness(case: &Case, tensors: Vec<Vec<i128>>) -> Witness {
    let run = Run { values: tensors, cells: vec![], losses: vec![] };
    Witness::new(case.parts.clone(), &run, Blinding::none(&case.parts)).expect("it fits")
}

/// Matrices with the number of their group.
fn matrices(case: &Case) -> impl Iterator<Item = (usize, &Matrix)> {
    case.parts.layout.weights.iter().enumerate().flat_map(|(g, group)| group.matrices.iter().map(move |m| (g, m)))
}

#[test]
fn weights_in_their_ranges() {
    for case in cases() {
        assert_eq!(case.violated(&case.honest()), BTreeSet::new());
    }
    // 24, 12 and 18 fractional bits and four more, in limbs of 6.
    let layout = &Case::genesis_shaped(&mixed(), SHAPE, 3).parts.layout;
    assert_eq!(layout.weights.each_ref().map(|g| g.limbs.clone()), [vec![5, 3], vec![4], vec![]]);
    assert_eq!((layout.unit_columns(), layout.data.len(), layout.vectors.len()), (0, 0, 0));
}

#[test]
fn ranges_end_where_the_bounds_end() {
    for case in cases() {
        let g = &case.parts.graph;
        for (_, m) in matrices(&case) {
            let bits = g.formats().genesis_bits(g.tensors()[m.value].bits);
            let most = 1i128 << bits;
            for at in [0, case.tensors[m.value].len() - 1] {
                let with = |v: i128| {
                    let mut tensors = case.tensors.clone();
                    tensors[m.value][at] = v;
                    case.violated(&witness(&case, tensors))
                };
                for v in [-most, most - 1] {
                    assert_eq!(with(v), BTreeSet::new(), "{v}");
                }
                for v in [-most - 1, most] {
                    let violations = with(v);
                    assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(LAST)), "{v}: {violations:?}");
                }
            }
        }
    }
}

/// Each limb is looked up: beyond its table, with the next one as it follows; the last with a weight as it follows.
#[test]
fn each_limb_of_each_cell() {
    let b = u32::trailing_zeros(64);
    for case in cases() {
        for (g, m) in matrices(&case) {
            let group = &case.parts.layout.weights[g];
            let (n, most) = (group.limbs[m.class], group.beside());
            // A row's last chunk: cells beyond the width among them, which are 0.
            let row = m.run.row0;
            for (column, limb) in (0..group.columns).flat_map(|c| (0..n).map(move |l| (c, l))) {
                let mut w = case.honest();
                w.beside[g][column * most + limb][row] += 64;
                if limb + 1 < n {
                    w.beside[g][column * most + limb + 1][row] -= 1;
                } else {
                    w.weights[g][column][row] += 1 << (b * n as u32);
                }
                let violations = case.violated(&w);
                assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(LAST)), "{column} {row} {limb}: {violations:?}");
            }
        }
    }
}

#[test]
fn each_constraint_alone_refuses_some_lie() {
    for case in cases() {
        let layout = &case.parts.layout;
        let mut lies: Vec<Witness> = vec![];
        for (g, m) in matrices(&case) {
            for column in 0..layout.weights[g].columns {
                let mut w = case.honest();
                w.weights[g][column][m.run.row0] += 1;
                lies.push(w);
            }
        }
        let columns: Vec<(usize, usize)> = (0..2).flat_map(|g| (0..case.honest().beside[g].len()).map(move |c| (g, c))).collect();
        let mut beyond = |(g, c): (usize, usize), closed: Option<(usize, usize)>| {
            let mut w = case.honest();
            // Behind all weights.
            w.beside[g][c][layout.last] = 64;
            w.changes.closed = closed.map(|(column, row)| Closed::Sum(column, row));
            lies.push(w);
        };
        for (i, c) in columns.iter().enumerate() {
            beyond(*c, Some((1 + i, layout.last)));
        }
        for closed in [None, Some((0, layout.last)), Some((columns.len(), 0))] {
            beyond(columns[0], closed);
        }
        let mut noticed = BTreeSet::new();
        for w in lies {
            let violations = case.violated(&w);
            assert_eq!(violations.len(), 1, "{violations:?}");
            noticed.extend(violations);
        }
        assert_eq!(noticed, constraints(&case));
    }
}

/// As many rows as the shape of a circuit of the same weights, which lie alike in both.
#[test]
fn weights_lie_where_other_circuits_have_them() {
    let (genesis, forward) = (Case::genesis_shaped(&residual(), SHAPE, 1), Case::shaped(&residual(), SHAPE, 1));
    for g in 0..2 {
        let places = |case: &Case| case.parts.layout.weights[g].matrices.iter().map(|m| (m.run, m.chunks, m.rows, m.width)).collect::<Vec<_>>();
        assert_eq!(places(&genesis), places(&forward));
    }
    assert_eq!(genesis.parts.graph.tensors().iter().map(|t| t.bits).collect::<Vec<_>>(), [24, 12]);
}
