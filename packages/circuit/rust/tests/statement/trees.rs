//! Proofs of what trees say of hidden samples; the trees are in the public graph.

use super::{points, proven, published, salts, tensors};
use crate::circuit::networks::{boosted, forest, grown, scores};
use pot_circuit::execute::run;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Prover};
use pot_circuit::statement::{Kind, Named, Shown, Spec, Statement};

#[test]
fn scores_of_hidden_samples() {
    for graph in [scores(boosted()), forest(grown())] {
        let spec = Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
        let prover = Prover::new(&spec, points()).expect("a key");
        let spec = published(prover.spec());
        let entries = tensors(&graph, 3);
        let values = run(&graph, &entries, None).expect("in range").values;
        let (statement, proof) = proven(&prover, &entries, 0, &mut salts([true, false]));
        let statement = Statement::from_json(&statement.to_json()).expect("as it was written");
        verify(&spec, points(), &statement, &proof).expect("it verifies");
        // The model is public: there are no weights to commit to.
        assert!(statement.weights.is_empty() && statement.frozen.is_empty());
        let Shown::Public(shown) = &statement.outputs else { panic!("they are shown") };
        let wanted: Vec<Vec<i64>> = graph.outputs().iter().map(|o| values[*o].iter().map(|v| *v as i64).collect()).collect();
        assert_eq!(*shown, wanted);

        let mut other = shown.clone();
        other[0][1] += 1;
        let other = Statement { outputs: Shown::Public(other), ..statement.clone() };
        assert!(verify(&spec, points(), &other, &proof).is_err(), "another score");
        // Other trees in the same rows.
        let text = graph.to_json();
        for (from, to) in
            [(r#""leaves":[5,"#, r#""leaves":[6,"#), (r#""thresholds":[2,"#, r#""thresholds":[3,"#), (r#""features":[1,"#, r#""features":[2,"#)]
        {
            assert!(text.contains(from));
            let other = Spec::read(&text.replacen(from, to, 1), &spec.settings_text()).expect("a graph");
            assert!(verify(&other, points(), &statement, &proof).is_err(), "{to}");
        }
    }
}

/// Samples that are public: their values are the data's columns, and what is asked of them follows.
#[test]
fn samples_that_are_shown() {
    let graph = scores(grown());
    let prover = Prover::new(&Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape"), points()).expect("a key");
    let (statement, proof) = proven(&prover, &tensors(&graph, 5), 0, &mut salts([false, true]));
    verify(prover.spec(), points(), &statement, &proof).expect("it verifies");
    let Shown::Public(mut x) = statement.inputs.clone() else { panic!("they are shown") };
    x[0][0] = if x[0][0] > 0 { x[0][0] - 1 } else { x[0][0] + 1 };
    assert!(verify(prover.spec(), points(), &Statement { inputs: Shown::Public(x), ..statement }, &proof).is_err());
}
