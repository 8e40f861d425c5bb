//! Steps of training: digests before and after, of data, and the rate.

use super::{points, proven, published, salts, tensors, Net, SCALES};
use pot_circuit::front::dense::dense_graph;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Hidden, Prover, Salt};
use pot_circuit::statement::{Kind, Named, Shown, Spec};
use pot_sgd::executor::Executor;

fn net() -> Net {
    Net { inputs: 6, layers: vec![(5, true, true), (4, false, true), (2, false, true)], batch: 2, softmax: false }
}

#[test]
fn two_steps_meet_in_one_digest_which_is_that_of_a_window() {
    let (net, window) = (net(), net().window());
    let shape = window.shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    let graph = dense_graph(&net.dense()).expect("a graph");
    let spec = Spec::planned(&graph, Kind::sgd(SCALES.e, 1), Named::MeanSquaredError, like).expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key");
    let mut entries = tensors(&graph, 4);
    let mut after = String::new();
    for step in 0..2u8 {
        let flat: Vec<i64> = entries[2..].iter().flatten().map(|v| *v as i64).collect();
        let mut executor = Executor::new(&window, flat).expect("in range");
        let [x, y] = [0, 1].map(|i| entries[i].iter().map(|v| *v as i32).collect::<Vec<_>>());
        executor.step(&x, &y, 37, None).expect("in range");
        let mut salts = salts([true, true]);
        (salts.weights, salts.after) = (Hidden::By(Salt::used([10 + step; 32], u32::from(step))), Hidden::By(Salt::new([11 + step; 32])));
        let (statement, proof) = proven(&prover, &entries, 37, &mut salts);
        verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
        assert_eq!(statement.outputs, Shown::Nothing);
        assert!(step == 0 || statement.weights == after, "the next step begins where the last one ended");
        after = statement.weights_after.clone();
        let theirs = pot_sgd::prover::Prover::new(points().clone()).commit_weights(&window, executor.weights(), &[11 + step; 32]).expect("in range");
        assert_eq!(after, pot_sgd::statement::field_to_hex(&pot_sgd::statement::weights_digest(&window, &theirs).expect("points")));
        entries[2..].iter_mut().flatten().zip(executor.weights()).for_each(|(v, w)| *v = (*w).into());
    }
}

/// Weights before and after have the digests of pot-sgd's window of as many steps.
#[test]
fn a_window_of_two_steps_begins_and_ends_where_its_steps_do() {
    let graph = dense_graph(&net().dense()).expect("a graph");
    let window = pot_sgd::spec::SgdSpec { steps: 2, shape: None, ..net().window() };
    let window = pot_sgd::plan::plan(&window, Default::default()).expect("a shape").0;
    let shape = window.shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    let kind = |steps| Kind::sgd(SCALES.e, steps);
    let spec = Spec::planned(&graph, kind(2), Named::MeanSquaredError, like).expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key");
    let (mut entries, second) = (tensors(&graph, 4), tensors(&graph, 5));
    let flat: Vec<i64> = entries[2..].iter().flatten().map(|v| *v as i64).collect();
    let mut executor = Executor::new(&window, flat).expect("in range");
    for batch in [&entries, &second] {
        let [x, y] = [0, 1].map(|i| batch[i].iter().map(|v| *v as i32).collect::<Vec<_>>());
        executor.step(&x, &y, 37, None).expect("in range");
    }
    entries.extend_from_slice(&second[..2]);
    let mut salts = salts([true, true]);
    salts.after = Hidden::By(Salt::new([11; 32]));
    let (statement, proof) = proven(&prover, &entries, 37, &mut salts);
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
    let theirs = pot_sgd::prover::Prover::new(points().clone()).commit_weights(&window, executor.weights(), &[11; 32]).expect("in range");
    let theirs = pot_sgd::statement::field_to_hex(&pot_sgd::statement::weights_digest(&window, &theirs).expect("points"));
    assert_eq!(statement.weights_after, theirs);
    // Another number of steps is another circuit.
    for steps in [1, 3] {
        let other = Spec::planned(&graph, kind(steps), Named::MeanSquaredError, Like::default()).expect("a shape");
        verify(&other, points(), &statement, &proof).expect_err("refused");
    }
    for steps in [0, 1 << 40] {
        let e = Spec::planned(&graph, kind(steps), Named::MeanSquaredError, Like::default()).expect_err("refused");
        assert_eq!(e.details["reason"], "size");
    }
}

#[test]
fn a_step_is_about_its_own_rate_weights_and_data() {
    let graph = dense_graph(&net().dense()).expect("a graph");
    let spec = Spec::planned(&graph, Kind::sgd(SCALES.e, 1), Named::Graph, Like::default()).expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key");
    // Data for all to see.
    let (good, proof) = proven(&prover, &tensors(&graph, 4), 37, &mut salts([false, true]));
    verify(&spec, points(), &good, &proof).expect("it verifies");
    let code = |change: &dyn Fn(&mut pot_circuit::statement::Statement)| {
        let mut other = good.clone();
        change(&mut other);
        verify(&spec, points(), &other, &proof).expect_err("refused").code
    };
    assert_eq!(code(&|s| s.rate = 38), "VERIFY_FAILED");
    assert_eq!(code(&|s| s.rate = 0), "PUBLIC_INVALID");
    assert_eq!(code(&|s| s.rate = 1 << 17), "PUBLIC_INVALID");
    assert_eq!(code(&|s| s.rate = -37), "PUBLIC_INVALID");
    assert_eq!(code(&|s| std::mem::swap(&mut s.weights, &mut s.weights_after)), "VERIFY_DIGEST");
    assert_eq!(code(&|s| s.weights_after = s.weights.clone()), "VERIFY_DIGEST");
    assert_eq!(code(&|s| s.weights_after = String::new()), "PUBLIC_INVALID");
    assert_eq!(code(&|s| s.outputs = Shown::Committed(s.weights.clone())), "PUBLIC_INVALID");
    let label = |s: &mut pot_circuit::statement::Statement| {
        let Shown::Public(v) = &mut s.inputs else { panic!("public") };
        v[1][0] += 1;
    };
    assert_eq!(code(&label), "VERIFY_DIGEST");
    // Of another kind: the same graph has no outputs to infer.
    let mut settings = *spec.settings();
    settings.kind = Kind::Infer;
    let e = Spec::new(graph, settings).and_then(|s| verify(&s, points(), &good, &proof)).expect_err("refused");
    assert_eq!(e.code, "GRAPH_UNSUPPORTED");
}
