//! Steps of training: honest ones are accepted, and what nothing pins is refused or gets vectors.

use super::networks::{adapters, classification, local, regression, Draft};
use super::{violated, Case, GRADIENT_BITS, RATE_BITS};
use pot_circuit::autodiff::training;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::MeanSquaredError;
use pot_circuit::plan::plan_training;
use pot_circuit::tensor::Role;
use std::collections::BTreeSet;

#[test]
fn steps_of_networks_of_each_depth() {
    for (seed, case) in [
        Case::training(&regression(1, [2, 1]), 1),
        Case::training(&regression(2, [5, 7, 3]), 2),
        Case::training(&regression(3, [6, 5, 4, 3]), 3),
        Case::training(&regression(1, [3, 4, 4, 2, 2]), 4),
        Case::training(&classification(1, [2, 1]), 5),
        Case::training(&classification(3, [5, 7, 4]), 6),
        Case::training(&classification(2, [3, 4, 4, 2]), 7),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{seed}");
    }
}

#[test]
fn windows_of_several_steps() {
    for (graph, steps) in [(regression(1, [2, 1]), 2), (regression(2, [5, 7, 3]), 2), (regression(3, [6, 5, 4, 3]), 3), (regression(1, [3, 4, 2]), 7)]
    {
        let case = Case::in_range(|seed| Case::window(&graph, steps, seed));
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{steps}");
    }
}

#[test]
fn adapters_on_a_frozen_base() {
    // On all layers, the highest alone, the lowest alone, and around one without.
    for (graph, of, steps) in [
        (regression(2, [5, 4, 3]), &[(2, 2, 3), (4, 3, 9)][..], 1),
        (regression(1, [5, 4, 3]), &[(4, 2, 2)], 2),
        (regression(2, [6, 5, 4, 3]), &[(2, 2, 4)], 2),
        (regression(1, [3, 4, 4, 2]), &[(2, 1, 2), (6, 2, 3)], 3),
        (regression(1, [1, 1]), &[(2, 1, 1)], 2),
        (classification(2, [5, 4, 3]), &[(2, 2, 3), (4, 2, 4)], 2),
    ] {
        let case = Case::in_range(|seed| Case::window(&adapters(&graph, of), steps, seed));
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{of:?}");
    }
}

/// Two kernels in one product, of which a part of the one could be given to the other, and a kernel `[inputs][outputs]`: no product
/// pins them, so each has a vector of its own.
#[test]
fn kernels_that_no_product_pins() {
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let (a, b) = (d.weights(&[4, 3]), d.weights(&[4, 3]));
    let both = d.node(pot_circuit::ops::Sum::of(2), &[a, b]);
    let raw = d.product(x, both, false, true);
    let z = d.round(raw, Range::Half);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    let case = Case::in_range(|seed| Case::window(&d.graph(), 2, seed));
    assert_eq!(case.parts.claims.products.len(), 2 + 2);
    assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
    // A unit more of the one and one less of the other, before and after.
    let matrices: Vec<usize> = case.parts.layout.weights[0].matrices.iter().map(|m| m.run.end()).collect();
    for after in [false, true] {
        let mut w = case.honest();
        for (row, add) in matrices.iter().zip([1, -1]) {
            match after {
                true => w.after[0][0][*row] += signed(add.into()),
                false => w.weights[0][0][*row] += add,
            }
        }
        assert_eq!(violated(w, &[]), BTreeSet::from(["copy".to_string()]));
    }

    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let w = d.weights(&[3, 4]);
    let raw = d.product(x, w, false, false);
    let z = d.round(raw, Range::Half);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    let case = Case::in_range(|seed| Case::window(&d.graph(), 2, seed));
    assert_eq!(case.parts.claims.products.len(), 2 + 1);
    assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
}

/// Trained tensors of one axis are biases: in one sum of two a part of the one could be given to the other.
#[test]
fn two_biases_in_one_sum_are_refused() {
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let (w, a, b) = (d.weights(&[4, 3]), d.weights(&[4]), d.weights(&[4]));
    let raw = d.product(x, w, false, true);
    let raw = d.node(pot_circuit::ops::Sum::of(3), &[raw, a, b]);
    let z = d.round(raw, Range::Half);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    let t = training(&d.graph(), RATE_BITS).expect("differentiable");
    let e = plan_training(&t).expect_err("refused");
    assert_eq!((e.code, e.details["at"].as_str()), ("GRAPH_UNSUPPORTED", Some("t3")), "{}", e.message);
}

/// An adapter of which input and gradient are given.
#[test]
fn layer_local() {
    for (sizes, steps) in [([1, 1, 1, 1], 1), ([2, 5, 4, 2], 1), ([3, 4, 6, 3], 2)] {
        let case = Case::in_range(|seed| Case::window(&local(sizes), steps, seed));
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{sizes:?}");
    }
}
