//! Steps of training: honest ones are accepted, what nothing pins is refused, and none is larger than pot-sgd's.

use super::networks::{classification, regression, Draft};
use super::{violated, Case, GRADIENT_BITS, RATE_BITS};
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::autodiff::{training, window};
use pot_circuit::circuit::{Config, Parts};
use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::MeanSquaredError;
use pot_circuit::plan::plan_training;
use pot_circuit::tensor::Formats;
use pot_circuit::tensor::Role;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::spec::{Activation, Kind, Layer, Loss, Mode, Scales, SgdSpec};
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
fn what_nothing_pins_is_refused() {
    // Two kernels in one product: a part of the one could be given to the other.
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let (a, b) = (d.weights(&[4, 3]), d.weights(&[4, 3]));
    let both = d.node(pot_circuit::ops::Sum::of(2), &[a, b]);
    let raw = d.product(x, both, false, true);
    let z = d.round(raw, Range::Half);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    let t = training(&d.graph(), RATE_BITS).expect("differentiable");
    let e = plan_training(&t).expect_err("refused");
    assert_eq!((e.code, e.details["at"].as_str()), ("GRAPH_UNSUPPORTED", Some("t2")), "{}", e.message);

    // A kernel [inputs][outputs].
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let w = d.weights(&[3, 4]);
    let raw = d.product(x, w, false, false);
    let z = d.round(raw, Range::Half);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    let t = training(&d.graph(), RATE_BITS).expect("differentiable");
    assert_eq!(plan_training(&t).expect_err("refused").code, "GRAPH_UNSUPPORTED");
}

/// Rows, columns and bytes of a proof are within 5 % of those of pot-sgd's window of the same network, but where the last number says
/// by how much a softmax has more: its blocks have five rows, for as many cells of the whole row, where pot-sgd's have four.
#[test]
fn no_larger_than_the_windows_of_pot_sgd() {
    let (small, large) = (Formats { limb_bits: 6, table_bits: 6 }, Formats { limb_bits: 12, table_bits: 12 });
    let networks = [
        (small, [6, 10, 8], 2, &[16, 12, 3][..], 1, 5),
        (small, [6, 10, 8], 3, &[6, 5, 4, 3], 1, 5),
        (small, [6, 10, 8], 3, &[6, 5, 4, 3], 3, 5),
        (large, [8, 14, 14], 8, &[64, 32, 10], 1, 5),
        (large, [8, 14, 14], 8, &[64, 32, 10], 8, 17),
        (large, [8, 14, 14], 32, &[784, 128, 10], 1, 5),
        (large, [8, 14, 14], 32, &[784, 128, 10], 4, 5),
    ];
    let losses = [(DenseLoss::MeanSquaredError, Loss::MeanSquaredError), (DenseLoss::SoftmaxCrossEntropy, Loss::SoftmaxCrossEntropy)];
    for ((formats, [a, d, e], batch, widths, steps, of_softmax), (loss, theirs)) in networks.into_iter().flat_map(|n| losses.map(|l| (n, l))) {
        let graph = dense_graph(&Dense { loss, ..network(formats, [a, d, e], batch, widths) }).expect("a graph");
        let training = window(&graph, steps, e).expect("differentiable");
        let shape = plan_training(&training).expect("a shape");
        let parts = Parts::training(&training, shape).expect("a circuit");
        let mut cs = ConstraintSystem::default();
        Config::new(&mut cs, &parts).gates(&mut cs, &parts);
        // As pot-sgd counts: points of columns, permutation, random polynomial, quotient and openings; then evaluations.
        let points = cs.num_advice_columns() + 1 + 1 + (cs.degree() - 1) + 2;
        let bytes = 32 * (points + cs.advice_queries().len() + cs.fixed_queries().len() + 1 + 3);

        let spec = SgdSpec { loss: theirs, steps, ..specification([a, d, e, formats.limb_bits], batch, widths) };
        let (spec, info) = plan(&spec, Constraints::default()).expect("a shape");
        let k = spec.shape.expect("planned").k;
        let (fewer, more) = (format!("{shape:?} {} {bytes}", cs.num_advice_columns()), format!("{:?} {info:?}", spec.shape));
        assert!(shape.k <= k && cs.degree() <= info.degree, "{fewer}: {more}");
        let pairs = [(cs.num_advice_columns(), info.advice_columns), (cs.num_fixed_columns(), info.fixed_columns), (bytes, info.proof_bytes)];
        let more_by = if loss == DenseLoss::SoftmaxCrossEntropy { of_softmax } else { 5 };
        for (ours, theirs) in pairs {
            assert!(ours * 100 <= theirs * (100 + more_by), "{fewer}: {more}");
        }
    }
}

pub fn network(formats: Formats, [a, d, e]: [u32; 3], batch: usize, widths: &[usize]) -> Dense {
    let layer = |i: usize| DenseLayer { outputs: widths[i], relu: i + 1 < widths.len() && i % 2 == 1, bias: true };
    Dense {
        formats,
        bits: a,
        gradient_bits: d,
        weight_bits: a + d + e,
        batch,
        inputs: widths[0],
        layers: (1..widths.len()).map(layer).collect(),
        loss: DenseLoss::MeanSquaredError,
        x_offset: 16,
        y_offset: 16,
    }
}

/// The same network for pot-sgd.
pub fn specification([a, d, e, b]: [u32; 4], batch: usize, widths: &[usize]) -> SgdSpec {
    let layer = |i: usize| Layer {
        inputs: widths[i - 1],
        outputs: widths[i],
        activation: if i + 1 < widths.len() && i % 2 == 1 { Activation::Relu } else { Activation::Linear },
        bias: true,
    };
    SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers: (1..widths.len()).map(layer).collect(),
        loss: Loss::MeanSquaredError,
        batch,
        steps: 1,
        scales: Scales { a, d, e, b, p: b },
        x_offset: 16,
        y_offset: 16,
        tolerance_limbs: 0,
        lora: None,
        shape: None,
    }
}
