//! Graphs without a circuit, and shapes that are none, are refused with what is wrong and where.

use super::networks::{classification, dense, Draft};
use super::{BITS, FORMATS};
use pot_circuit::circuit::Parts;
use pot_circuit::graph::Graph;
use pot_circuit::layout::Shape;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{MeanSquaredError, Sum, View};
use pot_circuit::plan::plan;
use pot_circuit::tensor::Role;

fn unsupported(g: &Graph, at: &str) {
    let e = plan(g).expect_err("it has no circuit");
    assert_eq!((e.code, e.details["at"].as_str()), ("GRAPH_UNSUPPORTED", Some(at)), "{}", e.message);
}

#[test]
fn what_has_no_circuit_yet() {
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 3], BITS, 0));
    let loss = d.node(MeanSquaredError { gradient_bits: 10 }, &[x, y]);
    d.output(loss);
    unsupported(&d.graph(), "n0");

    let mut d = Draft::new();
    let x = d.data(&[2, 3]);
    let view = d.node(View::Reshape { shape: vec![3, 2] }, &[x]);
    let out = d.round(view, Range::Half);
    d.output(out);
    unsupported(&d.graph(), "n0");

    let mut d = Draft::new();
    let x = d.data(&[2, 2, 3]);
    let sum = d.node(Sum { coefficients: vec![1], reduce: 1 }, &[x]);
    let out = d.round(sum, Range::Half);
    d.output(out);
    unsupported(&d.graph(), "n0");

    // An output that is a form.
    let mut d = Draft::new();
    let x = d.data(&[2, 3]);
    let sum = d.node(Sum { coefficients: vec![2], reduce: 0 }, &[x]);
    d.output(sum);
    unsupported(&d.graph(), "n0");

    // A product of a product, which would need its vectors after tau.
    let mut d = Draft::new();
    let x = d.data(&[2, 2]);
    let square = d.product(x, x, false, false);
    let fourth = d.product(square, x, false, false);
    let out = d.node(pot_circuit::ops::Round { bits: BITS, gradient_bits: BITS, range: Range::Wide }, &[fourth]);
    d.output(out);
    unsupported(&d.graph(), "n0");

    // A batch on the right.
    let mut d = Draft::new();
    let x = d.data(&[2, 2, 2]);
    let raw = d.product(x, x, false, false);
    let out = d.round(raw, Range::Wide);
    d.output(out);
    unsupported(&d.graph(), "n0");
}

#[test]
fn weights_of_one_axis_inside_a_product() {
    let mut d = Draft::new();
    let x = d.data(&[2, 3]);
    let bias = d.tensor(Role::Frozen, &[3], BITS, 0);
    let w = d.weights(&[4, 3]);
    let sum = d.node(Sum::of(2), &[x, bias]);
    let raw = d.product(sum, w, false, true);
    let out = d.round(raw, Range::Half);
    d.output(out);
    unsupported(&d.graph(), "t1");
}

/// The sum of two matrices of weights by its rows, which nothing exports.
#[test]
fn weights_in_a_product_over_their_rows() {
    let mut d = Draft::new();
    let x = d.data(&[2, 4]);
    let (w, v) = (d.weights(&[2, 3]), d.weights(&[2, 3]));
    let sum = d.node(Sum::of(2), &[w, v]);
    let raw = d.product(sum, x, true, false);
    let out = d.round(raw, Range::Half);
    d.output(out);
    unsupported(&d.graph(), "t1");
}

#[test]
fn shapes_that_are_none_or_too_small() {
    let g = dense(4, [5, 7, 3]);
    let good = plan(&g).expect("a shape");
    let code = |s: Shape| Parts::forward(&g, s).map(drop).expect_err("refused").code;
    for s in [
        Shape { k: 3, ..good },
        Shape { k: 40, ..good },
        Shape { weight_columns: 0, ..good },
        Shape { data_columns: 0, ..good },
        Shape { output_columns: 1 << 20, ..good },
        Shape { lanes: 0, ..good },
        Shape { lane_columns: 0, ..good },
    ] {
        assert_eq!(code(s), "CIRCUIT_SHAPE", "{s:?}");
    }
    assert_eq!(code(Shape { k: 7, ..good }), "CIRCUIT_TOO_LARGE");
    assert_eq!(code(Shape { weight_columns: 1, k: 8, lanes: 1, lane_columns: 1, ..good }), "CIRCUIT_TOO_LARGE");
    assert!((1usize << good.k) > 1 << FORMATS.limb_bits);
}

/// A pair that is looked up stands in two columns.
#[test]
fn one_column_of_units_under_a_softmax() {
    let g = classification(2, [4, 3]);
    let good = plan(&g).expect("a shape");
    let e = Parts::forward(&g, Shape { lanes: 1, lane_columns: 1, k: 12, ..good }).map(drop).expect_err("refused");
    assert_eq!(e.code, "CIRCUIT_SHAPE", "{}", e.message);
    assert!(Parts::forward(&g, Shape { lanes: 2, lane_columns: 1, k: 12, ..good }).is_ok());
}

/// A few lines of text that name each value many times.
#[test]
fn forms_that_unfold_without_end() {
    for (inputs, levels) in [(64, 18), (2, 40), (1, 400)] {
        let mut d = Draft::new();
        let mut last = d.tensor(Role::Data, &[1, 1], BITS, 0);
        for _ in 0..levels {
            last = d.node(Sum { coefficients: vec![1; inputs], reduce: 0 }, &vec![last; inputs]);
        }
        let out = d.round(last, Range::Wide);
        d.output(out);
        let e = plan(&d.graph()).expect_err("refused");
        assert_eq!(e.code, "GRAPH_UNSUPPORTED", "{}", e.message);
    }
}

#[test]
fn weights_lie_where_tensors_and_columns_put_them() {
    let runs = |g: &Graph| {
        let shape = Shape { k: 9, weight_columns: 2, frozen_columns: 4, data_columns: 3, output_columns: 1, lanes: 1, lane_columns: 2 };
        let layout = Parts::forward(g, shape).expect("a circuit").layout.clone();
        layout.weights.map(|g| g.matrices.iter().map(|m| m.run).collect::<Vec<_>>())
    };
    // The frozen matrix is evaluated at one point, and at two: whatever is exported, the trained one stays where it is.
    let made = |twice: bool| {
        let mut d = Draft::new();
        let x = d.data(&[2, 4]);
        let (frozen, trained) = (d.tensor(Role::Frozen, &[9, 4], 24, 0), d.weights(&[10, 9]));
        let raw = d.product(x, frozen, false, true);
        let h = d.round(raw, Range::Wide);
        let raw = d.product(h, trained, false, true);
        let y = d.round(raw, Range::Half);
        d.output(y);
        if twice {
            let back = d.product(h, frozen, false, false);
            let z = d.round(back, Range::Half);
            d.output(z);
        }
        runs(&d.graph())
    };
    assert_eq!(made(false), made(true));
}
