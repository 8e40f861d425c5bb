//! A stranger's specifications and statements: refused with a code, before they cost anything.

use super::{points, published};
use crate::circuit::networks::{dense, Draft};
use crate::circuit::BITS;
use pot_circuit::layout::Shape;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::Round;
use pot_circuit::plan::Like;
use pot_circuit::prove::Verifier;
use pot_circuit::statement::{Kind, Named, Spec, Statement};
use std::time::{Duration, Instant};

fn spec() -> Spec {
    Spec::planned(&dense(2, [5, 4, 3]), Kind::Infer, Named::Graph, Like::default()).expect("a shape")
}

#[test]
fn settings_have_one_text() {
    let good = spec();
    let (graph, text) = (good.graph_text(), good.settings_text());
    assert_eq!(text, published(&good).settings_text());
    let code = |settings: &str| Spec::read(&graph, settings).map(drop).expect_err("refused").code;
    for other in [
        text.replace("\"version\":1", "\"version\":2"),
        text.replace("\"kind\":\"infer\"", "\"kind\":\"Infer\""),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"train\":{}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"train\":{\"rateBits\":8}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"train\":{\"rateBits\":8,\"steps\":-1}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"train\":{\"rateBits\":8,\"steps\":1,\"more\":1}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"step\":{\"rateBits\":8}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"step\":{\"rateBits\":8,\"toleranceLimbs\":-1}}"),
        text.replace("\"kind\":\"infer\"", "\"kind\":{\"genesis\":{}}"),
        text.replace("{\"version\"", "{ \"version\""),
        text.replace("\"lanes\"", "\"lanes\":1,\"lanes\""),
        text.replace("\"weights\":\"graph\"", "\"weights\":\"none\""),
        text.replace("\"weights\":\"graph\",", ""),
        text.replace("{\"version\":1", "{\"version\":1,\"extra\":0"),
        text.replace("\"k\":", "\"k\":-"),
        text.replace("\"k\":", "\"k\":1e3"),
        text.replace("\"k\":", "\"k\":99999999999"),
        " ".repeat(5000),
        String::new(),
    ] {
        assert_ne!(other, text);
        assert_eq!(code(&other), "SPEC_INVALID", "{other}");
    }
    assert_eq!(Spec::read(&graph.replace("\"t0\"", "\"t 0\""), &text).map(drop).expect_err("refused").code, "GRAPH_INVALID");
    for other in ["", "{}", "[]", "{\"context\":1}"] {
        assert_eq!(Statement::from_json(other).expect_err("refused").code, "PUBLIC_INVALID");
    }
}

fn refused(spec: &Spec, code: &str, message: &str) {
    let start = Instant::now();
    let e = Verifier::new(spec, points()).map(drop).expect_err("refused");
    assert!(e.code == code && e.message.contains(message), "{e}");
    assert!(start.elapsed() < Duration::from_secs(20), "{e}: {:?}", start.elapsed());
}

#[test]
fn shapes_that_are_too_large() {
    let good = spec();
    let shaped = |change: fn(&mut Shape)| {
        let mut settings = *good.settings();
        change(&mut settings.shape);
        Spec::new(good.graph().clone(), settings).expect("this version")
    };
    refused(&shaped(|s| s.k = 13), "SRS_TOO_SMALL", "points are needed");
    refused(&shaped(|s| s.k = u32::MAX), "SRS_TOO_SMALL", "points are needed");
    refused(&shaped(|s| s.k = 0), "CIRCUIT_SHAPE", "a shape has");
    let wide: [fn(&mut Shape); 4] = [|s| s.weight_columns = usize::MAX, |s| s.data_columns = 257, |s| s.lanes = 65, |s| s.lane_columns = 0];
    for wide in wide {
        refused(&shaped(wide), "CIRCUIT_SHAPE", "a shape has");
    }
    // Each number fits, and all together are more than there is a key for.
    refused(&shaped(|s| (s.lanes, s.lane_columns) = (64, 256)), "CIRCUIT_TOO_LARGE", "columns of cells");
    refused(&shaped(|s| (s.lanes, s.lane_columns) = (64, 8)), "CIRCUIT_TOO_LARGE", "columns of cells");
}

/// Units of many kinds, each with selectors and gates of its own in every lane.
#[test]
fn graphs_of_many_kinds() {
    let mut d = Draft::new();
    let x = d.data(&[1, 1]);
    let mut last = x;
    for i in 0..72u32 {
        let range = [Range::Wide, Range::Relu, Range::Half][i as usize % 3];
        // A kind is its operator's attributes and its input's bits.
        let gradient_bits = i / 3;
        last = d.node(Round { bits: BITS, gradient_bits, range }, &[last]);
        d.output(last);
    }
    let graph = d.graph();
    let shape = Shape { k: 12, weight_columns: 1, frozen_columns: 1, data_columns: 1, output_columns: 8, lanes: 64, lane_columns: 4 };
    let settings = pot_circuit::statement::Settings { version: 1, kind: Kind::Infer, weights: Named::Graph, shape };
    refused(&Spec::new(graph, settings).expect("this version"), "CIRCUIT_TOO_LARGE", "gates of");
}
