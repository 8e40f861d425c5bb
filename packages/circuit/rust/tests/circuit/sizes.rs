//! In as many rows as pot-sgd's of the same, circuits have columns and bytes of a proof within some per cent of theirs.

use crate::adapters::{local_of, lora_of};
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::autodiff::{training, window};
use pot_circuit::circuit::{Config, Parts};
use pot_circuit::claims::Claims;
use pot_circuit::front::adapters::adapted;
use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
use pot_circuit::graph::Graph;
use pot_circuit::plan::{plan_claims, Like};
use pot_circuit::tensor::Formats;
use pot_sgd::plan::{info, plan, Constraints, Info};
use pot_sgd::spec::{Activation, Adapter, Kind, Layer, Lora, Loss, Mode, Scales, SgdSpec};

/// Rows, columns and bytes of a proof, as pot-sgd counts them.
fn compare(parts: &Parts, rows: usize, theirs: &Info) {
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, parts).gates(&mut cs, parts);
    let permuted = usize::from(parts.layout.weights[0].moves);
    let points = cs.num_advice_columns() + permuted + 1 + (cs.degree() - 1) + 2;
    let bytes = 32 * (points + cs.advice_queries().len() + cs.fixed_queries().len() + 1 + 3 * permuted);
    let text = format!("{:?}: {} {} {bytes}, {theirs:?}", parts.layout.shape, cs.num_advice_columns(), cs.num_fixed_columns());
    assert!(1 << parts.layout.shape.k <= rows && cs.degree() <= theirs.degree, "{text}");
    let pairs = [(cs.num_advice_columns(), theirs.advice_columns), (cs.num_fixed_columns(), theirs.fixed_columns), (bytes, theirs.proof_bytes)];
    for (ours, theirs) in pairs {
        assert!(ours * 100 <= theirs * 105, "{text}");
    }
}

#[test]
fn no_larger_than_the_genesis_proofs_of_pot_sgd() {
    let (small, large) = (Formats { limb_bits: 6, table_bits: 6 }, Formats { limb_bits: 12, table_bits: 12 });
    for (formats, [a, d, e], batch, widths) in
        [(small, [6, 10, 8], 3, &[6, 5, 4, 3][..]), (large, [8, 14, 14], 8, &[64, 32, 10]), (large, [8, 14, 14], 32, &[784, 128, 10])]
    {
        let graph = dense_graph(&network(formats, [a, d, e], batch, widths)).expect("a graph");
        let (window, _) = plan(&specification([a, d, e, formats.limb_bits], batch, widths), Constraints::default()).expect("a shape");
        let shape = window.shape.expect("planned");
        let theirs = info(&SgdSpec { kind: Kind::Genesis, ..window }).expect("of the same shape");
        let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
        let shape = plan_claims(&graph.weights(), &Claims::genesis(&graph), like).expect("a shape");
        let parts = Parts::genesis(&graph, shape).expect("a circuit");
        compare(&parts, theirs.rows, &theirs);
    }
}

#[test]
fn no_larger_than_the_steps_with_a_tolerance_of_pot_sgd() {
    let (small, large) = (Formats { limb_bits: 6, table_bits: 6 }, Formats { limb_bits: 12, table_bits: 12 });
    let networks =
        [(small, [6, 10, 8], 3, &[6, 5, 4, 3][..], 3), (large, [8, 14, 14], 8, &[64, 32, 10], 2), (large, [8, 14, 14], 32, &[784, 128, 10], 2)];
    let losses = [(DenseLoss::MeanSquaredError, Loss::MeanSquaredError), (DenseLoss::SoftmaxCrossEntropy, Loss::SoftmaxCrossEntropy)];
    for ((formats, [a, d, e], batch, widths, limbs), (loss, theirs)) in networks.into_iter().flat_map(|n| losses.map(|l| (n, l))) {
        let graph = dense_graph(&Dense { loss, ..network(formats, [a, d, e], batch, widths) }).expect("a graph");
        let spec = specification([a, d, e, formats.limb_bits], batch, widths);
        let spec = SgdSpec { loss: theirs, mode: Mode::Tolerance, tolerance_limbs: limbs, ..spec };
        let (_, theirs) = plan(&spec, Constraints::default()).expect("a shape");
        let t = training(&graph, e).expect("differentiable");
        let shape = plan_claims(&t.graph, &Claims::tolerant(&t, limbs).expect("a circuit"), Like::default()).expect("a shape");
        compare(&Parts::tolerant(&t, limbs, shape).expect("a circuit"), theirs.rows, &theirs);
    }
}

#[test]
fn no_larger_than_the_windows_of_pot_sgd() {
    let (small, large) = (Formats { limb_bits: 6, table_bits: 6 }, Formats { limb_bits: 12, table_bits: 12 });
    let networks = [
        (small, [6, 10, 8], 2, &[16, 12, 3][..], 1),
        (small, [6, 10, 8], 3, &[6, 5, 4, 3], 1),
        (small, [6, 10, 8], 3, &[6, 5, 4, 3], 3),
        (large, [8, 14, 14], 8, &[64, 32, 10], 1),
        (large, [8, 14, 14], 8, &[64, 32, 10], 8),
        (large, [8, 14, 14], 32, &[784, 128, 10], 1),
        (large, [8, 14, 14], 32, &[784, 128, 10], 4),
    ];
    let mut all = vec![];
    let losses = [(DenseLoss::MeanSquaredError, Loss::MeanSquaredError), (DenseLoss::SoftmaxCrossEntropy, Loss::SoftmaxCrossEntropy)];
    for ((formats, [a, d, e], batch, widths, steps), (loss, theirs)) in networks.into_iter().flat_map(|n| losses.map(|l| (n, l))) {
        let graph = dense_graph(&Dense { loss, ..network(formats, [a, d, e], batch, widths) }).expect("a graph");
        let spec = SgdSpec { loss: theirs, steps, ..specification([a, d, e, formats.limb_bits], batch, widths) };
        all.extend(larger(&graph, &spec, 5));
    }
    assert!(all.is_empty(), "{all:#?}");
}

/// The same of adapters, of these ranks, on a base of 20 fractional bits. With six per cent a softmax's blocks have a row more than
/// theirs, or four lanes take fewer columns and more openings.
#[test]
fn adapters_are_no_larger_than_the_windows_of_pot_sgd() {
    let (small, large) = (Formats { limb_bits: 6, table_bits: 6 }, Formats { limb_bits: 12, table_bits: 12 });
    let mut all = vec![];
    for (formats, [a, d, e], batch, widths, ranks, steps, loss, percent) in [
        (small, [6, 10, 8], 3, &[6, 5, 4, 3][..], &[2, 0, 2][..], 3, DenseLoss::MeanSquaredError, 5),
        (large, [8, 14, 14], 8, &[64, 32, 10], &[4, 4], 1, DenseLoss::SoftmaxCrossEntropy, 5),
        (large, [8, 14, 14], 8, &[64, 32, 10], &[4, 4], 8, DenseLoss::SoftmaxCrossEntropy, 5),
        (large, [8, 14, 14], 8, &[64, 32, 10], &[0, 4], 8, DenseLoss::MeanSquaredError, 5),
        (large, [8, 14, 14], 32, &[784, 128, 10], &[8, 8], 1, DenseLoss::SoftmaxCrossEntropy, 12),
        (large, [8, 14, 14], 32, &[784, 128, 10], &[8, 8], 4, DenseLoss::SoftmaxCrossEntropy, 6),
        (large, [8, 14, 14], 8, &[768, 768, 768], &[8, 8], 1, DenseLoss::MeanSquaredError, 6),
    ] {
        let theirs = if loss == DenseLoss::SoftmaxCrossEntropy { Loss::SoftmaxCrossEntropy } else { Loss::MeanSquaredError };
        let adapters = ranks.iter().map(|r| (*r > 0).then_some(Adapter { rank: *r, alpha: 2 * *r as u64 })).collect();
        let lora = Some(Lora { adapters, base_bits: 20, local: false, optimizer: None });
        let spec = SgdSpec { loss: theirs, steps, lora, ..specification([a, d, e, formats.limb_bits], batch, widths) };
        let dense = dense_graph(&Dense { loss, ..network(formats, [a, d, e], batch, widths) }).expect("a graph");
        all.extend(larger(&adapted(&dense, &lora_of(&spec)).expect("a graph"), &spec, percent));
    }
    assert!(all.is_empty(), "{all:#?}");
}

/// The same layer-local.
#[test]
fn layer_local_adapters_are_no_larger_than_the_windows_of_pot_sgd() {
    let large = [8, 14, 14, 12];
    let mut all = vec![];
    for (batch, widths, rank, steps) in [(4, [16, 12], 2, 1), (8, [768, 768], 8, 1), (8, [64, 64], 8, 4)] {
        let lora = Some(Lora { adapters: vec![Some(Adapter { rank, alpha: rank as u64 })], base_bits: 0, local: true, optimizer: None });
        let mut spec = SgdSpec { lora, steps, y_offset: 0, ..specification(large, batch, &widths) };
        spec.layers[0].bias = false;
        all.extend(larger(&local_of(&spec), &spec, 5));
    }
    assert!(all.is_empty(), "{all:#?}");
}

/// Ours and theirs, where rows are more, or columns and bytes of a proof by more than so many per cent.
fn larger(graph: &Graph, spec: &SgdSpec, percent: usize) -> Option<String> {
    let training = window(graph, spec.steps, spec.scales.e).expect("differentiable");
    let (spec, info) = plan(spec, Constraints::default()).expect("a shape");
    let k = spec.shape.expect("planned").k;
    let claims = Claims::training(&training).expect("a circuit");
    let shape = plan_claims(&training.graph, &claims, Like { k: Some(k), ..Like::default() }).expect("a shape");
    let parts = Parts::training(&training, shape).expect("a circuit");
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, &parts).gates(&mut cs, &parts);
    // As pot-sgd counts: points of columns, permutation, random polynomial, quotient and openings; then evaluations.
    let points = cs.num_advice_columns() + 1 + 1 + (cs.degree() - 1) + 2;
    let bytes = 32 * (points + cs.advice_queries().len() + cs.fixed_queries().len() + 1 + 3);

    let (fewer, more) = (format!("{shape:?} {} {bytes}", cs.num_advice_columns()), format!("{:?} {info:?}", spec.shape));
    let pairs = [(cs.num_advice_columns(), info.advice_columns), (cs.num_fixed_columns(), info.fixed_columns), (bytes, info.proof_bytes)];
    let fits = pairs.into_iter().all(|(ours, theirs)| ours * 100 <= theirs * (100 + percent));
    (!fits || shape.k > k || cs.degree() > info.degree).then(|| format!("{fewer}, fixed {}: {more}", cs.num_fixed_columns()))
}

fn network(formats: Formats, [a, d, e]: [u32; 3], batch: usize, widths: &[usize]) -> Dense {
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
fn specification([a, d, e, b]: [u32; 4], batch: usize, widths: &[usize]) -> SgdSpec {
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
