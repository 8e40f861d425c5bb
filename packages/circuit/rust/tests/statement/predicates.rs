//! What is proven of scores that stay hidden: whether a predicate holds, for yes and for no, of the weights of a run.

use super::{points, proven, published, salts, tensors, Net};
use pot_circuit::execute::run;
use pot_circuit::front::dense::{dense_inference, dense_predicates};
use pot_circuit::front::reveal::{said, Predicate};
use pot_circuit::graph::Graph;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Prover};
use pot_circuit::statement::{Kind, Named, Shown, Spec, Statement};
use std::sync::OnceLock;

fn net() -> Net {
    Net { inputs: 4, layers: vec![(3, true, true), (3, false, true)], batch: 3, softmax: true }
}

fn spec(graph: &Graph) -> Spec {
    let shape = net().window().shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    Spec::planned(graph, Kind::Infer, Named::SoftmaxCrossEntropy, like).expect("a shape")
}

fn predicates(list: &[Predicate]) -> Graph {
    dense_predicates(&net().dense(), list).expect("a graph")
}

/// A score of the first sample that is no other sample's, with its entry.
struct Made {
    list: Vec<Predicate>,
    entries: Vec<Vec<i128>>,
    scores: Vec<i128>,
    spec: Spec,
    proof: (Statement, Vec<u8>),
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let plain = dense_inference(&net().dense()).expect("a graph");
        let scored = |seed: &u64| {
            let entries = tensors(&plain, *seed);
            let scores = run(&plain, &entries, None).ok()?.values.pop()?;
            Some((entries, scores))
        };
        // Samples that differ in their class, and in the second score.
        let differ = |(_, s): &(_, Vec<i128>)| choice(&s[..3]) != choice(&s[3..6]) && s[1] > s[4] + 1;
        let (entries, scores) = (1..500).filter_map(|seed| scored(&seed)).find(differ).expect("a seed");
        let least = scores[1] as i64;
        let list = vec![
            Predicate::Argmax {},
            Predicate::Class { class: choice(&scores[..3]) },
            Predicate::Threshold { output: 1, least: Some(least), most: None },
            Predicate::Threshold { output: 1, least: None, most: Some(least - 1) },
            Predicate::Threshold { output: 1, least: Some(least - 1), most: Some(least) },
        ];
        let spec = spec(&predicates(&list));
        let prover = Prover::new(&spec, points()).expect("a key");
        let proof = proven(&prover, &entries, 0, &mut salts([true, false]));
        Made { list, entries, scores, spec, proof }
    })
}

fn choice(scores: &[i128]) -> usize {
    let most = scores.iter().max().expect("a score");
    scores.iter().position(|s| s == most).expect("itself")
}

/// What a predicate is of a sample, by its words.
fn holds(p: Predicate, scores: &[i128]) -> Vec<i64> {
    match p {
        Predicate::Argmax {} => (0..3).map(|i| i64::from(choice(scores) == i)).collect(),
        Predicate::Class { class } => vec![i64::from(choice(scores) == class)],
        Predicate::Threshold { output, least, most } => {
            let within = least.is_none_or(|l| scores[output] >= l.into()) && most.is_none_or(|m| scores[output] <= m.into());
            vec![within.into()]
        }
        Predicate::Confusion {} => unreachable!("of all samples together"),
    }
}

#[test]
fn yes_and_no_are_proven_and_the_scores_are_nowhere() {
    let m = made();
    let (statement, proof) = &m.proof;
    verify(&published(&m.spec), points(), statement, proof).expect("it verifies");
    let Shown::Public(shown) = &statement.outputs else { panic!("public") };
    let wanted: Vec<Vec<i64>> = m.list.iter().map(|p| m.scores.chunks(3).flat_map(|s| holds(*p, s)).collect()).collect();
    assert_eq!(shown, &wanted);
    // Of each predicate but the choice some samples have it, and some do not.
    assert!(wanted.iter().all(|w| w.contains(&0) && w.contains(&1)), "{wanted:?}");
    // Each says which it is, of the last layer's values.
    let graph = m.spec.graph();
    let mut outputs = graph.outputs().to_vec();
    outputs.sort_unstable();
    let of: Vec<(&str, Predicate)> = outputs.iter().map(|v| said(graph, *v).expect("a predicate")).map(|(v, p)| (graph.name(v), p)).collect();
    assert_eq!(of, m.list.iter().map(|p| ("h1", *p)).collect::<Vec<_>>());
}

/// The weights' digest is that of an inference that shows its scores, and so of the run.
#[test]
fn weights_have_the_digest_of_the_run() {
    let m = made();
    let plain = Prover::new(&spec(&dense_inference(&net().dense()).expect("a graph")), points()).expect("a key");
    let (statement, _) = proven(&plain, &m.entries, 0, &mut salts([true, false]));
    assert_eq!(statement.weights, m.proof.0.weights);
    // A genesis proof goes with it.
    assert!(m.spec.genesis().expect("weights").parts().is_ok());
    // Predicates of a hidden layer, or scores beside them, are no answer of the network.
    let text = m.spec.graph_text();
    for (from, to) in
        [(r#""op":"argmax","inputs":["h1"]"#, r#""op":"argmax","inputs":["h0"]"#), (r#""outputs":["argmax""#, r#""outputs":["h1","argmax""#)]
    {
        assert!(text.contains(from));
        let Ok(graph) = Graph::from_json(&text.replace(from, to)) else { continue };
        let Ok(other) = Spec::planned(&graph, Kind::Infer, Named::SoftmaxCrossEntropy, Like::default()) else { continue };
        let refused = Prover::new(&other, points()).and_then(|p| p.commit_weights(&m.entries, &pot_circuit::prove::Salt::new([1; 32])).map(drop));
        assert_eq!(refused.expect_err("no digest").code, "SPEC_INVALID");
    }
}

#[test]
fn a_proof_says_nothing_else_than_its_own() {
    let m = made();
    let (statement, proof) = &m.proof;
    let refused = |spec: &Spec, statement: &Statement| verify(spec, points(), statement, proof).expect_err("refused").code;
    // Each bit the other way.
    let Shown::Public(shown) = &statement.outputs else { panic!("public") };
    for (i, at) in shown.iter().enumerate().flat_map(|(i, v)| (0..v.len()).map(move |at| (i, at))) {
        let mut flipped = shown.clone();
        flipped[i][at] = 1 - flipped[i][at];
        assert_eq!(refused(&m.spec, &Statement { outputs: Shown::Public(flipped), ..statement.clone() }), "VERIFY_DIGEST");
    }
    // A sample more, or a predicate less.
    for values in [shown.iter().map(|v| [&v[..], &[1]].concat()).collect(), shown[1..].to_vec()] {
        assert_eq!(refused(&m.spec, &Statement { outputs: Shown::Public(values), ..statement.clone() }), "PUBLIC_INVALID");
    }
    let other = format!("0x{:064x}", 5);
    assert_eq!(refused(&m.spec, &Statement { weights: other.clone(), ..statement.clone() }), "VERIFY_DIGEST");
    assert_eq!(refused(&m.spec, &Statement { inputs: Shown::Committed(other), ..statement.clone() }), "VERIFY_DIGEST");
    // Another threshold, class, predicate, entry; and the same under another name.
    let graph = |change: &dyn Fn(&mut Vec<Predicate>)| {
        let mut list = m.list.clone();
        change(&mut list);
        Spec::new(predicates(&list), *m.spec.settings()).expect("this version")
    };
    let Predicate::Threshold { least: Some(least), .. } = m.list[2] else { panic!("a threshold") };
    let Predicate::Class { class } = m.list[1] else { panic!("a class") };
    let named = m.spec.graph_text().replace("\"threshold:0\"", "\"compliant\"");
    let named = Spec::new(Graph::from_json(&named).expect("a graph"), *m.spec.settings()).expect("this version");
    for spec in [
        graph(&|l| l[2] = Predicate::Threshold { output: 1, least: Some(least - 1), most: None }),
        graph(&|l| l[2] = Predicate::Threshold { output: 0, least: Some(least), most: None }),
        graph(&|l| l[2] = Predicate::Threshold { output: 1, least: None, most: Some(least) }),
        graph(&|l| l[1] = Predicate::Class { class: (class + 1) % 3 }),
        graph(&|l| l.swap(2, 3)),
        named,
    ] {
        let code = refused(&spec, statement);
        assert!(["VERIFY_DIGEST", "VERIFY_FAILED"].contains(&code), "{code}");
    }
}

/// Over a test set whose labels are committed with its inputs: how often which class was taken for which, and so how many are right.
#[test]
fn an_evaluation_is_counts_of_a_test_set() {
    let net = Net { batch: 5, ..net() };
    let evaluate = |list: &[Predicate]| dense_predicates(&net.dense(), list).expect("a graph");
    let graph = evaluate(&[Predicate::Confusion {}]);
    // Labels are one-hot, or whatever has a first largest entry.
    let labels = [0, 1, 0, 1, 0, 0, 0, 0, 1, 3, 3, 0, 0, 0, 0];
    let plain = dense_inference(&net.dense()).expect("a graph");
    let (entries, scores) = (1..200)
        .filter_map(|seed| {
            let entries = tensors(&plain, seed);
            let scores = run(&plain, &entries, None).ok()?.values.pop()?;
            Some((entries, scores))
        })
        .find(|(_, s)| s.chunks(3).map(choice).collect::<std::collections::BTreeSet<_>>().len() > 1)
        .expect("a seed");
    let given: Vec<Vec<i128>> = [&entries[..1], &[labels.to_vec()], &entries[1..]].concat();
    let mut wanted = vec![0; 9];
    labels.chunks(3).zip(scores.chunks(3)).for_each(|(l, s)| wanted[3 * choice(l) + choice(s)] += 1);
    assert_eq!(run(&graph, &given, None).expect("in range").values.pop().expect("counts"), wanted);

    let spec = spec(&graph);
    let (statement, proof) = proven(&Prover::new(&spec, points()).expect("a key"), &given, 0, &mut salts([true, false]));
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
    // Of the run's own weights, and of no score.
    assert_eq!(statement.weights, {
        let plain = Prover::new(&self::spec(&plain), points()).expect("a key");
        proven(&plain, &entries, 0, &mut salts([true, false])).0.weights
    });
    let counts = |s: &Statement| match &s.outputs {
        Shown::Public(v) => v.clone(),
        _ => panic!("public"),
    };
    assert_eq!(counts(&statement), vec![wanted.iter().map(|v| *v as i64).collect::<Vec<_>>()]);
    // One more that is right, one that was wrong now right, and all counts moved along.
    for change in [&(|c: &mut Vec<i64>| c[0] += 1) as &dyn Fn(&mut Vec<i64>), &|c| c.swap(0, 1), &|c| c.rotate_left(3)] {
        let mut other = counts(&statement);
        change(&mut other[0]);
        let lie = Statement { outputs: Shown::Public(other.clone()), ..statement.clone() };
        assert!(other == counts(&statement) || verify(&spec, points(), &lie, &proof).expect_err("refused").code == "VERIFY_DIGEST");
    }
    // Counts of inputs in the place of labels are none: their digest is of a graph of its own.
    assert!(said(&graph, graph.outputs()[0]).is_some_and(|(v, p)| graph.name(v) == "h1" && p == Predicate::Confusion {}));
    let data = Graph::from_json(&graph.to_json().replace(r#""role":"label""#, r#""role":"data""#)).expect("a graph");
    assert_eq!(said(&data, data.outputs()[0]), None);
}
