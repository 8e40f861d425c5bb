//! First weights: a proof that they are in their ranges, about the digest that all other proofs of them have.

use super::{points, proven, published, salts, tensors, Net, SCALES};
use crate::circuit::networks::{dense, residual, sums};
use pot_circuit::front::dense::{dense_graph, dense_inference};
use pot_circuit::graph::Graph;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Hidden, Prover, Salt, Secrets};
use pot_circuit::statement::{content_numbers, Group, Kind, Named, Shown, Spec};
use pot_sgd::spec::{Kind as Theirs, SgdSpec};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn a_run_begins_with_the_range_of_its_first_weights() {
    let net = Net { inputs: 6, layers: vec![(5, true, true), (2, false, true)], batch: 2, softmax: false };
    let window = net.window();
    let shape = window.shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    let (graph, kind) = (dense_graph(&net.dense()).expect("a graph"), Kind::sgd(SCALES.e, 1));
    let spec = Spec::planned(&graph, kind, Named::MeanSquaredError, like).expect("a shape");
    let genesis = spec.genesis().expect("it has weights");
    let (entries, mut salts) = (tensors(&graph, 4), salts([true, true]));
    let prover = Prover::new(&genesis, points()).expect("a key");
    let (first, proof) = proven(&prover, &entries[2..], 0, &mut salts);
    verify(&published(&genesis), points(), &first, &proof).expect("it verifies");
    assert_eq!((&first.inputs, &first.outputs, &first.weights_after[..], first.rate), (&Shown::Nothing, &Shown::Nothing, "", 0));
    let (step, step_proof) = proven(&Prover::new(&spec, points()).expect("a key"), &entries, 37, &mut salts);
    assert_eq!(step.weights, first.weights);
    assert!(matches!(&salts.weights, Hidden::By(s) if s.uses() == 2));
    // pot-sgd's of the same, under the same salt; and without a loss.
    let flat: Vec<i64> = entries[2..].iter().flatten().map(|v| *v as i64).collect();
    let theirs = SgdSpec { kind: Theirs::Genesis, ..window };
    let committed = pot_sgd::prover::Prover::new(points().clone()).commit_weights(&theirs, &flat, &[1; 32]).expect("in range");
    assert_eq!(first.weights, pot_sgd::statement::field_to_hex(&pot_sgd::statement::weights_digest(&theirs, &committed).expect("points")));
    let forward = Spec::planned(&dense_inference(&net.dense()).expect("a graph"), Kind::Genesis, Named::MeanSquaredError, like).expect("a shape");
    let (points_of, _) = Prover::new(&forward, points()).expect("a key").commit_weights(&entries[2..], &Salt::new([1; 32])).expect("in range");
    assert_eq!(points_of, committed);
    // Neither is a proof of the other.
    verify(&spec, points(), &first, &proof).expect_err("refused");
    verify(&genesis, points(), &step, &step_proof).expect_err("refused");
    let mut other = first.clone();
    other.weights = step.weights_after;
    assert_eq!(verify(&genesis, points(), &other, &proof).expect_err("refused").code, "VERIFY_DIGEST");
}

#[test]
fn frozen_weights_have_their_digest_too() {
    let graph = residual();
    let spec = Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
    let (entries, mut salts) = (tensors(&graph, 4), salts([false, false]));
    let genesis = spec.genesis().expect("it has weights");
    let (first, proof) = proven(&Prover::new(&genesis, points()).expect("a key"), &entries[1..], 0, &mut salts);
    verify(&published(&genesis), points(), &first, &proof).expect("it verifies");
    let (answer, _) = proven(&Prover::new(&spec, points()).expect("a key"), &entries, 0, &mut salts);
    assert!(first.frozen.len() == 66 && first.weights.len() == 66);
    assert_eq!((first.weights, first.frozen), (answer.weights, answer.frozen));
}

#[test]
fn what_is_out_of_range_has_no_proof() {
    let spec = Spec::planned(&residual(), Kind::Genesis, Named::Graph, Like::default()).expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key");
    let good = tensors(spec.graph(), 1)[1..].to_vec();
    let code = |tensors: &[Vec<i128>], rate: i64| {
        let mut salts = salts([true, true]);
        let secrets = Secrets { tensors, rate, first_step: 0, context: 0.into(), salts: &mut salts };
        let e = prover.prove(secrets, &mut ChaCha20Rng::from_seed([2; 32])).expect_err("refused");
        assert!(matches!(&salts.weights, Hidden::By(s) if s.uses() == 0), "nothing was opened");
        e.code
    };
    // 24 and 12 fractional bits, four more, in limbs of 6: 30 and 18.
    for (tensor, most) in [(0, 1i128 << 29), (1, 1 << 17)] {
        for v in [most, -most - 1] {
            let mut other = good.clone();
            other[tensor][1] = v;
            assert_eq!(code(&other, 0), "WEIGHT_RANGE");
        }
    }
    assert_eq!(code(&good, 1), "ETA_RANGE");
    assert_eq!(code(&good[1..], 0), "INPUT_SHAPE");
    assert_eq!(code(&tensors(spec.graph(), 1), 0), "INPUT_SHAPE");
    let none = Spec::planned(&sums(), Kind::Genesis, Named::Graph, Like::default()).expect_err("refused");
    assert_eq!(none.code, "SPEC_INVALID");
}

/// Ranges are whole limbs, so weights under other limbs, whose range is another, have another digest.
#[test]
fn a_digest_says_which_range_was_shown() {
    let graph = dense(1, [3, 2, 1]);
    let numbers = |graph: &Graph| {
        let like = Like { k: Some(9), weight_columns: Some(2), ..Like::default() };
        let spec = Spec::planned(graph, Kind::Genesis, Named::Graph, like).expect("a shape");
        content_numbers(&spec, &spec.parts().expect("a circuit"), Group::Weights).expect("numbers").1
    };
    let other = Graph::from_json(&graph.to_json().replace("\"limbBits\":6", "\"limbBits\":8")).expect("a graph");
    assert_ne!(graph.formats().genesis_bits(24), other.formats().genesis_bits(24));
    assert_ne!(numbers(&graph), numbers(&other));
}
