//! Circuits are no larger than pot-sgd's of the same.

use super::training::{network, specification};
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::autodiff::training;
use pot_circuit::circuit::{Config, Parts};
use pot_circuit::claims::Claims;
use pot_circuit::front::dense::{dense_graph, Dense, DenseLoss};
use pot_circuit::plan::{plan_claims, Like};
use pot_circuit::tensor::Formats;
use pot_sgd::plan::{info, plan, Constraints, Info};
use pot_sgd::spec::{Kind, Loss, Mode, SgdSpec};

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
        let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns) };
        let shape = plan_claims(&graph.weights(), &Claims::genesis(), like).expect("a shape");
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
