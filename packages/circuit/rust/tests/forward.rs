//! Graphs that are read, or built by hand, are forward ones: what gradients alone have is refused, since it is believed.

use crate::common::draft::random;
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{Emit, Matmul, Op, Round, RoundGradient, Sgd};
use pot_circuit::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

fn of(e: &PotError) -> (&str, Option<&str>, Option<&str>) {
    (e.code, e.details["reason"].as_str(), e.details["at"].as_str())
}

fn read(tensors: &str, nodes: &str, output: &str) -> PotError {
    let json = format!(r#"{{"version":1,"limbBits":12,"tableBits":12,"tensors":[{tensors}],"nodes":[{nodes}],"outputs":["{output}"]}}"#);
    Graph::from_json(&json).map(|_| ()).expect_err("refused")
}

const X: &str = r#"{"name":"x","role":"data","shape":[1,1],"bits":12}"#;

#[test]
fn updates_that_reset_a_bound_are_not_read() {
    // Products with 59 bits, again and again: 168 bits are what an update says of its output, whatever it is given.
    let frozen = r#"{"name":"f","role":"frozen","shape":[1,1],"bits":56}"#;
    let one = r#"{"name":"one","role":"data","shape":[],"bits":12}"#;
    let product = |name: &str, of: &str| {
        format!(r#"{{"name":"{name}","op":"matmul","inputs":["{of}","f"],"attributes":{{"transposeA":false,"transposeB":false}}}}"#)
    };
    let reset = |name: &str, of: &str| format!(r#"{{"name":"{name}","op":"sgd","inputs":["{of}","x","one"],"attributes":{{}}}}"#);
    let nodes = [product("a", "x"), reset("b", "a"), product("c", "b"), reset("d", "c")].join(",");
    assert_eq!(of(&read(&format!("{X},{frozen},{one}"), &nodes, "d")), ("GRAPH_INVALID", Some("operator"), Some("b")));
}

#[test]
fn masks_by_what_is_no_unit_are_not_read() {
    let nodes = r#"{"name":"g","op":"round_gradient","inputs":["x","x"],"attributes":{"bits":0,"mask":true}}"#;
    assert_eq!(of(&read(X, nodes, "g")), ("GRAPH_INVALID", Some("operator"), Some("g")));
    // Whatever else is wrong with it.
    assert_eq!(of(&read(X, &nodes.replace(",\"mask\":true", ""), "g")), ("GRAPH_INVALID", Some("operator"), Some("g")));
}

#[test]
fn rates_are_not_read() {
    let rate = r#"{"name":"r","role":"rate","shape":[],"bits":12}"#;
    let sum = r#"{"name":"s","op":"sum","inputs":["x","r"],"attributes":{"coefficients":[1,1],"reduce":0}}"#;
    assert_eq!(of(&read(&format!("{X},{rate}"), sum, "s")), ("GRAPH_INVALID", Some("tensor"), Some("r")));
}

#[test]
fn a_graph_with_gradients_is_neither_read_nor_differentiated_again() {
    let mut n = Numbers(0xf0);
    for _ in 0..20 {
        let g = training(&random(&mut n, 4), 12).expect("differentiable").graph;
        let emitted = g.nodes().iter().find(|n| n.op.emitted()).expect("an update").name.clone();
        let e = training(&g, 12).map(|_| ()).expect_err("refused");
        assert_eq!(of(&e), ("GRAPH_INVALID", Some("noGradient"), Some(&*emitted)));
        let e = Graph::from_json(&g.to_json()).map(|_| ()).expect_err("refused");
        assert_eq!(of(&e), ("GRAPH_INVALID", Some("tensor"), Some("rate")));
    }
}

fn tensor(name: &str, role: Role, shape: &[usize], bits: u32) -> Tensor {
    Tensor { name: name.into(), role, shape: shape.to_vec(), bits, offset: 0, rate_factor: RateFactor::ONE }
}

#[test]
fn a_builder_takes_forward_graphs_alone_and_is_as_it_was_after_a_refusal() {
    let mut b = Builder::new(Formats { limb_bits: 12, table_bits: 12 }).expect("formats");
    let x = b.tensor(tensor("x", Role::Data, &[1, 1], 12)).expect("a tensor");
    let refused = |r: Result<usize, PotError>, reason: &str, at: &str| {
        let e = r.expect_err("refused");
        assert_eq!(of(&e), ("GRAPH_INVALID", Some(reason), Some(at)), "{e}");
    };
    for role in [Role::Rate, Role::CorrectedRate, Role::Moment, Role::SecondMoment] {
        refused(b.tensor(tensor("r", role, &[], 12)), "tensor", "r");
    }
    refused(b.tensor(tensor("x", Role::Trained, &[1, 1], 36)), "duplicate", "x");
    let w = b.tensor(tensor("w", Role::Trained, &[1, 1], 36)).expect("a tensor");
    let one = b.tensor(tensor("one", Role::Data, &[], 12)).expect("a tensor");
    assert_eq!((b.value("x"), b.value("w"), b.value("r")), (Some(x), Some(w), None));
    refused(b.node("u", Sgd::default().into(), &[w, x, one]), "operator", "u");
    refused(b.emit(Sgd::default().into(), &[w, x, one]), "operator", "sgd:0");
    let raw = b.node("raw", Matmul::default().into(), &[x, w]).expect("a product");
    let z = b.node("z", Round { bits: 12, gradient_bits: 12, range: Range::Relu }.into(), &[raw]).expect("a unit");
    refused(b.node("g", RoundGradient { bits: 12, mask: true }.into(), &[raw, z]), "operator", "g");
    refused(b.node("raw", Matmul::default().into(), &[x, z]), "duplicate", "raw");
    let out = b.node("out", Matmul::default().into(), &[z, z]).expect("a product");
    assert_eq!((b.value("raw"), b.value("out"), b.value("u"), b.value("g")), (Some(raw), Some(out), None, None));
    let last = b.node("last", pot_circuit::ops::Sum::of(2).into(), &[out, one]).expect("a sum");
    let g = b.finish(&[last]).expect("a graph");
    assert_eq!((g.cost().held, g.nodes().len()), (3 + 1 + 3 + 1 + 1, 4));
}

#[test]
fn the_schema_marks_what_is_not_read() {
    let schema = pot_circuit::graph::schema();
    let operators = schema["operators"].as_array().expect("a list");
    let emitted: Vec<&str> = operators.iter().filter(|o| o["emitted"] == true).filter_map(|o| o["name"].as_str()).collect();
    assert_eq!(emitted, ["round_gradient", "clamp_gradient", "activation_gradient", "downscale", "momentum", "second_moment", "ratio", "sgd"]);
    assert!(operators.iter().all(|o| o["emitted"].is_boolean()));
    assert!(Op::from(Sgd::default()).emitted());
    assert_eq!(schema["roles"], serde_json::json!(["data", "label", "trained", "frozen"]));
    assert_eq!(schema["emittedRoles"], serde_json::json!(["rate", "correctedRate", "moment", "secondMoment"]));
}
