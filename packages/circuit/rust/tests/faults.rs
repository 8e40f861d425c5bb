//! The fault hook: every rule of every operator can be broken, and is noticed downstream.

use crate::common::draft::{entries, random};
use crate::common::Numbers;
use crate::optimizers::{rate_bits, RULES};
use pot_circuit::autodiff::optimised;
use pot_circuit::execute::{run, Fault};
use pot_circuit::ops::schema;
use std::collections::BTreeSet;

#[test]
fn each_rule_of_each_node_changes_its_output_or_cells_and_nothing_before_it() {
    let mut n = Numbers(0xfa17);
    let (mut broken, mut reached) = (BTreeSet::new(), BTreeSet::new());
    for case in 0..120 {
        let steps = 2 + n.below(8);
        let rule = RULES[case % RULES.len()];
        let g = optimised(&random(&mut n, steps), 1, rate_bits(&rule), &rule).expect("differentiable").graph;
        let mut tensors = entries(&g, &mut n, 35);
        *tensors.last_mut().expect("the rate") = vec![1000];
        let Ok(honest) = run(&g, &tensors, None) else { continue };
        for (i, node) in g.nodes().iter().enumerate() {
            let value = g.tensors().len() + i;
            for rule in node.op.rules() {
                let (mut changed, mut taken) = (false, false);
                for entry in 0..g.facts(value).len() {
                    // What a lie leads to may leave the ranges: then there is no witness of it.
                    let Ok(lie) = run(&g, &tensors, Some(&Fault { node: &node.name, rule, entry })) else { continue };
                    taken = true;
                    assert_eq!(lie.values[..value], honest.values[..value], "{} {rule}", node.name);
                    changed |= lie.values[value] != honest.values[value] || lie.cells[i] != honest.cells[i];
                    if g.outputs().iter().any(|o| *o > value && lie.values[*o] != honest.values[*o]) {
                        reached.insert((node.op.name(), *rule));
                    }
                }
                // A mask over what is zero changes nothing, nor does a slope.
                let silent = ["mask", "slope"].contains(rule) && honest.cells[i][0].1.iter().all(|v| *v == 0);
                assert!(changed || silent || !taken, "{} {rule}", node.name);
                if changed {
                    broken.insert((node.op.name(), *rule));
                }
            }
        }
    }
    // What has no gradient is in none of these graphs: circuit/lies.rs breaks each of its rules.
    let trained = schema().into_iter().filter(|op| !["compare", "argmax", "trees"].iter().any(|name| op["name"] == *name));
    let all = trained.flat_map(|op| {
        let rules = op["rules"].as_array().expect("a list").clone();
        rules.into_iter().map(move |r| (op["name"].as_str().expect("a name").to_string(), r.as_str().expect("a rule").to_string()))
    });
    for (op, rule) in all {
        assert!(broken.iter().any(|(o, r)| *o == op && *r == rule), "{op} {rule} never changed its output");
        // Those are outputs themselves.
        let output = ["sgd", "second_moment"].contains(&op.as_str());
        assert!(output || reached.iter().any(|(o, r)| *o == op && *r == rule), "{op} {rule} never reached an output");
    }
}

#[test]
fn a_fault_of_no_node_or_rule_is_refused() {
    let mut n = Numbers(7);
    let g = random(&mut n, 3);
    let tensors = entries(&g, &mut n, 30);
    let name = g.nodes()[0].name.clone();
    for (node, rule) in [("nobody", "value"), (name.as_str(), "courtesy")] {
        let e = run(&g, &tensors, Some(&Fault { node, rule, entry: 0 })).expect_err("refused");
        assert_eq!(e.code, "GRAPH_FAULT");
    }
}
