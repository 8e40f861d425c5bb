//! Layers with activations: what their JSON is, what is refused, and what integers give at extremes.

use crate::common::curves::{curve, entry};
use crate::common::draft::Draft;
use pot_circuit::api;
use pot_circuit::autodiff::training;
use pot_circuit::bound::Bound;
use pot_circuit::execute::run;
use pot_circuit::front::dense::{dense_graph, dense_inference, Dense, DenseActivation, DenseLayer};
use pot_circuit::graph::Graph;
use pot_circuit::ops::activation::{Function, Name};
use pot_circuit::ops::{Activation, Op, Sum};
use pot_circuit::tensor::Role;
use pot_proof_system::error::PotError;

fn dense(layers: &str, loss: &str) -> Result<Dense, serde_json::Error> {
    serde_json::from_str(&format!(
        r#"{{"formats":{{"limbBits":12,"tableBits":12}},"bits":8,"gradientBits":14,"weightBits":36,"batch":2,"inputs":3,
            "layers":[{layers}],"loss":"{loss}","xOffset":0,"yOffset":0}}"#
    ))
}

fn network(layers: &str) -> Result<Graph, PotError> {
    dense_graph(&dense(layers, "meanSquaredError").expect("layers"))
}

#[test]
fn layers_without_activations_make_the_graphs_that_they_made() {
    let text = r#"{"outputs":4,"relu":true,"bias":true},{"outputs":2,"relu":false,"bias":false}"#;
    let layers = dense(text, "softmaxCrossEntropy").expect("layers");
    let written = Dense { layers: vec![DenseLayer::new(4, true, true), DenseLayer::new(2, false, false)], ..layers.clone() };
    let graph = dense_graph(&layers).expect("a graph");
    assert_eq!(graph, dense_graph(&written).expect("a graph"));
    assert!(graph.to_json().contains(r#"{"name":"h0","op":"round","inputs":["raw0"],"attributes":{"bits":8,"gradientBits":14,"range":"relu"}}"#));
    // ReLU behind the last layer does nothing, as it did nothing.
    let last = text.replace("\"relu\":false", "\"relu\":true");
    assert_eq!(graph, dense_graph(&dense(&last, "softmaxCrossEntropy").expect("layers")).expect("a graph"));
}

#[test]
fn any_layer_takes_an_activation_by_name() {
    let tanh = r#"{"outputs":4,"activation":{"name":"tanh"},"bias":true}"#;
    let elu = r#"{"outputs":2,"activation":{"name":"elu","alpha":4096},"bias":true}"#;
    let graph = network(&format!("{tanh},{elu}")).expect("a graph");
    let node = |name: &str, from: &str, op: &str, alpha: u32| {
        format!(
            r#"{{"name":"{name}","op":"activation","inputs":["{from}"],"attributes":{{"activation":"{op}","alpha":{alpha},"bits":8,"gradientBits":14}}}}"#
        )
    };
    let json = graph.to_json();
    assert!(json.contains(&node("h0", "raw0", "tanh", 0)) && json.contains(&node("h1", "raw1", "elu", 4096)), "{json}");
    assert_eq!(Graph::from_json(&json).expect("what was written"), graph);
    assert!(training(&graph, 14).is_ok());
    // Forward alone it is the same up to the last activation, whose output is the network's.
    let all = dense(&format!("{tanh},{elu}"), "meanSquaredError").expect("layers");
    let forward = dense_inference(&all).expect("a graph");
    assert_eq!(forward.name(forward.outputs()[0]), "h1");
    assert_eq!(DenseLayer::bent(2, DenseActivation { name: Name::Elu, alpha: 4096 }, true).activation, all.layers[1].activation);
}

#[test]
fn layers_of_two_or_of_no_activation_that_there_is_are_refused() {
    for layers in [
        r#"{"outputs":2,"activation":{"name":"swash"},"bias":true}"#,
        r#"{"outputs":2,"activation":"tanh","bias":true}"#,
        r#"{"outputs":2,"activation":{"name":"elu","alpha":-1},"bias":true}"#,
        r#"{"outputs":2,"activation":{"name":"elu","alpha":0.5},"bias":true}"#,
        r#"{"outputs":2,"activation":{"name":"tanh","beta":1},"bias":true}"#,
        r#"{"outputs":2,"activation":{"alpha":1},"bias":true}"#,
    ] {
        assert!(dense(layers, "meanSquaredError").is_err(), "{layers}");
    }
    let refused = |layers: &str| {
        let e = network(layers).map(|_| ()).expect_err(layers);
        (e.code, e.details["reason"].as_str().map(str::to_string), e.details["at"].as_str().map(str::to_string))
    };
    let answer = |reason: &str| ("GRAPH_INVALID", Some(reason.to_string()), Some("h0".to_string()));
    assert_eq!(refused(r#"{"outputs":2,"relu":true,"activation":{"name":"tanh"},"bias":true}"#), answer("attributes"));
    assert_eq!(refused(r#"{"outputs":2,"activation":{"name":"elu"},"bias":true}"#), answer("shape"));
    assert_eq!(refused(r#"{"outputs":2,"activation":{"name":"gelu","alpha":1},"bias":true}"#), answer("shape"));
    // More bits than a table of [-8, 8) has room for: it says how many fit.
    let wide = Dense { bits: 9, ..dense(r#"{"outputs":2,"activation":{"name":"gelu"},"bias":true}"#, "meanSquaredError").expect("layers") };
    let e = dense_graph(&wide).map(|_| ()).expect_err("refused");
    assert!(e.code == "GRAPH_INVALID" && e.details["at"] == "h0" && e.message.contains("at most 8"), "{e}");
}

/// What `f` makes of sums of data, whose integers reach both ends of a table and of the unit.
fn applied(f: Function, coefficients: [i64; 2], entries: [Vec<i128>; 2]) -> Result<Vec<i128>, PotError> {
    let mut d = Draft::default();
    let parts = [0, 1].map(|_| d.tensor(Role::Data, &[entries[0].len()], 12));
    let raw = d.node(Sum { coefficients: coefficients.to_vec(), reduce: 0 }, &[&parts[0], &parts[1]]);
    let h = d.node(Activation { activation: f.name, alpha: f.alpha, bits: 8, gradient_bits: 14 }, &[&raw]);
    let g = d.graph(&[&h]).expect("in range");
    let value = g.value(&h).expect("a node");
    let out = run(&g, &entries, None)?.values.swap_remove(value);
    assert!(out.iter().all(|v| v.unsigned_abs() <= 1 << g.bound(value).executed));
    Ok(out)
}

#[test]
fn integers_at_the_ends_of_tables_at_halves_and_at_the_ends_of_what_a_unit_takes() {
    for name in Name::ALL {
        let alpha = if [Name::Elu, Name::LeakyRelu, Name::HardSigmoid].contains(name) { 683 } else { 0 };
        let f = Function { name: *name, alpha };
        let of = |z: i128| match name {
            Name::LeakyRelu if z > 0 => z,
            Name::LeakyRelu => (683 * z + 2048) >> 12,
            _ => entry(f, z)[0],
        };
        // One before each end, each end, one beyond; halves on both sides.
        let z = [-2049, -2048, -2047, -1, 0, 1, 2046, 2047, 2048];
        let exact = applied(f, [16, 16], [z.iter().map(|z| z / 2).collect(), z.iter().map(|z| z - z / 2).collect()]).expect("in range");
        assert_eq!(exact, z.map(of), "{name:?}");
        let halves = applied(f, [1, 16], [vec![7, 8, -8, -9, 8, -8], vec![0, 0, 0, 0, 5, -5]]).expect("in range");
        assert_eq!(halves, [0, 1, 0, -1, 6, -5].map(of), "{name:?}");
        // 2^24 is the largest, and -2^24 one too small.
        let large = applied(f, [1 << 18, 1 << 4], [vec![1024, -1023], vec![0, -2048]]).expect("in range");
        assert_eq!(large, [1 << 24, -(1023 << 14) - 2048].map(of), "{name:?}");
        for (first, second) in [(1024, 1), (-1024, 0)] {
            let e = applied(f, [1 << 18, 1 << 4], [vec![first], vec![second]]).expect_err("beyond");
            assert_eq!((e.code, e.details["quantity"].as_str()), ("VALUE_RANGE", Some("pre-activation")), "{name:?}");
        }
    }
}

#[test]
fn bounds_are_those_of_tables_and_of_what_goes_on_as_x() {
    let bound = |activation, alpha| {
        let mut d = Draft::default();
        let x = d.tensor(Role::Data, &[1], 12);
        let h = d.node(Activation { activation, alpha, bits: 8, gradient_bits: 14 }, &[&x]);
        let g = d.graph(&[&h]).expect("in range");
        g.bound(g.value(&h).expect("a node"))
    };
    assert_eq!([bound(Name::Tanh, 0), bound(Name::Softsign, 0)], [Bound::of(11); 2]);
    assert_eq!([bound(Name::Gelu, 0), bound(Name::Elu, 1)], [Bound { executed: 24, proven: 25 }; 2]);
    assert_eq!(bound(Name::LeakyRelu, 1), Bound::of(24));
}

#[test]
fn doubles_are_the_functions_themselves() {
    for name in Name::ALL {
        let f = Function { name: *name, alpha: if [Name::Elu, Name::LeakyRelu, Name::HardSigmoid].contains(name) { 683 } else { 0 } };
        for x in [-40.0, -7.3, -3.0, -1.5, -0.25, 0.0, 0.1, 2.0, 3.1, 9.5, 60.0] {
            let (ours, theirs) = (f.real(x, 12), curve(f, x));
            assert!((0..2).all(|i| (ours[i] - theirs[i]).abs() < 1e-6 * (1.0 + x.abs())), "{name:?} of {x}: {ours:?} {theirs:?}");
        }
    }
}

#[test]
fn the_engine_takes_them_by_name() {
    let text = dense(r#"{"outputs":2,"relu":false,"bias":true}"#, "meanSquaredError").expect("layers");
    assert_eq!(text.layers.len(), 1);
    let json = r#"{"formats":{"limbBits":12,"tableBits":12},"bits":8,"gradientBits":14,"weightBits":36,"batch":1,"inputs":2,"layers":[{"outputs":1,"activation":{"name":"sigmoid"},"bias":true}],"loss":"meanSquaredError","xOffset":0,"yOffset":0}"#;
    let graph = Graph::from_json(&api::dense_inference(json).expect("a graph")).expect("a graph");
    assert!(matches!(graph.node(graph.outputs()[0]).expect("a node").op, Op::Activation(Activation { activation: Name::Sigmoid, .. })));
}
