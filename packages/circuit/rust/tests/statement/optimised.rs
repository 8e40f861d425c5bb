//! Steps of AdamW: digests of states, rates by the number of the step.

use super::{points, proven, published, salts, tensors, Net, SCALES};
use pot_circuit::front::dense::dense_graph;
use pot_circuit::optimizer::Optimizer;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Hidden, Prover, Salt, Secrets, Verifier};
use pot_circuit::statement::field::to_hex;
use pot_circuit::statement::{Kind, Named, Spec, Statement};
use pot_proof_system::error::PotError;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

const ADAM: Optimizer = Optimizer::Adam { beta1: 58, beta2: 63, epsilon: 23, decay: 20 };
const RATE: i64 = 300_000;

fn spec(optimizer: Optimizer, rate_bits: u32) -> Spec {
    let net = Net { inputs: 3, layers: vec![(2, false, true)], batch: 1, softmax: false };
    let kind = Kind::Train { rate_bits, steps: 2, optimizer };
    Spec::planned(&dense_graph(&net.dense()).expect("a graph"), kind, Named::Graph, Like::default()).expect("a shape")
}

/// Those of two steps: data, weights, data again, states of 0.
fn entries(spec: &Spec) -> Vec<Vec<i128>> {
    let mut all = tensors(spec.graph(), 4);
    all.extend_from_slice(&tensors(spec.graph(), 5)[..2]);
    for _ in 0..spec.optimizer().states() {
        let weights: Vec<Vec<i128>> = all[2..4].iter().map(|t| vec![0; t.len()]).collect();
        all.extend(weights);
    }
    all
}

#[test]
fn two_windows_of_adamw_meet_in_the_digests_of_weights_and_states() {
    let spec = spec(ADAM, SCALES.a + SCALES.d);
    let prover = Prover::new(&spec, points()).expect("a key");
    let verifier = Verifier::new(&published(&spec), points()).expect("a key");
    let mut entries = entries(&spec);
    let mut before: Option<Statement> = None;
    for window in 0..2u8 {
        let mut salts = salts([true, true]);
        let salt = |n: u8| Hidden::By(Salt::new([n; 32]));
        (salts.weights, salts.after, salts.state_after) = (salt(10 + window), salt(11 + window), salt(21 + window));
        salts.state = if window == 0 { Hidden::Public } else { salt(20 + window) };
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let first_step = 2 * u64::from(window);
        let secrets = Secrets { tensors: &entries, rate: RATE, first_step, context: 5.into(), salts: &mut salts };
        let (statement, proof) = prover.prove(secrets, &mut rng).expect("a proof");
        verifier.verify(&statement, &proof).expect("it verifies");
        match &before {
            None => assert_eq!(statement.state, to_hex(&verifier.first_state().expect("a digest").expect("states"))),
            Some(b) => assert_eq!((&statement.weights, &statement.state), (&b.weights_after, &b.state_after)),
        }
        let read = Statement::from_json(&statement.to_json()).expect("the same");
        assert_eq!(read, statement);
        let code = |change: &dyn Fn(&mut Statement)| {
            let mut other = statement.clone();
            change(&mut other);
            verifier.verify(&other, &proof).expect_err("refused").code
        };
        assert_eq!(code(&|s| s.first_step += 1), "VERIFY_FAILED");
        assert_eq!(code(&|s| s.first_step = 1 << 53), "PUBLIC_INVALID");
        assert_eq!(code(&|s| s.rate += 1), "VERIFY_FAILED");
        assert_eq!(code(&|s| s.rate = 1 << 20), "PUBLIC_INVALID");
        assert_eq!(code(&|s| std::mem::swap(&mut s.state, &mut s.state_after)), "VERIFY_DIGEST");
        assert_eq!(code(&|s| s.state_after = String::new()), "PUBLIC_INVALID");
        // What the executor gives is where the next window begins.
        let training = pot_circuit::autodiff::optimised(spec.graph(), 2, SCALES.a + SCALES.d, &ADAM).expect("differentiable");
        let rates: Vec<i128> = spec.rates(RATE, first_step).into_iter().map(i128::from).collect();
        training.steps(&mut entries, &rates, None).expect("in range");
        before = Some(statement);
    }
}

#[test]
fn a_rule_is_in_the_specification() {
    let momentum = Optimizer::Momentum { momentum: 58, decay: 0 };
    let spec = spec(momentum, SCALES.e);
    assert!(spec.settings_text().contains(r#""optimizer":{"rule":"momentum","momentum":58,"decay":0}"#));
    assert!(!spec_of(Optimizer::default()).settings_text().contains("optimizer"));
    let prover = Prover::new(&spec, points()).expect("a key");
    let (statement, proof) = proven(&prover, &entries(&spec), 37, &mut salts([true, true]));
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
    // By another rule, or without one: another key, another digest of the specification.
    for other in [Optimizer::Momentum { momentum: 57, decay: 0 }, Optimizer::Momentum { momentum: 58, decay: 1 }] {
        verify(&spec_of(other), points(), &statement, &proof).expect_err("refused");
    }
    let e: PotError = verify(&spec_of(Optimizer::default()), points(), &statement, &proof).expect_err("refused");
    assert_eq!(e.code, "PUBLIC_INVALID", "it has no states");
    // What is not in its canonical form, and factors that are none.
    let explicit = spec_of(Optimizer::default()).settings_text().replace(r#""steps":2"#, r#""steps":2,"optimizer":{"rule":"sgd","decay":0}"#);
    assert_eq!(Spec::read(&spec.graph_text(), &explicit).expect_err("refused").code, "SPEC_INVALID");
    let none = spec.settings_text().replace(r#""momentum":58"#, r#""momentum":64"#);
    let e = Spec::read(&spec.graph_text(), &none).expect("a text").parts().expect_err("refused");
    assert_eq!((e.code, e.details["reason"].as_str()), ("GRAPH_INVALID", Some("optimizer")));
}

fn spec_of(optimizer: Optimizer) -> Spec {
    spec(optimizer, SCALES.e)
}
