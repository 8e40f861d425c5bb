//! The JSON format: what is written is read again, and nothing else is.

use crate::common::draft::random;
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::graph::{schema, Graph};
use pot_circuit::limits::{MAX_JSON, MAX_VALUES};
use pot_proof_system::error::PotError;

const TENSORS: &str = concat!(
    r#"{"name":"x","role":"data","shape":[2,3],"bits":12,"offset":2048},"#,
    r#"{"name":"y","role":"label","shape":[2,4],"bits":0},{"name":"w","role":"trained","shape":[4,3],"bits":36}"#
);
const PRODUCT: &str = r#"{"name":"raw","op":"matmul","inputs":["x","w"],"attributes":{"transposeA":false,"transposeB":true}}"#;
const ROUND: &str = r#"{"name":"z","op":"round","inputs":["raw"],"attributes":{"bits":12,"gradientBits":12,"range":"half"}}"#;
const LOSS: &str = r#"{"name":"loss","op":"softmax_cross_entropy","inputs":["z","y"],"attributes":{"gradientBits":12}}"#;

fn file(tensors: &str, nodes: &[&str]) -> String {
    let nodes = nodes.join(",");
    format!(r#"{{"version":1,"limbBits":12,"tableBits":12,"tensors":[{tensors}],"nodes":[{nodes}],"outputs":["loss"]}}"#)
}

fn good() -> String {
    file(TENSORS, &[PRODUCT, ROUND, LOSS])
}

fn refused(json: &str) -> PotError {
    Graph::from_json(json).map(|_| ()).expect_err(&json[..json.len().min(600)])
}

#[test]
fn graphs_are_read_as_they_were_written() {
    let mut n = Numbers(0x150);
    for _ in 0..100 {
        let steps = 1 + n.below(12);
        let g = random(&mut n, steps);
        let json = g.to_json();
        let again = Graph::from_json(&json).expect("what was written");
        assert_eq!(again, g);
        assert_eq!(again.to_json(), json);
    }
    assert!(Graph::from_json(&good()).is_ok());
}

#[test]
fn each_refusal_has_its_reason_and_names_what_it_is_about() {
    let wide = |dims: &str| TENSORS.replace("[2,3]", dims);
    let cases: Vec<(String, &str, Option<&str>)> = vec![
        (good().replace("\"version\":1", "\"version\":2"), "version", None),
        (good().replace("\"version\":1,", ""), "json", None),
        (good().replace("\"limbBits\":12", "\"limbBits\":3"), "formats", None),
        (good().replace("\"tableBits\":12", "\"tableBits\":13"), "formats", None),
        (good().replace("\"limbBits\":12", "\"limbBits\":12.0"), "json", None),
        (good().replace("\"limbBits\":12", "\"limbBits\":NaN"), "json", None),
        (good().replace("\"limbBits\":12", "\"limbBits\":4294967308"), "json", None),
        (good().replace("\"limbBits\":12", "\"limbBits\":-12"), "json", None),
        (good().replace("\"outputs\"", "\"more\":0,\"outputs\""), "json", None),
        (good().replace("\"role\":\"data\"", "\"role\":\"state\""), "json", None),
        (good().replace("\"offset\"", "\"stride\":1,\"offset\""), "json", None),
        (good().replace("\"op\":\"round\"", "\"op\":\"round\",\"op\":\"round\""), "json", None),
        (good().replace("{\"gradientBits\":12}", "{\"gradientBits\":13,\"gradientBits\":12}"), "canonical", None),
        (good().replace("\"version\":1,", "\"version\":1, "), "canonical", None),
        (format!("{} ", good()), "canonical", None),
        (good().replace("\"offset\":2048", "\"offset\":0"), "canonical", None),
        (format!("{}x", good()), "json", None),
        (good().replace("\"gradientBits\":12}", "\"gradientBits\":12,\"x\":0}"), "attributes", Some("loss")),
        (good().replace("{\"gradientBits\":12}", "{}"), "attributes", Some("loss")),
        (good().replace("{\"gradientBits\":12}", "{\"gradientBits\":1e400}"), "json", None),
        (good().replace("\"gradientBits\":12}}],", "\"gradientBits\":12,\"smoothing\":0}}],"), "canonical", None),
        (good().replace("\"gradientBits\":12}}],", "\"gradientBits\":12,\"smoothing\":1024}}],"), "shape", Some("loss")),
        (good().replace("\"gradientBits\":12}}],", "\"gradientBits\":12,\"smoothing\":-1}}],"), "attributes", Some("loss")),
        (good().replace("\"range\":\"half\"", "\"range\":\"quarter\""), "attributes", Some("z")),
        (good().replace("\"op\":\"round\"", "\"op\":\"squeeze\""), "operator", Some("z")),
        (good().replace("\"name\":\"raw\"", "\"name\":\"x\"").replace("[\"raw\"]", "[\"x\"]"), "duplicate", Some("x")),
        (good().replace("\"name\":\"x\",\"role\"", "\"name\":\"w\",\"role\""), "duplicate", Some("w")),
        (good().replace("\"name\":\"x\",\"role\"", "\"name\":\"a b\",\"role\""), "name", None),
        (good().replace("\"name\":\"x\",\"role\"", "\"name\":\"\",\"role\""), "name", None),
        // Before anything else is said of it: what is no name stands in no error whole.
        (file(&wide("[2,0]").replace("\"name\":\"x\"", &format!("\"name\":\"{}\"", "x".repeat(100_000))), &[PRODUCT, ROUND, LOSS]), "name", None),
        (good().replace("\"name\":\"z\",\"op\":\"round\"", "\"name\":\"\\u0007\",\"op\":\"squeeze\""), "name", None),
        (good().replace("[\"raw\"]", "[\"nothing\"]"), "dangling", Some("z")),
        (good().replace("\"outputs\":[\"loss\"]", "\"outputs\":[\"nothing\"]"), "dangling", None),
        (good().replace("[\"raw\"]", "[\"z\"]"), "cycle", Some("z")),
        (good().replace("[\"x\",\"w\"]", "[\"loss\",\"w\"]"), "cycle", Some("raw")),
        (good().replace("[\"raw\"]", "[\"raw\",\"raw\"]"), "inputs", Some("z")),
        (good().replace("[\"x\",\"w\"]", "[\"x\"]"), "inputs", Some("raw")),
        (good().replace("\"outputs\":[\"loss\"]", "\"outputs\":[]"), "output", None),
        (good().replace("\"outputs\":[\"loss\"]", "\"outputs\":[\"x\",\"loss\"]"), "output", Some("x")),
        (good().replace("\"outputs\":[\"loss\"]", "\"outputs\":[\"loss\",\"loss\"]"), "output", Some("loss")),
        (good().replace("\"outputs\":[\"loss\"]", "\"outputs\":[\"z\"]"), "unused", Some("loss")),
        (file(&format!("{TENSORS},{{\"name\":\"v\",\"role\":\"frozen\",\"shape\":[1],\"bits\":8}}"), &[PRODUCT, ROUND, LOSS]), "unused", Some("v")),
        (good().replace("\"offset\":2048", "\"offset\":4096"), "tensor", Some("x")),
        (good().replace("\"bits\":36", "\"bits\":57"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"offset\":1}"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[1,1]}"), "canonical", None),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[2,4]}"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[0,1]}"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[1,0]}"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[1048577,1]}"), "tensor", Some("w")),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[1]}"), "json", None),
        (good().replace("\"bits\":36}", "\"bits\":36,\"rateFactor\":[2,1]}").replace("trained", "frozen"), "tensor", Some("w")),
        (good().replace("\"role\":\"trained\"", "\"role\":\"rate\""), "tensor", Some("w")),
        (
            good().replace(
                "{\"name\":\"y\",\"role\":\"label\",\"shape\":[2,4],\"bits\":0}",
                "{\"name\":\"y\",\"role\":\"rate\",\"shape\":[],\"bits\":21}",
            ),
            "tensor",
            Some("y"),
        ),
        (good().replace("\"bits\":36", "\"bits\":129"), "shape", Some("w")),
        (good().replace("\"transposeB\":true", "\"transposeB\":false"), "shape", Some("raw")),
        (good().replace("\"bits\":12,\"gradientBits\"", "\"bits\":49,\"gradientBits\""), "shape", Some("z")),
        (good().replace("\"shape\":[2,4]", "\"shape\":[2,5]"), "shape", Some("loss")),
        (file(&wide("[2,0]"), &[PRODUCT, ROUND, LOSS]), "shape", Some("x")),
        (file(&wide("[65536,65536]"), &[PRODUCT, ROUND, LOSS]), "shape", Some("x")),
        (file(&wide("[4294967296,4294967296,3]"), &[PRODUCT, ROUND, LOSS]), "shape", Some("x")),
        (file(&wide("[1,1,1,1,1,2,3]"), &[PRODUCT, ROUND, LOSS]), "shape", Some("x")),
        (file(&wide("[18446744073709551616]"), &[PRODUCT, ROUND, LOSS]), "json", None),
        ("[".repeat(100_000), "json", None),
        (" ".repeat(MAX_JSON + 1), "size", None),
    ];
    for (json, reason, at) in cases {
        let e = refused(&json);
        assert_eq!((e.code, e.details["reason"].as_str(), e.details["at"].as_str()), ("GRAPH_INVALID", Some(reason), at), "{e}");
        assert!(e.message.len() < 1000, "{}", e.message.len());
    }
}

#[test]
fn more_values_or_entries_than_there_may_be_are_refused() {
    let chain = |count: usize| {
        let broadcast = |i: usize, dim: usize| {
            let from = if i == 0 { "raw".into() } else { format!("n{}", i - 1) };
            format!(r#"{{"name":"n{i}","op":"view","inputs":["{from}"],"attributes":{{"kind":"reshape","shape":[{dim}]}}}}"#)
        };
        let mut nodes = vec![PRODUCT.to_string()];
        nodes.extend((0..count).map(|i| broadcast(i, 8)));
        nodes.push(ROUND.replace("[\"raw\"]", &format!("[\"n{}\"]", count - 1)).replace("\"z\"", "\"loss\""));
        let tensors = TENSORS.replace(r#"{"name":"y","role":"label","shape":[2,4],"bits":0},"#, "");
        file(&tensors, &nodes.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(Graph::from_json(&chain(MAX_VALUES - 4)).is_ok());
    assert_eq!(refused(&chain(MAX_VALUES - 3)).details["reason"], "size");
    // 2^24 entries a value, of which 2^26 together are 4.
    let large = format!("{{\"name\":\"x\",\"role\":\"data\",\"shape\":[{}],\"bits\":12}}", 1 << 24);
    let copy = |i: usize| {
        format!(
            r#"{{"name":"n{i}","op":"sum","inputs":["{}"],"attributes":{{"coefficients":[1],"reduce":0}}}}"#,
            if i == 0 { "x".into() } else { format!("n{}", i - 1) }
        )
    };
    let many = |count: usize| {
        let nodes: Vec<String> = (0..count).map(copy).collect();
        let json = file(&large, &nodes.iter().map(String::as_str).collect::<Vec<_>>());
        Graph::from_json(&json.replace("[\"loss\"]", &format!("[\"n{}\"]", count - 1)))
    };
    assert!(many(3).is_ok());
    assert_eq!(many(4).expect_err("refused").details["reason"], "size");
}

#[test]
fn reading_takes_time_in_proportion_to_the_text() {
    // Nodes with as many inputs as there may be, and at the end a name that is looked up and not there.
    let (inputs, ones) = (vec!["\"raw\""; 64].join(","), vec!["1"; 64].join(","));
    let node = |i: usize| format!(r#"{{"name":"n{i}","op":"sum","inputs":[{inputs}],"attributes":{{"coefficients":[{ones}],"reduce":0}}}}"#);
    // The least of some tries: others use the processor too.
    let least = |count: usize| {
        let nodes: Vec<String> = std::iter::once(PRODUCT.to_string()).chain((0..count).map(node)).collect();
        let json = file(TENSORS, &nodes.iter().map(String::as_str).collect::<Vec<_>>());
        let time = |_| {
            let start = std::time::Instant::now();
            assert_eq!(refused(&json).details["reason"], "dangling");
            start.elapsed()
        };
        (0..7).map(time).min().expect("some tries")
    };
    let (few, many) = (least(500), least(4000));
    assert!(many < few * 24, "8 times the nodes: {few:?}, {many:?}");
}

#[test]
fn the_schema_says_each_attribute_that_is_written() {
    let mut n = Numbers(0x5c);
    let schema = schema();
    let operators = schema["operators"].as_array().expect("a list");
    let keys = |v: &serde_json::Value| v.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    for _ in 0..60 {
        let g = training(&random(&mut n, 10), 12).expect("differentiable").graph;
        let written: serde_json::Value = serde_json::from_str(&g.to_json()).expect("JSON");
        for node in written["nodes"].as_array().expect("a list") {
            let op = operators.iter().find(|o| o["name"] == node["op"]).expect("registered");
            let attributes = &node["attributes"];
            match attributes["kind"].as_str() {
                Some(kind) => {
                    let mut named = keys(&op["attributes"]["kind"][kind]);
                    named.push("kind".into());
                    named.sort();
                    assert_eq!(keys(attributes), named);
                }
                None => {
                    // What has a default may be left out.
                    let there = |key: &String| op["attributes"][key]["default"].is_null() || !attributes[key].is_null();
                    let said: Vec<String> = keys(&op["attributes"]).into_iter().filter(there).collect();
                    assert_eq!(keys(attributes), said);
                }
            }
            let count = node["inputs"].as_array().expect("a list").len() as u64;
            assert!(op["inputs"][0].as_u64() <= Some(count) && Some(count) <= op["inputs"][1].as_u64());
        }
    }
}
