//! Graphs that are broken at random, token by token: each is refused with a code, or is a graph.

use crate::common::draft::random;
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::graph::Graph;
use std::collections::BTreeMap;

/// Strings, numbers, words and marks, as they stand.
fn tokens(json: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![];
    let mut inside = false;
    for c in json.chars() {
        let word = |c: char| c.is_alphanumeric() || c == '-';
        let last = out.last().and_then(|t| t.chars().last());
        match last {
            Some(l) if inside || (c != '"' && word(c) && word(l)) => out.last_mut().expect("one").push(c),
            _ => out.push(c.to_string()),
        }
        inside ^= c == '"';
    }
    out
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "3",
    "12",
    "60",
    "64",
    "127",
    "128",
    "129",
    "4096",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1.5",
    "1e9",
    "NaN",
];

/// End of the element of a list or object that begins at `start`.
fn end(tokens: &[String], start: usize) -> usize {
    let mut depth = 0i32;
    for (i, t) in tokens.iter().enumerate().skip(start) {
        let closes = t == "}" || t == "]";
        if depth == 0 && (closes || t == ",") {
            return i;
        }
        depth += i32::from(t == "{" || t == "[") - i32::from(closes);
    }
    tokens.len()
}

fn mutate(n: &mut Numbers, t: &mut Vec<String>) {
    let kind = |s: &String, k: usize| match k {
        0 => s.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
        1 => s.starts_with('"'),
        2 => s == "true" || s == "false",
        _ => s == ",",
    };
    let k = n.below(5).min(3);
    let places: Vec<usize> = (0..t.len()).filter(|i| kind(&t[*i], k)).collect();
    if places.is_empty() {
        return;
    }
    let at = *n.pick(&places);
    match k {
        0 => t[at] = n.pick(NUMBERS).to_string(),
        // Another string of the file: keys, names, operators and roles meet.
        1 => t[at] = t[*n.pick(&places)].clone(),
        2 => t[at] = if t[at] == "true" { "false".into() } else { "true".into() },
        // An element of a list or object is doubled or left out.
        _ => {
            let stop = end(t, at + 1);
            let part: Vec<String> = t[at..stop].to_vec();
            t.splice(at..stop, if n.chance(2) { [part.clone(), part].concat() } else { vec![] });
        }
    }
}

#[test]
fn broken_graphs_are_refused_by_code_or_are_graphs() {
    let mut n = Numbers(0xf022);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for case in 0..6000 {
        let steps = 1 + n.below(6);
        let mut g = random(&mut n, steps);
        if case % 3 == 0 {
            g = training(&g, 12).expect("differentiable").graph;
        }
        let mut t = tokens(&g.to_json());
        assert_eq!(t.concat(), g.to_json());
        for _ in 0..1 + n.below(3) {
            mutate(&mut n, &mut t);
        }
        let json = t.concat();
        let reason = match Graph::from_json(&json) {
            Ok(g) => {
                assert_eq!(g.to_json(), json);
                // A graph that was taken is differentiated or refused by code as well.
                let _ = training(&g, 12).map_err(|e| assert!(e.code.starts_with("GRAPH_"), "{e}"));
                "taken".to_string()
            }
            Err(e) => match e.code {
                "GRAPH_BOUNDS" => "bounds".into(),
                "GRAPH_INVALID" => e.details["reason"].as_str().expect("a reason").to_string(),
                code => panic!("{code}: {json}"),
            },
        };
        *reasons.entry(reason).or_default() += 1;
    }
    for wanted in [
        "taken",
        "json",
        "canonical",
        "shape",
        "attributes",
        "operator",
        "duplicate",
        "dangling",
        "cycle",
        "inputs",
        "unused",
        "output",
        "tensor",
        "formats",
        "version",
    ] {
        assert!(reasons.contains_key(wanted), "{wanted} never met: {reasons:?}");
    }
}
