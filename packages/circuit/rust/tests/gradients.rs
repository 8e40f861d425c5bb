//! Gradients in doubles are those of finite differences.

use crate::common::draft::{entries, random, Draft};
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::bound::Bound;
use pot_circuit::execute::run;
use pot_circuit::graph::Graph;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{Matmul, MeanSquaredError, Round, SoftmaxCrossEntropy, Sum, View};
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

/// A weight with 12 fractional bits.
fn rounded(d: &mut Draft, w: &str) -> String {
    d.node(Round { bits: 12, gradient_bits: 12, range: Range::Half }, &[w])
}

#[test]
fn a_value_that_is_used_more_often_than_a_sum_takes_inputs_gets_all_its_gradients() {
    let mut d = Draft::default();
    let (w, y) = (d.tensor(Role::Trained, &[1], 36), d.tensor(Role::Label, &[1], 12));
    let small = rounded(&mut d, &w);
    let uses = vec![small.as_str(); 64];
    let parts: Vec<String> = (0..3).map(|_| d.node(Sum::of(64), &uses)).collect();
    let all = d.node(Sum::of(3), &parts.iter().map(String::as_str).collect::<Vec<_>>());
    let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&all, &y]);
    let t = training(&d.graph(&[&loss]).expect("in range"), 12).expect("differentiable");
    let run = run(&t.graph, &[vec![2i128 << 24], vec![5], vec![1]], None).expect("in range");
    assert_eq!(run.values[t.updates[0].2], [192 * (192 * 2 - 5)]);
}

#[test]
fn what_has_no_gradient_is_refused_by_name() {
    let refusal = |g: Graph| {
        let e = training(&g, 12).map(|_| ()).expect_err("refused");
        (e.code, e.details["reason"].as_str().map(str::to_string), e.details["at"].as_str().map(str::to_string))
    };
    let answer = |reason: &str, at: Option<&str>| ("GRAPH_INVALID", Some(reason.to_string()), at.map(str::to_string));
    let mut d = Draft::default();
    let (w, y) = (d.tensor(Role::Trained, &[2], 36), d.tensor(Role::Label, &[2], 12));
    let v = d.tensor(Role::Trained, &[2], 36);
    let small = rounded(&mut d, &w);
    let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&small, &y]);
    let aside = d.node(Sum::of(1), &[&v]);
    assert_eq!(refusal(d.graph(&[&loss, &aside]).expect("a graph")), answer("noGradient", Some(&v)));

    let mut d = Draft::default();
    let (w, y) = (d.tensor(Role::Trained, &[2], 12), d.tensor(Role::Label, &[2], 12));
    let first = d.node(MeanSquaredError { gradient_bits: 12 }, &[&w, &y]);
    let second = d.node(MeanSquaredError { gradient_bits: 12 }, &[&first, &y]);
    assert_eq!(refusal(d.graph(&[&second]).expect("a graph")), answer("loss", Some(&first)));

    let mut d = Draft::default();
    let w = d.tensor(Role::Trained, &[2], 12);
    let out = d.node(Sum::of(1), &[&w]);
    assert_eq!(refusal(d.graph(&[&out]).expect("a graph")), answer("loss", None));

    let mut d = Draft::default();
    let (x, y) = (d.tensor(Role::Data, &[2], 12), d.tensor(Role::Label, &[2], 12));
    let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&x, &y]);
    assert_eq!(refusal(d.graph(&[&loss]).expect("a graph")), answer("noGradient", None));
    // Gradients of gradients.
    let mut n = Numbers(3);
    let once = training(&random(&mut n, 3), 12).expect("differentiable").graph;
    assert!(training(&once, 12).is_err());
}

#[test]
fn losses_of_different_factors_are_not_trained_together() {
    // Squared errors of `a` and `b` entries, and a cross-entropy of as many rows as `rows` says.
    let together = |a: usize, b: usize, rows: usize| {
        let mut d = Draft::default();
        let w = d.tensor(Role::Trained, &[1], 36);
        let small = d.node(Round { bits: 12, gradient_bits: 14, range: Range::Half }, &[&w]);
        let mut losses = vec![];
        for (len, gradient_bits) in [(a, 12), (b, 14)] {
            let y = d.tensor(Role::Label, &[len, 1], 12);
            let z = d.node(View::Broadcast { shape: vec![len] }, &[&small]);
            losses.push(d.node(MeanSquaredError { gradient_bits }, &[&z, &y]));
        }
        let y = d.tensor(Role::Label, &[rows, 1], 0);
        let z = d.node(View::Broadcast { shape: vec![rows] }, &[&small]);
        losses.push(d.node(SoftmaxCrossEntropy { gradient_bits: 13, smoothing: 0 }, &[&z, &y]));
        let t = training(&d.graph(&losses.iter().map(String::as_str).collect::<Vec<_>>()).expect("in range"), 12);
        (t, losses)
    };
    // 2/4, 2/4 and 1/2: z - y at 14 bits, which is 2 and 1, four entries each, and what the cross-entropy of one class gives: nothing.
    let (t, _) = together(4, 4, 2);
    let t = t.expect("of one factor");
    let entries = [vec![3i128 << 24], vec![1; 4], vec![2; 4], vec![1; 2], vec![1]];
    let run = run(&t.graph, &entries, None).expect("in range");
    assert_eq!(run.values[t.updates[0].2], [4 * 2 * 4 + 4 * 4]);
    for (a, b, rows, at) in [(4, 2, 2, 1), (4, 4, 4, 2), (4, 4, 1, 2), (2, 4, 1, 1)] {
        let (t, losses) = together(a, b, rows);
        let e = t.map(|_| ()).expect_err("refused");
        assert_eq!((e.code, e.details["reason"].as_str(), e.details["at"].as_str()), ("GRAPH_INVALID", Some("loss"), Some(&*losses[at])), "{e}");
    }
}

#[test]
fn a_loss_that_nothing_trained_reaches_may_have_any_factor() {
    let mut d = Draft::default();
    let (w, x) = (d.tensor(Role::Trained, &[1], 36), d.tensor(Role::Data, &[3], 12));
    let (y, other) = (d.tensor(Role::Label, &[1], 12), d.tensor(Role::Label, &[3], 12));
    let small = rounded(&mut d, &w);
    let aside = d.node(MeanSquaredError { gradient_bits: 12 }, &[&x, &other]);
    let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&small, &y]);
    assert!(training(&d.graph(&[&aside, &loss]).expect("in range"), 12).is_ok());
}

#[test]
fn a_gradient_of_fewer_bits_than_it_is_rounded_to_is_refused_at_the_round_that_it_is_of() {
    // The hidden value has a gradient of `loss` + 12 bits from the product, which is rounded to `gradient_bits`.
    let refusal = |loss: u32, gradient_bits: u32, range: Range| {
        let mut d = Draft::default();
        let (w, x, y) = (d.tensor(Role::Trained, &[1, 1], 36), d.tensor(Role::Data, &[1, 1], 12), d.tensor(Role::Label, &[1, 1], 0));
        let hidden = d.node(Round { bits: 12, gradient_bits, range }, &[&w]);
        let raw = d.node(Matmul::default(), &[&x, &hidden]);
        let z = d.node(Round { bits: 0, gradient_bits: loss, range: Range::Half }, &[&raw]);
        let loss = d.node(MeanSquaredError { gradient_bits: loss }, &[&z, &y]);
        let e = training(&d.graph(&[&loss]).expect("in range"), 0).map(|_| ()).err()?;
        assert!(e.message.contains("the difference must be 0 to 52") && e.message.contains("gradientBits"), "{e}");
        Some((e.code, e.details["reason"].as_str().map(str::to_string), e.details["at"].as_str() == Some(&*hidden)))
    };
    for range in [Range::Half, Range::Wide, Range::Relu] {
        for (loss, bits) in [(0, 0), (0, 11), (0, 12), (0, 13), (1, 13), (1, 14), (11, 23), (11, 24), (12, 24)] {
            let wanted = (bits > loss + 12).then(|| ("GRAPH_INVALID", Some("shape".to_string()), true));
            assert_eq!(refusal(loss, bits, range), wanted, "{loss} {bits}");
        }
    }
}

#[test]
fn gradients_that_pass_a_round_as_they_are_keep_their_bounds() {
    // Each stage takes 2^20 times what the one before gives, and its round has nothing to do.
    let stages = |count: usize| {
        let mut d = Draft::default();
        let (w, y) = (d.tensor(Role::Trained, &[1], 36), d.tensor(Role::Label, &[1], 12));
        let mut h = rounded(&mut d, &w);
        for _ in 0..count {
            let raw = d.node(Sum { coefficients: vec![1 << 20], reduce: 0 }, &[&h]);
            h = rounded(&mut d, &raw);
        }
        let loss = d.node(MeanSquaredError { gradient_bits: 12 }, &[&h, &y]);
        training(&d.graph(&[&loss]).expect("in range"), 12).map_err(|e| (e.code, e.details["at"] == w.as_str(), e.details["bits"].as_u64()))
    };
    for count in 0..=3 {
        let t = stages(count).expect("in range");
        let gradient = t.updates[0].2;
        assert_eq!(t.graph.bound(gradient), Bound::of(24 + 20 * count as u32));
        match run(&t.graph, &[vec![0], vec![-1], vec![1]], None) {
            // Beyond `half`, which is 2^23.
            Ok(run) => assert_eq!(run.values[gradient], [1i128 << (20 * count)]),
            // The weight would move by 2^(60 + 12).
            Err(e) => assert_eq!((count, e.code), (3, "WEIGHT_RANGE")),
        }
    }
    // 24 + 80 bits, 17 of the rate, 12 of the shift, 53 of the steps, and one.
    assert_eq!(stages(4).map(|_| ()), Err(("GRAPH_BOUNDS", true, Some(24 + 80 + 17 + 12 + 53 + 1))));
}
