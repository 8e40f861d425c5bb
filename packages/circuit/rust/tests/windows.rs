//! Several steps in one graph are the same steps one after the other.

use crate::common::draft::{entries, random, Draft};
use crate::common::Numbers;
use pot_circuit::autodiff::{step_name, training, window};
use pot_circuit::graph::Graph;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{MeanSquaredError, Round, Sum};
use pot_circuit::tensor::{Role, Tensor};

fn is_data(t: &Tensor) -> bool {
    matches!(t.role, Role::Data | Role::Label)
}

#[test]
fn a_window_of_random_graphs_is_its_steps_one_after_the_other() {
    const STEPS: usize = 3;
    let mut n = Numbers(0x57e9);
    let (mut same, mut refused) = (0, 0);
    for _ in 0..200 {
        let nodes = 2 + n.below(8);
        let g = random(&mut n, nodes);
        let (once, all) = (training(&g, 12).expect("differentiable"), window(&g, STEPS, 12).expect("differentiable"));
        let rate = 100 + n.below(1000) as i128;
        let batches: Vec<Vec<Vec<i128>>> = (0..STEPS).map(|_| entries(&g, &mut n, 36)).collect();
        let mut tensors = batches[0].clone();
        let mut run = Ok(());
        for batch in &batches {
            let data = g.tensors().iter().enumerate().filter(|(_, t)| is_data(t));
            data.for_each(|(v, _)| tensors[v].clone_from(&batch[v]));
            run = run.and_then(|()| once.step(&mut tensors, rate, None).map(drop));
        }
        // Tensors of the first step, and data of the others behind them.
        let mut given = batches[0].clone();
        given.extend(batches[1..].iter().flat_map(|b| b.iter().zip(g.tensors()).filter(|(_, t)| is_data(t)).map(|(e, _)| e.clone())));
        match (run, all.step(&mut given, rate, None)) {
            (Ok(()), Ok(_)) => {
                let weights = g.tensors().iter().enumerate().filter(|(_, t)| t.role == Role::Trained);
                weights.for_each(|(v, t)| assert_eq!(given[v], tensors[v], "{}", t.name));
                same += 1;
            }
            (Err(one), Err(other)) => {
                assert_eq!(one.code, other.code);
                refused += 1;
            }
            (one, other) => panic!("{one:?}, and in one graph {:?}", other.map(drop)),
        }
    }
    assert!(same > 100, "{same} the same, {refused} out of range");
}

#[test]
fn names_of_steps_are_none_from_outside() {
    assert_eq!([step_name("x", 0), step_name("x", 2)], ["x", "x@2"]);
    let long = "x".repeat(64);
    let mut d = Draft::default();
    let (x, y) = (d.tensor(Role::Data, &[1, 1], 12), d.tensor(Role::Label, &[1, 1], 12));
    let w = d.tensor(Role::Trained, &[1, 1], 36);
    let raw = d.node(Sum::of(2), &[&x, &w]);
    let z = d.node(Round { bits: 12, gradient_bits: 12, range: Range::Half }, &[&raw]);
    let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&z, &y]);
    let text = d.graph(&[&loss]).expect("a graph").to_json().replace(&format!("\"{x}\""), &format!("\"{long}\""));
    let g = Graph::from_json(&text).expect("a name of 64 characters");
    let w = window(&g, 500, 12).expect("names of steps are longer");
    assert!(w.graph.value(&format!("{long}@499")).is_some());
    let e = Graph::from_json(&text.replace(&long, "x@1")).expect_err("refused");
    assert_eq!(e.details["reason"], "name");
    assert!(window(&g, 2000, 12).is_ok(), "more values than a text may have");
    for (steps, reason) in [(0, "size"), (4096, "size")] {
        assert_eq!(window(&g, steps, 12).map(drop).expect_err("refused").details["reason"], reason, "{steps}");
    }
}
