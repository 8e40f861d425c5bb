//! docs/operators/constraints.md: every constraint of every circuit that is lied to, with a lie that it alone refuses, and every rule of
//! every operator with what refuses it. Made by these tests, and compared with what is there.
//!
//! After an intended change: `POT_UPDATE=1 cargo test --release -p pot-circuit report::`.

use super::lies::{cases, constraints, refused_by_one, rules_refused, CIRCUITS};
use pot_circuit::ops::schema;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/operators/constraints.md");

const HEAD: &str = "# Constraints, and what notices the loss of each

<!-- Made by tests: POT_UPDATE=1 cargo test --release -p pot-circuit report:: -->

Small circuits of every operator are lied to, with everything that follows from a lie recomputed: sums closed,
accumulators made anew, and what a prover chooses (vectors, outputs, weights after a step) solved for, so that every
equation holds again. A lie that one constraint alone refuses would be accepted by a circuit without it.

";

/// `gate 3, round: 2, outputs at a point`: gate and constraint, without numbers.
fn parted(constraint: &str) -> (String, String) {
    if constraint == "copy" {
        return ("copies".into(), "an operand is the cell that it is a copy of".into());
    }
    let (gate, name) = constraint.split_once(": ").expect("a gate and a constraint");
    let rest = |text: &str| text.split_once(", ").map_or(text.to_string(), |(_, rest)| rest.to_string());
    (rest(gate), rest(name))
}

/// What a lie is, without its place.
fn kind(lie: &str) -> String {
    let word = |at: &str| match at {
        "Export" => "what the scalar column takes for an accumulator's end",
        "Sum" => "an accumulator",
        "BesideData" => "a cell of data beyond a row's width",
        "BesideOutput" => "a cell of outputs beyond a row's width",
        "Header" => "a challenge in the scalar column",
        "Rate" => "the rate",
        "Operand" => "an operand of the scalar column",
        "Result" => "a result of the scalar column",
        "Constant" => "a constant of the scalar column",
        _ => unreachable!("{at}: a lie without words"),
    };
    match lie.split_once('(') {
        Some((name, _)) if !name.is_empty() && name.chars().all(char::is_alphabetic) => word(name).into(),
        _ if lie == "Rate" => word(lie).into(),
        // Places come last.
        _ => [", closed at ", " in [", " of ["].iter().fold(lie, |l, place| l.split(place).next().unwrap_or(l)).to_string(),
    }
}

fn listed(texts: &BTreeSet<String>) -> String {
    texts.iter().cloned().collect::<Vec<_>>().join("; ")
}

/// Gate and constraint: of how many circuits, and which lies it alone refuses.
fn by_constraint() -> BTreeMap<(String, String), (usize, BTreeSet<String>)> {
    let mut all: BTreeMap<(String, String), (usize, BTreeSet<String>)> = BTreeMap::new();
    for (case, refused) in cases().iter().zip(refused_by_one()) {
        let here: BTreeSet<_> = constraints(case).iter().map(|c| parted(c)).collect();
        here.into_iter().for_each(|c| all.entry(c).or_default().0 += 1);
        for (lie, constraint) in refused {
            all.entry(parted(constraint)).or_default().1.insert(kind(lie));
        }
    }
    all
}

/// Operator and rule: what refuses it broken.
fn by_rule() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut all: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (op, rule, constraint) in rules_refused().iter().flatten() {
        let (gate, name) = parted(constraint);
        all.entry((op.to_string(), rule.to_string())).or_default().insert(format!("{gate}: {name}"));
    }
    all
}

fn page() -> String {
    let mut out = HEAD.to_string();
    out.push_str("The circuits:\n\n");
    CIRCUITS.iter().for_each(|(name, _)| writeln!(out, "- {name}").expect("a text takes it"));
    out.push_str("\nA `view` has no circuit but for a slice of one entry of the last axis: others are refused (`GRAPH_UNSUPPORTED`).\n");
    out.push_str("\n## Constraints\n\n| gate | constraint | circuits | lies that it alone refuses |\n|---|---|---|---|\n");
    for ((gate, name), (circuits, lies)) in by_constraint() {
        writeln!(out, "| {gate} | {name} | {circuits} | {} |", listed(&lies)).expect("a text takes it");
    }
    out.push_str(
        "\n## Rules of operators\n\nA rule that is broken at one entry, by the executor itself, and everything downstream as it then follows.\n\n",
    );
    out.push_str("| operator | rule | refused by |\n|---|---|---|\n");
    for ((op, rule), constraints) in by_rule() {
        writeln!(out, "| {op} | {rule} | {} |", listed(&constraints)).expect("a text takes it");
    }
    out
}

#[test]
fn the_page_is_what_the_tests_find() {
    let made = page();
    if std::env::var_os("POT_UPDATE").is_some() {
        std::fs::write(PAGE, &made).expect("the page is written");
    }
    let stored = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert_eq!(stored, made, "docs/operators/constraints.md is another one: POT_UPDATE=1");
}

/// Refused by circuits (refusals.rs).
const WITHOUT_CIRCUIT: &[&str] = &["view"];

#[test]
fn nothing_is_unnoticed() {
    for ((gate, name), (_, lies)) in by_constraint() {
        assert!(!lies.is_empty(), "nothing notices {gate}: {name}");
    }
    let refused = by_rule();
    for op in schema() {
        let name = op["name"].as_str().expect("a name");
        if WITHOUT_CIRCUIT.contains(&name) {
            continue;
        }
        for rule in op["rules"].as_array().expect("a list") {
            let rule = rule.as_str().expect("a rule");
            assert!(refused.contains_key(&(name.into(), rule.into())), "nothing refuses {name} whose {rule} is broken");
        }
    }
}
