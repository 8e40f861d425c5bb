//! What the executor is given and refuses, and what it does then.

use crate::common::draft::Draft;
use pot_circuit::autodiff::{training, Training};
use pot_circuit::execute::run;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{Matmul, Round, SoftmaxCrossEntropy, Sum};
use pot_circuit::tensor::Role;

/// `z = round(x w + f, 36)` of one row and two classes; data in `-2048..2048`.
fn small() -> Training {
    let mut d = Draft::default();
    let (x, y) = (d.tensor(Role::Data, &[1, 1], 12), d.tensor(Role::Label, &[1, 2], 0));
    let (w, f) = (d.tensor(Role::Trained, &[1, 2], 36), d.tensor(Role::Frozen, &[2], 32));
    let product = d.node(Matmul::default(), &[&x, &w]);
    let raw = d.node(Sum::of(2), &[&product, &f]);
    let z = d.node(Round { bits: 12, gradient_bits: 12, range: Range::Half }, &[&raw]);
    let loss = d.node(SoftmaxCrossEntropy { gradient_bits: 12, smoothing: 0 }, &[&z, &y]);
    training(&d.graph(&[&loss]).expect("in range"), 12).expect("differentiable")
}

fn good() -> Vec<Vec<i128>> {
    vec![vec![1024], vec![0, 1], vec![1 << 34, -(1 << 33)], vec![5, -5]]
}

#[test]
fn tensors_that_do_not_fit_their_shape_or_role_are_refused_and_nothing_moves() {
    let t = small();
    // Tensor, its entries, the code, the entry that is wrong.
    let cases: Vec<(usize, Vec<i128>, &str, Option<u64>)> = vec![
        (0, vec![], "INPUT_SHAPE", None),
        (0, vec![1, 2], "INPUT_SHAPE", None),
        (0, vec![2048], "DATA_RANGE", Some(0)),
        (0, vec![-2049], "DATA_RANGE", Some(0)),
        (1, vec![0, 4096], "DATA_RANGE", Some(1)),
        (1, vec![-1, 0], "DATA_RANGE", Some(0)),
        (1, vec![1, 1], "DATA_LABELS", None),
        (1, vec![0, 0], "DATA_LABELS", None),
        (1, vec![2, 0], "DATA_LABELS", None),
        (2, vec![0, 1 << 55], "WEIGHT_RANGE", Some(1)),
        (2, vec![-(1 << 55), 0], "WEIGHT_RANGE", Some(0)),
        (2, vec![i128::MIN, 0], "WEIGHT_RANGE", Some(0)),
        // 32 fractional bits and 4 are three limbs of 12, one bit of which is the sign.
        (3, vec![0, 1 << 35], "WEIGHT_RANGE", Some(1)),
        // 2^11 2^54 / 2^36 is beyond 2^23.
        (2, vec![1 << 54, 0], "VALUE_RANGE", None),
    ];
    for (tensor, entries, code, index) in cases {
        let mut tensors = good();
        tensors[tensor] = entries;
        let before = tensors.clone();
        let e = t.step(&mut tensors, 100, None).map(|_| ()).expect_err(code);
        assert_eq!((e.code, e.details["index"].as_u64()), (code, index), "{e}");
        assert_eq!(tensors, before);
        if index.is_none() && code != "INPUT_SHAPE" {
            assert!(e.details["node"].is_string(), "{e}");
        }
    }
    for rate in [0, -1, 1 << 17] {
        assert_eq!(t.step(&mut good(), rate, None).map(|_| ()).expect_err("refused").code, "ETA_RANGE");
    }
    let e = run(&t.graph, &good(), None).map(|_| ()).expect_err("without the rate");
    assert_eq!(e.code, "INPUT_SHAPE");
    // The last that fit.
    for (tensor, entries) in [(0, vec![2047]), (0, vec![-2048]), (3, vec![(1 << 35) - 1, 1 - (1 << 35)])] {
        let mut tensors = good();
        tensors[tensor] = entries;
        assert!(t.step(&mut tensors, (1 << 17) - 1, None).is_ok());
    }
}

#[test]
fn a_step_that_takes_a_weight_beyond_its_range_is_refused_whole() {
    let t = small();
    let mut tensors = good();
    // No input, so no gradient: the largest weights stay.
    (tensors[0], tensors[2]) = (vec![0], vec![(1 << 55) - 1, 1 - (1 << 55)]);
    assert!(t.step(&mut tensors, 1000, None).is_ok());
    // Both classes are as likely, so the first weight grows by 1000 2^11.
    (tensors[0], tensors[1], tensors[2]) = (vec![-1], vec![0, 1], vec![(1 << 55) - 1, (1 << 55) - 1]);
    let before = tensors.clone();
    let e = t.step(&mut tensors, 1000, None).map(|_| ()).expect_err("refused");
    assert_eq!((e.code, e.details["index"].as_u64(), tensors == before), ("WEIGHT_RANGE", Some(0), true));
}

#[test]
fn doubles_give_the_real_numbers_that_the_integers_are_near() {
    let t = small();
    let mut integers = good();
    let mut reals: Vec<Vec<f64>> = vec![vec![0.25], vec![0.0, 1.0], vec![0.25, -0.125], vec![5.0 / 2f64.powi(32), -5.0 / 2f64.powi(32)]];
    let exact = t.step(&mut integers, 2048, None).expect("in range");
    let real = t.step(&mut reals, 0.5, None).expect("in range");
    for (v, (a, b)) in exact.values.iter().zip(&real.values).enumerate() {
        let scale = f64::from(t.graph.facts(v).bits).exp2();
        for (a, b) in a.iter().zip(b) {
            assert!((*a as f64 / scale - b).abs() < 1e-3, "{}: {a} {b}", t.graph.name(v));
        }
    }
    // softmax of (1/16, -1/32).
    let p = 1.0 / (1.0 + (-3.0f64 / 32.0).exp());
    assert!((real.losses[0].1.value + (1.0 - p).ln()).abs() < 1e-8);
    assert!((reals[2][0] - (0.25 - 0.5 * p * 0.25)).abs() < 1e-8);
    assert!((exact.losses[0].1.value - real.losses[0].1.value).abs() < 1e-3);
}
