//! Honest windows of every kind satisfy the circuit.

use crate::common::{holds, spec, Case, ETA};
use pot_sgd::spec::{Activation::*, Loss::*};

#[test]
fn one_linear_layer_mse() {
    let c = Case::random(spec(&[5, 3], &[], MeanSquaredError, 2, 1), 1);
    holds(&c, ETA);
}

#[test]
fn two_layers_softmax() {
    let c = Case::random(spec(&[5, 7, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), 2);
    holds(&c, ETA);
}

#[test]
fn three_layers_window() {
    let c = Case::random(spec(&[6, 5, 4, 3], &[Relu, Linear], SoftmaxCrossEntropy, 3, 3), 3);
    holds(&c, ETA);
}

#[test]
fn regression_with_offsets() {
    let mut s = spec(&[4, 6, 2], &[Relu], MeanSquaredError, 2, 2);
    s.x_offset = 32;
    s.y_offset = 32;
    let c = Case::random(s, 4);
    holds(&c, ETA);
}

#[test]
fn one_unit_everywhere() {
    let c = Case::random(spec(&[1, 1, 1], &[Relu], MeanSquaredError, 1, 2), 5);
    holds(&c, ETA);
}

#[test]
fn constraints_that_nothing_meets_are_refused() {
    use pot_sgd::plan::{plan, Constraints};
    let s = spec(&[5, 3], &[], MeanSquaredError, 2, 1);
    for (k, weight_columns) in [(None, Some(0)), (Some(3), None), (Some(40), None)] {
        assert_eq!(plan(&s, Constraints { k, weight_columns, ..Constraints::default() }).unwrap_err().code, "CIRCUIT_TOO_LARGE");
    }
}

#[test]
fn a_shape_for_aggregation_has_fewer_columns() {
    use pot_sgd::plan::{plan, Constraints};
    let wide = || spec(&[784, 128, 10], &[Relu], SoftmaxCrossEntropy, 32, 1);
    let shape = |aggregated| {
        let mut s = wide();
        s.scales = pot_sgd::spec::Scales { a: 8, d: 14, e: 14, b: 12, p: 12 };
        plan(&s, Constraints { aggregated, ..Constraints::default() }).unwrap()
    };
    let ((fast, a), (narrow, b)) = (shape(false), shape(true));
    assert!(b.advice_columns + 8 <= a.advice_columns, "{} and {} columns", b.advice_columns, a.advice_columns);
    assert!(narrow.shape.unwrap().k > fast.shape.unwrap().k);
}
