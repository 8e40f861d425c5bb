//! Gradients in doubles are those of finite differences.

use crate::common::draft::{entries, random};
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::execute::run;
use pot_circuit::graph::Graph;
use pot_circuit::tensor::Role;

/// What gradients are of: the losses, each over its factor, since a node gives its loss's gradient without it.
fn objective(g: &Graph, tensors: &[Vec<f64>]) -> f64 {
    let run = run(g, tensors, None).expect("doubles have no range");
    run.losses.iter().map(|(_, l)| l.value / l.factor).sum()
}

fn reals(g: &Graph, integers: &[Vec<i128>]) -> Vec<Vec<f64>> {
    let scale = |v: usize| f64::from(g.facts(v).bits).exp2();
    integers.iter().enumerate().map(|(v, e)| e.iter().map(|x| *x as f64 / scale(v)).collect()).collect()
}

#[test]
fn gradients_of_random_graphs_are_those_of_central_differences() {
    let mut n = Numbers(0xd1ff);
    let (mut compared, mut kinks) = (0, 0);
    for _ in 0..120 {
        let steps = 2 + n.below(8);
        let g = random(&mut n, steps);
        let t = training(&g, 12).expect("differentiable");
        let at = reals(&g, &entries(&g, &mut n, 36));
        let mut all = at.clone();
        all.push(vec![0.5]);
        let step = run(&t.graph, &all, None).expect("doubles have no range");
        for (weight, next, gradient) in &t.updates {
            for (i, found) in step.values[*gradient].iter().enumerate() {
                assert_eq!(step.values[*next][i], at[*weight][i] - found * 0.5);
                let moved = |by: f64| {
                    let mut other = at.clone();
                    other[*weight][i] += by;
                    objective(&g, &other)
                };
                let h = 1e-5;
                let (ahead, behind) = ((moved(h) - moved(0.0)) / h, (moved(0.0) - moved(-h)) / h);
                // One-sided slopes differ at a kink of ReLU, where there is no derivative to compare with.
                if (ahead - behind).abs() > 1e-2 * (1.0 + ahead.abs()) {
                    kinks += 1;
                    continue;
                }
                let wanted = (ahead + behind) / 2.0;
                assert!((found - wanted).abs() <= 1e-4 * (1.0 + wanted.abs()), "{}: {found} {wanted}", g.tensors()[*weight].name);
                compared += 1;
            }
        }
    }
    assert!(compared > 1000 && kinks * 10 < compared, "{compared} compared, {kinks} left out");
}

#[test]
fn only_what_is_trained_has_gradients_and_all_of_it() {
    let mut n = Numbers(0xa11);
    for _ in 0..40 {
        let g = random(&mut n, 5);
        let t = training(&g, 12).expect("differentiable");
        let trained: Vec<usize> = (0..g.tensors().len()).filter(|v| g.tensors()[*v].role == Role::Trained).collect();
        assert_eq!(t.updates.iter().map(|u| u.0).collect::<Vec<_>>(), trained);
        // The forward nodes are the same, one value further up.
        assert!(g.nodes().iter().zip(t.graph.nodes()).all(|(a, b)| a.name == b.name && a.op == b.op));
    }
}
