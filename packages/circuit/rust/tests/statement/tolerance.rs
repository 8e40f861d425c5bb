//! A step that a framework took, with weights after it that are near what SGD gives.

use super::{points, proven, published, salts, tensors, Net, SCALES};
use pot_circuit::autodiff::training;
use pot_circuit::front::dense::{dense_graph, Dense};
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Hidden, Prover, Secrets};
use pot_circuit::statement::{Kind, Named, Spec};
use pot_circuit::tensor::Formats;
use pot_sgd::spec::{Mode, SgdSpec};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

const RATE: i64 = 37;

fn net() -> Net {
    Net { inputs: 6, layers: vec![(5, true, true), (2, false, true)], batch: 2, softmax: false }
}

/// pot-sgd's specification of the same.
fn window() -> SgdSpec {
    let spec = SgdSpec { mode: Mode::Tolerance, tolerance_limbs: 2, shape: None, ..net().window() };
    pot_sgd::plan::plan(&spec, Default::default()).expect("a shape").0
}

fn spec(kind: Kind) -> Spec {
    let shape = window().shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    Spec::planned(&dense_graph(&net().dense()).expect("a graph"), kind, Named::MeanSquaredError, like).expect("a shape")
}

fn step(tolerance_limbs: usize) -> Kind {
    Kind::Step { rate_bits: SCALES.e, tolerance_limbs }
}

/// Tensors before the step, and behind them what is trained, after it and further by so much.
fn taken(seed: u64, further: impl Fn(usize) -> i128) -> Vec<Vec<i128>> {
    let graph = dense_graph(&net().dense()).expect("a graph");
    let before = tensors(&graph, seed);
    let mut after = before.clone();
    training(&graph, SCALES.e).expect("differentiable").step(&mut after, RATE.into(), None).expect("in range");
    let moved = after[2..].iter().map(|t| t.iter().enumerate().map(|(i, v)| v + further(i)).collect());
    before.iter().cloned().chain(moved).collect()
}

#[test]
fn a_step_with_a_tolerance_has_the_digests_of_a_window() {
    let (spec, window) = (spec(step(2)), window());
    let entries = taken(4, |i| [-2048, 2047, 0, 5][i % 4]);
    let mut salts = salts([true, true]);
    let (statement, proof) = proven(&Prover::new(&spec, points()).expect("a key"), &entries, RATE, &mut salts);
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
    let mut theirs = pot_sgd::prover::Prover::new(points().clone());
    let mut digest = |tensors: &[Vec<i128>], salt: u8| {
        let flat: Vec<i64> = tensors.iter().flatten().map(|v| *v as i64).collect();
        let points = theirs.commit_weights(&window, &flat, &[salt; 32]).expect("in range");
        pot_sgd::statement::field_to_hex(&pot_sgd::statement::weights_digest(&window, &points).expect("points"))
    };
    assert_eq!(statement.weights, digest(&entries[2..6], 1));
    assert_eq!(statement.weights_after, digest(&entries[6..], 2));
    // No exact step, and none of another tolerance.
    for kind in [Kind::sgd(SCALES.e, 1), step(1), step(3)] {
        verify(&self::spec(kind), points(), &statement, &proof).expect_err("refused");
    }
    let mut other = statement.clone();
    other.rate += 1;
    assert_eq!(verify(&spec, points(), &other, &proof).expect_err("refused").code, "VERIFY_FAILED");
    other.rate = 0;
    assert_eq!(verify(&spec, points(), &other, &proof).expect_err("refused").code, "PUBLIC_INVALID");
}

#[test]
fn what_is_beyond_the_tolerance_has_no_proof() {
    let prover = Prover::new(&spec(step(2)), points()).expect("a key");
    let refused = |tensors: &[Vec<i128>], rate: i64| {
        let mut salts = salts([true, true]);
        let secrets = Secrets { tensors, rate, first_step: 0, context: 0.into(), salts: &mut salts };
        let e = prover.prove(secrets, &mut ChaCha20Rng::from_seed([2; 32])).expect_err("refused");
        assert!(matches!(&salts.weights, Hidden::By(s) if s.uses() == 0), "nothing was opened");
        e
    };
    for (further, name) in [(2048, "kernel0"), (-2049, "kernel0")] {
        let e = refused(&taken(4, |i| if i == 1 { further } else { 0 }), RATE);
        assert_eq!((e.code, e.details["tensor"].as_str(), e.details["index"].as_u64()), ("TOLERANCE_EXCEEDED", Some(name), Some(1)));
    }
    let good = taken(4, |_| 0);
    assert_eq!(refused(&good[..6], RATE).code, "INPUT_SHAPE");
    assert_eq!(refused(&good[..9], RATE).code, "INPUT_SHAPE");
    assert_eq!(refused(&good[..2], RATE).code, "INPUT_SHAPE");
    assert_eq!(refused(&good, 0).code, "ETA_RANGE");
    let mut wide = good.clone();
    wide[6][0] = 1 << 55;
    assert_eq!(refused(&wide, RATE).code, "WEIGHT_RANGE");
    wide[6] = vec![];
    assert_eq!(refused(&wide, RATE).code, "INPUT_SHAPE");
}

#[test]
fn tolerances_that_say_nothing() {
    let graph = dense_graph(&net().dense()).expect("a graph");
    for limbs in [0, 5, usize::MAX] {
        let e = Spec::planned(&graph, step(limbs), Named::Graph, Like::default()).expect_err("refused");
        assert_eq!(e.code, "SPEC_INVALID", "{limbs}");
    }
    // 4 limbs of 14 bits.
    let wide = Dense { formats: Formats { limb_bits: 14, table_bits: 14 }, bits: 10, gradient_bits: 16, weight_bits: 42, ..net().dense() };
    let graph = dense_graph(&wide).expect("a graph");
    let e = Spec::planned(&graph, Kind::Step { rate_bits: 16, tolerance_limbs: 4 }, Named::Graph, Like::default()).expect_err("refused");
    assert_eq!(e.code, "SPEC_INVALID");
}
