//! Inference: outputs are what the graph makes of weights and inputs, each shown as it was chosen.

use super::{points, proven, published, salts, tensors, Net};
use crate::circuit::networks::{dense, residual, sums};
use pot_circuit::execute::run;
use pot_circuit::front::dense::dense_inference;
use pot_circuit::graph::Graph;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Hidden, Prover, Salt, Secrets, Verifier, MAGIC, MAX_USES};

use pot_circuit::statement::{Kind, Named, Shown, Spec, Statement};
use pot_proof_system::engine::Transcript;
use pot_sgd::executor::Executor;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn inferred(graph: &Graph) -> Prover {
    let spec = Spec::planned(graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
    Prover::new(&spec, points()).expect("a key")
}

#[test]
fn every_choice_of_what_is_shown() {
    for graph in [dense(2, [5, 4, 3]), residual(), sums()] {
        let prover = inferred(&graph);
        // A stranger has the texts alone.
        let spec = published(prover.spec());
        let entries = tensors(&graph, 3);
        let values = run(&graph, &entries, None).expect("in range").values;
        for shown in [[true, true], [false, true], [true, false], [false, false]] {
            let (statement, proof) = proven(&prover, &entries, 0, &mut salts(shown));
            let statement = Statement::from_json(&statement.to_json()).expect("as it was written");
            verify(&spec, points(), &statement, &proof).expect("it verifies");
            let there = graph.tensors().iter().any(|t| t.role == pot_circuit::tensor::Role::Trained);
            assert_eq!((!statement.weights.is_empty(), statement.weights_after.is_empty()), (there, true));
            match &statement.outputs {
                Shown::Public(v) => {
                    let mut outputs = graph.outputs().to_vec();
                    outputs.sort_unstable();
                    let wanted: Vec<Vec<i64>> = outputs.iter().map(|o| values[*o].iter().map(|v| *v as i64).collect()).collect();
                    assert_eq!((v, shown[1]), (&wanted, false));
                }
                Shown::Committed(d) => assert!(shown[1] && d.len() == 66),
                Shown::Nothing => panic!("there are outputs"),
            }
        }
    }
}

/// The last weights of a run of windows, asked for an answer: one digest ties both.
#[test]
fn inference_with_the_weights_of_a_window() {
    let net = Net { inputs: 7, layers: vec![(5, true, true), (3, false, true)], batch: 2, softmax: true };
    let window = net.window();
    let shape = window.shape.expect("planned");
    let graph = dense_inference(&net.dense()).expect("a graph");
    let mut entries = tensors(&graph, 8);
    // A window's step, by pot-sgd alone.
    let flat: Vec<i64> = entries[1..].iter().flatten().map(|v| *v as i64).collect();
    let mut executor = Executor::new(&window, flat).expect("in range");
    let x: Vec<i32> = entries[0].iter().map(|v| *v as i32).collect();
    executor.step(&x, &[1, 0, 0, 0, 1, 0], 25, None).expect("in range");
    let trained = executor.weights().to_vec();
    let salt = [6; 32];
    let after = pot_sgd::prover::Prover::new(points().clone()).commit_weights(&window, &trained, &salt).expect("in range");
    let digest = pot_sgd::statement::field_to_hex(&pot_sgd::statement::weights_digest(&window, &after).expect("points"));

    entries[1..].iter_mut().flatten().zip(&trained).for_each(|(v, w)| *v = (*w).into());
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    let spec = Spec::planned(&graph, Kind::Infer, Named::SoftmaxCrossEntropy, like).expect("a shape");
    let mut salts = salts([true, false]);
    salts.weights = Hidden::By(Salt::used(salt, 2));
    let (statement, proof) = proven(&Prover::new(&spec, points()).expect("a key"), &entries, 0, &mut salts);
    assert_eq!(statement.weights, digest);
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
}

#[test]
fn one_content_under_one_salt_has_one_commitment_for_so_many_proofs() {
    let graph = dense(1, [3, 2, 2]);
    let prover = inferred(&graph);
    let (entries, other) = (tensors(&graph, 1), tensors(&graph, 2));
    let mixed: Vec<Vec<i128>> = [&other[..1], &entries[1..]].concat();
    let mut salts = salts([false, false]);
    let (first, proof) = proven(&prover, &entries, 0, &mut salts);
    let (second, again) = proven(&prover, &mixed, 0, &mut salts);
    assert_eq!(first.weights, second.weights);
    assert_eq!(proof[MAGIC.len()..][..32], again[MAGIC.len()..][..32]);
    assert_ne!(first.outputs, second.outputs);
    assert!(matches!(&salts.weights, Hidden::By(s) if s.uses() == 2));
    // A salt that was used as often as it may be.
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    salts.weights = Hidden::By(Salt::used([1; 32], MAX_USES - 1));
    proven(&prover, &entries, 0, &mut salts);
    let e = prover.prove(Secrets { tensors: &entries, rate: 0, first_step: 0, context: 0.into(), salts: &mut salts }, &mut rng).expect_err("refused");
    assert_eq!(e.code, "SALT_EXHAUSTED");
    assert_eq!(MAX_USES, 21);
    // Other weights under the same salt by mistake: nothing of their rows is the same.
    let mut other_weights = entries.clone();
    other_weights[1][0] += 1;
    let commit = |tensors: &[Vec<i128>]| prover.commit_weights(tensors, &Salt::new([1; 32])).expect("fits").1;
    assert_ne!(commit(&entries), commit(&other_weights));
    assert_eq!(commit(&entries), commit(&entries));
}

#[test]
fn a_proof_verifies_with_its_own_transcript_alone() {
    let graph = sums();
    let spec = Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key").with_transcript(Transcript::Poseidon);
    let (statement, proof) = proven(&prover, &tensors(&graph, 1), 0, &mut salts([true, false]));
    let verifier = Verifier::new(&spec, points()).expect("a key");
    assert_eq!(verifier.verify(&statement, &proof).expect_err("refused").code, "VERIFY_FAILED");
    verifier.with_transcript(Transcript::Poseidon).verify(&statement, &proof).expect("it verifies");
}

#[test]
fn what_the_prover_cannot_prove_is_refused() {
    let graph = dense(1, [3, 2, 2]);
    let prover = inferred(&graph);
    let entries = tensors(&graph, 1);
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let mut code = |tensors: &[Vec<i128>], rate: i64| {
        let mut salts = salts([true, true]);
        let e = prover.prove(Secrets { tensors, rate, first_step: 0, context: 0.into(), salts: &mut salts }, &mut rng).expect_err("refused");
        assert!(matches!(&salts.weights, Hidden::By(s) if s.uses() == 0), "nothing was opened");
        e.code
    };
    assert_eq!(code(&entries, 3), "ETA_RANGE");
    assert_eq!(code(&entries[1..], 0), "INPUT_SHAPE");
    let mut outside = entries.clone();
    outside[0][0] = 48;
    assert_eq!(code(&outside, 0), "DATA_RANGE");
    assert_eq!(prover.commit_weights(&entries[..2], &Salt::new([0; 32])).expect_err("refused").code, "INPUT_SHAPE");
    // A commitment that no proof would open.
    let mut outside = entries.clone();
    outside[1][0] = 1 << 55;
    assert_eq!(prover.commit_weights(&outside, &Salt::new([0; 32])).expect_err("refused").code, "WEIGHT_RANGE");
}
