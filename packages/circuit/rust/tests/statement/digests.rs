//! The digest of a graph's weights is that of pot-sgd's windows, for the same weights in as many columns of as many rows.

use super::{points, tensors, Net};
use pot_circuit::circuit::Parts;
use pot_circuit::front::dense::{dense_graph, dense_inference};
use pot_circuit::graph::Graph;
use pot_circuit::layout::Shape;
use pot_circuit::plan::Like;
use pot_circuit::prove::{Prover, Salt};
use pot_circuit::statement::field::to_hex;
use pot_circuit::statement::{content_numbers, graph_digest, Group, Kind, Named, Spec};
use pot_circuit::tensor::Role;
use pot_sgd::prover::Prover as Windows;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{weight_layout, weights_digest};

fn nets() -> Vec<Net> {
    vec![
        Net { inputs: 7, layers: vec![(5, true, true), (3, false, true)], batch: 2, softmax: false },
        Net { inputs: 7, layers: vec![(5, true, true), (3, false, true)], batch: 2, softmax: true },
        Net { inputs: 40, layers: vec![(1, false, false), (9, true, true), (2, false, false)], batch: 3, softmax: false },
        Net { inputs: 1, layers: vec![(1, false, true)], batch: 1, softmax: true },
    ]
}

fn like(shape: pot_sgd::spec::Shape) -> Like {
    Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() }
}

fn trained(graph: &Graph, tensors: &[Vec<i128>]) -> Vec<i64> {
    let of = graph.tensors().iter().zip(tensors).filter(|(t, _)| t.role == Role::Trained);
    of.flat_map(|(_, v)| v.iter().map(|v| *v as i64)).collect()
}

fn same(net: &Net, window: &SgdSpec) {
    let shape = window.shape.expect("planned");
    let named = if net.softmax { Named::SoftmaxCrossEntropy } else { Named::MeanSquaredError };
    let forward = dense_inference(&net.dense()).expect("a graph");
    let mut specs = vec![Spec::planned(&forward, Kind::Infer, named, like(shape)).expect("a shape")];
    if !net.softmax {
        let kind = Kind::sgd(super::SCALES.e, 1);
        specs.push(Spec::planned(&dense_graph(&net.dense()).expect("a graph"), kind, named, like(shape)).expect("a shape"));
    }
    let mut windows = Windows::new(points().clone());
    for spec in specs {
        let entries = tensors(spec.graph(), 5);
        let weights = trained(spec.graph(), &entries);
        let theirs = windows.commit_weights(window, &weights, &[6; 32]).expect("in range");
        let (ours, digest) = Prover::new(&spec, points()).expect("a key").commit_weights(&entries, &Salt::new([6; 32])).expect("of this shape");
        assert_eq!(ours, theirs, "{:?}", spec.settings());
        assert_eq!(digest, weights_digest(window, &theirs).expect("points"), "{:?}", spec.settings());
        let parts = spec.parts().expect("a circuit");
        assert_eq!(content_numbers(&spec, &parts, Group::Weights).expect("dense").1, weight_layout(window).expect("planned"));
    }
}

#[test]
fn weights_have_the_digest_that_windows_give_them() {
    for net in nets() {
        let mut window = net.window();
        same(&net, &window);
        // Another number of columns, in more rows where need be.
        let shape = window.shape.as_mut().expect("planned");
        (shape.k, shape.weight_columns) = (10, shape.weight_columns + 2);
        same(&net, &window);
    }
}

/// Of larger networks the places alone, and the numbers that digests begin with; inference has them where training has.
#[test]
fn weights_lie_where_windows_have_them() {
    let layers = |widths: &[usize]| widths.iter().enumerate().map(|(i, w)| (*w, i % 2 == 0, i % 3 != 1)).collect::<Vec<_>>();
    for (inputs, widths, k) in [(784, &[128, 10][..], 14), (784, &[128, 10], 19), (33, &[1, 64, 2, 9, 3], 12), (5, &[300, 7], 13)] {
        let net = Net { inputs, layers: layers(widths), batch: 2, softmax: true };
        for columns in [1, 3, 8, 20] {
            let mut window = net.window();
            let shape = window.shape.as_mut().expect("planned");
            (shape.k, shape.weight_columns) = (k, columns);
            let Ok(theirs) = pot_sgd::network::Network::new(&window) else { continue };
            let graph = dense_inference(&net.dense()).expect("a graph");
            let spec = Spec::planned(&graph, Kind::Infer, Named::SoftmaxCrossEntropy, like(shape_of(&window))).expect("a shape");
            let parts = spec.parts().expect("a circuit");
            let places = |parts: &Parts| parts.layout.weights[0].matrices.iter().map(|m| (m.run.row0, m.chunks, m.rows, m.width)).collect::<Vec<_>>();
            assert_eq!(places(&parts), places(&theirs.parts));
            assert_eq!(content_numbers(&spec, &parts, Group::Weights).expect("dense").1, weight_layout(&window).expect("planned"));
        }
    }
}

fn shape_of(window: &SgdSpec) -> pot_sgd::spec::Shape {
    window.shape.expect("planned")
}

#[test]
fn what_is_no_window_has_no_digest_of_one() {
    let net = &nets()[0];
    let like = Like { k: Some(9), weight_columns: Some(3), ..Like::default() };
    let code = |graph: &Graph, kind: Kind, named: Named| {
        let spec = Spec::planned(graph, kind, named, like).expect("a shape");
        Prover::new(&spec, points()).expect("a key").commit_weights(&tensors(graph, 1), &Salt::new([1; 32])).err().map(|e| e.code)
    };
    let forward = dense_inference(&net.dense()).expect("a graph");
    assert_eq!(code(&forward, Kind::Infer, Named::MeanSquaredError), None);
    assert_eq!(code(&forward, Kind::Infer, Named::Graph), None);
    let text = forward.to_json();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        Graph::from_json(&text.replacen(from, to, 1)).expect("a graph")
    };
    // A coefficient, a gradient's bits, a range, and frozen weights.
    for other in [
        changed("[1,1]", "[1,2]"),
        changed("\"gradientBits\":10", "\"gradientBits\":9"),
        changed("\"half\"", "\"wide\""),
        changed("\"role\":\"trained\"", "\"role\":\"frozen\""),
    ] {
        assert_eq!(code(&other, Kind::Infer, Named::MeanSquaredError), Some("SPEC_INVALID"), "{}", other.to_json());
        assert_eq!(code(&other, Kind::Infer, Named::Graph), None);
    }
    let regression = dense_graph(&net.dense()).expect("a graph");
    assert_eq!(code(&regression, Kind::sgd(8, 1), Named::MeanSquaredError), None);
    // Another loss, or a rate of other bits.
    assert_eq!(code(&regression, Kind::sgd(8, 1), Named::SoftmaxCrossEntropy), Some("SPEC_INVALID"));
    assert_eq!(code(&regression, Kind::sgd(7, 1), Named::MeanSquaredError), Some("SPEC_INVALID"));
}

/// Digests differ where what they are of differs: the function, the numbers, the place.
#[test]
fn digests_tell_networks_apart() {
    let net = &nets()[0];
    let digest = |graph: &Graph, named: Named, like: Like| {
        let spec = Spec::planned(graph, Kind::Infer, named, like).expect("a shape");
        let (points, digest) = Prover::new(&spec, points()).expect("a key").commit_weights(&tensors(graph, 1), &Salt::new([1; 32])).expect("fits");
        (points, to_hex(&digest))
    };
    let like = Like { k: Some(9), weight_columns: Some(3), ..Like::default() };
    let forward = dense_inference(&net.dense()).expect("a graph");
    let mut linear = net.dense();
    linear.layers[0].relu = false;
    let linear = dense_inference(&linear).expect("a graph");
    let squared = digest(&forward, Named::MeanSquaredError, like);
    let all = [
        squared.clone(),
        digest(&forward, Named::SoftmaxCrossEntropy, like),
        digest(&forward, Named::Graph, like),
        digest(&linear, Named::MeanSquaredError, like),
        digest(&forward, Named::MeanSquaredError, Like { weight_columns: Some(4), ..like }),
        digest(&forward, Named::MeanSquaredError, Like { k: Some(10), ..like }),
    ];
    for (i, (_, a)) in all.iter().enumerate() {
        assert!(all[i + 1..].iter().all(|(_, b)| a != b), "{i}");
    }
    // The same numbers in the same places, whatever is computed with them.
    assert_eq!(digest(&linear, Named::MeanSquaredError, like).0, squared.0);
    assert_eq!(digest(&linear, Named::Graph, like).1, digest(&forward, Named::Graph, like).1);
    assert_ne!(graph_digest(&forward), graph_digest(&linear));
}

#[test]
fn a_specification_has_one_digest() {
    let forward = dense_inference(&nets()[0].dense()).expect("a graph");
    let base = Spec::planned(&forward, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
    let shaped = |change: fn(&mut Shape)| {
        let mut settings = *base.settings();
        change(&mut settings.shape);
        Spec::new(forward.clone(), settings).expect("this version").digest()
    };
    let mut other = *base.settings();
    other.weights = Named::MeanSquaredError;
    let renamed = Graph::from_json(&forward.to_json().replace("\"x\"", "\"z\"")).expect("a graph");
    let all = [
        base.digest(),
        shaped(|s| s.k += 1),
        shaped(|s| s.lanes += 1),
        shaped(|s| s.output_columns += 1),
        Spec::new(forward.clone(), other).expect("this version").digest(),
        Spec::new(renamed, *base.settings()).expect("this version").digest(),
    ];
    for (i, a) in all.iter().enumerate() {
        assert!(!all[i + 1..].contains(a), "{i}");
    }
    assert_eq!(super::published(&base).digest(), base.digest());
}
