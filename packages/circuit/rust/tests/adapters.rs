//! Adapters on a frozen base: the graph gives pot-sgd's integers bit for bit.

use crate::common::Numbers;
use crate::parity::{batch, cell, forward_of, random_spec, wide, FORMATS};
use pot_circuit::autodiff::{optimised, training, window, Training};
use pot_circuit::execute::Run;
use pot_circuit::front::adapters::{adapted, Adapter, Lora};
use pot_circuit::graph::Graph;
use pot_circuit::ops::{Op, RoundGradient};
use pot_circuit::optimizer::Optimizer;
use pot_circuit::tensor::{RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;
use pot_sgd::executor::Executor;
use pot_sgd::spec::{Adapter as Theirs, Lora as TheirLora, Loss, SgdSpec};
use pot_sgd::trace::{LayerTrace, StepTrace};

/// A window's adapters.
pub fn lora_of(s: &SgdSpec) -> Lora {
    let lora = s.lora.as_ref().expect("adapters");
    let adapter = |(l, a): (usize, &Option<Theirs>)| a.map(|a| Adapter { kernel: format!("kernel{l}"), rank: a.rank, alpha: a.alpha });
    let adapters = lora.adapters.iter().enumerate().filter_map(adapter).collect();
    Lora { base_bits: lora.base_bits, gradient_bits: s.scales.d, adapters }
}

/// The graph of a window's layers and adapters, or of one adapter alone.
pub fn graph_of(s: &SgdSpec) -> Graph {
    pot_sgd::network::graph(s).expect("a graph")
}

fn random_adapters(n: &mut Numbers, mut s: SgdSpec) -> SgdSpec {
    // eta is a multiple of 36, so (alpha/rank)^2 eta is an integer.
    let adapter = |l: &pot_sgd::spec::Layer, n: &mut Numbers| {
        let ranks: Vec<usize> = [1, 2, 3, 6].into_iter().filter(|r| *r <= l.inputs.min(l.outputs)).collect();
        Some(Theirs { rank: *n.pick(&ranks), alpha: 1 + n.below(6) as u64 })
    };
    let mut adapters: Vec<Option<Theirs>> = s.layers.iter().map(|l| if n.chance(3) { None } else { adapter(l, n) }).collect();
    let at = n.below(s.layers.len());
    adapters[at] = adapters[at].or_else(|| adapter(&s.layers[at], n));
    let base_bits = if n.chance(4) { s.scales.w() } else { 4 + n.below(s.scales.w() as usize - 3) as u32 };
    s.lora = Some(TheirLora { adapters, base_bits, local: false, optimizer: None });
    s
}

pub fn of_role(graph: &Graph, role: Role) -> Vec<usize> {
    (0..graph.tensors().len()).filter(|v| graph.tensors()[*v].role == role).collect()
}

/// Entries of the graph's tensors but the rate, from flat base and flat weights.
fn split(t: &Training, x: &[i32], y: &[i32], base: &[i64], weights: &[i64]) -> Vec<Vec<i128>> {
    let mut out = vec![vec![]; t.graph.tensors().len() - 1];
    (out[0], out[1]) = (wide(x), wide(y));
    for (role, flat) in [(Role::Frozen, base), (Role::Trained, weights)] {
        let mut at = 0;
        for v in of_role(&t.graph, role) {
            let len = t.graph.facts(v).len();
            out[v] = wide(&flat[at..at + len]);
            at += len;
        }
        assert_eq!(at, flat.len());
    }
    out
}

/// The gradient that belongs to a rounding, if there is one.
fn back(t: &Training, h: usize) -> Option<usize> {
    t.graph.nodes().iter().position(|n| matches!(n.op, Op::RoundGradient(RoundGradient { .. })) && n.inputs[1] == h)
}

fn compare(t: &Training, run: &Run<i128>, s: &SgdSpec, trace: &StepTrace) {
    let (g, first) = (&t.graph, t.graph.tensors().len());
    for (l, layer) in trace.layers.iter().enumerate() {
        let h = g.value(&format!("h{l}")).expect("a unit a layer");
        assert_eq!(cell(run, h - first, "z"), wide(&layer.z), "layer {l}");
        match s.adapter(l) {
            // Their remainder is of a raw value of w + a bits.
            Some(_) => assert_eq!(cell(run, h - first, "r"), wide(&layer.r), "layer {l}"),
            None => {
                let more = s.scales.w() - s.base_bits().expect("a base");
                assert!(cell(run, h - first, "r").iter().zip(&layer.r).all(|(ours, theirs)| ours << more == i128::from(*theirs)), "layer {l}");
            }
        }
        if l + 1 == trace.layers.len() {
            assert_eq!(run.values[g.value("loss").expect("a loss")], wide(&layer.delta));
        }
        let below = l >= 1 && l > s.lowest();
        let gradient = (l >= 1).then(|| back(t, g.value(&format!("h{}", l - 1)).expect("a layer"))).flatten();
        assert_eq!(gradient.is_some(), below, "layer {l}");
        if let Some(node) = gradient {
            assert_eq!(cell(run, node, "g"), wide(&layer.g), "layer {l}");
            assert_eq!(run.values[first + node], wide(&trace.layers[l - 1].delta), "layer {l}");
        }
        between(t, run, l, layer);
    }
}

fn between(t: &Training, run: &Run<i128>, l: usize, layer: &LayerTrace) {
    let first = t.graph.tensors().len();
    let unit = t.graph.value(&format!("product{l}.between"));
    assert_eq!(unit.is_some(), layer.adapter.is_some());
    let Some((unit, theirs)) = unit.zip(layer.adapter.as_ref()) else { return };
    assert_eq!((cell(run, unit - first, "z"), cell(run, unit - first, "r")), (wide(&theirs.z), wide(&theirs.r)), "adapter {l}");
    let node = back(t, unit).expect("B' is trained");
    assert_eq!((cell(run, node, "g"), cell(run, node, "r")), (wide(&theirs.g), wide(&theirs.rg)), "adapter {l}");
}

#[test]
fn units_gradients_and_weights_are_those_of_pot_sgd_bit_for_bit() {
    let mut n = Numbers(0xada9);
    let mut steps = 0;
    for case in 0..240 {
        let scales = FORMATS[case % 3];
        let loss = if case % 2 == 0 { Loss::SoftmaxCrossEntropy } else { Loss::MeanSquaredError };
        let s = random_spec(&mut n, scales, loss);
        let s = random_adapters(&mut n, s);
        s.check().expect("a specification");
        let t = training(&graph_of(&s), scales.e).expect("a training graph");
        let most = 1i64 << (s.base_bits().expect("a base") - n.below(2) as u32);
        let base: Vec<i64> = (0..s.base_weights()).map(|_| n.signed(most)).collect();
        let limit = 1i64 << (scales.w() - n.below(3) as u32);
        let weights: Vec<i64> = (0..s.weights()).map(|_| n.signed(limit)).collect();
        let mut sgd = Executor::on(&s, weights, base.clone()).expect("in range");
        for _ in 0..1 + n.below(3) {
            let ((x, y), eta) = (batch(&mut n, &s), 36 * (1 + n.below(9) as i64));
            let before = split(&t, &x, &y, &base, sgd.weights());
            let mut tensors = before.clone();
            let ours = t.step(&mut tensors, eta.into(), None);
            match sgd.step_traced(&x, &y, eta, None) {
                Ok(trace) => compare(&t, &ours.expect("taken"), &s, &trace),
                Err(e) => {
                    assert_eq!(ours.expect_err("refused too").code, e.code);
                    assert_eq!(tensors, before);
                    break;
                }
            }
            assert_eq!(tensors, split(&t, &x, &y, &base, sgd.weights()));
            steps += 1;
        }
    }
    assert!(steps > 350, "{steps} steps were compared");
}

#[test]
fn layer_local_steps_are_those_of_pot_sgd_bit_for_bit() {
    let mut n = Numbers(0x10ca);
    let mut steps = 0;
    for case in 0..90 {
        let scales = FORMATS[case % 3];
        let mut s = random_spec(&mut n, scales, Loss::MeanSquaredError);
        let (inputs, outputs) = (1 + n.below(9), 1 + n.below(9));
        s.layers = vec![pot_sgd::spec::Layer { inputs, outputs, activation: pot_sgd::spec::Activation::Linear, bias: false }];
        let rank = *n.pick(&[1, 2, 3].into_iter().filter(|r| *r <= inputs.min(outputs)).collect::<Vec<_>>());
        let adapters = vec![Some(Theirs { rank, alpha: 1 + n.below(6) as u64 })];
        s.lora = Some(TheirLora { adapters, base_bits: 0, local: true, optimizer: None });
        s.y_offset = 0;
        s.check().expect("a specification");
        let t = training(&graph_of(&s), scales.e).expect("a training graph");
        let weights: Vec<i64> = (0..s.weights()).map(|_| n.signed(1 << scales.w())).collect();
        let mut sgd = Executor::on(&s, weights, vec![]).expect("in range");
        for _ in 0..2 {
            let one = (1i64 << scales.a) - 1;
            let x: Vec<i32> = (0..s.batch * inputs).map(|_| n.signed(one) as i32).collect();
            let half = 1i64 << (2 * scales.b - 1 - if case % 4 == 0 { 0 } else { 6 });
            let y: Vec<i32> = (0..s.batch * outputs).map(|_| (n.signed(half)).min(half - 1) as i32).collect();
            let low = y.iter().map(|g| i128::from(*g).rem_euclid(1 << scales.b)).collect::<Vec<_>>();
            let high = y.iter().map(|g| i128::from(*g).div_euclid(1 << scales.b)).collect::<Vec<_>>();
            let of = |weights: &[i64]| {
                let (a, b) = weights.split_at(rank * inputs);
                vec![wide(&x), low.clone(), high.clone(), wide(a), wide(b)]
            };
            let mut tensors = of(sgd.weights());
            let eta = 36 * (1 + n.below(9) as i64);
            let ours = t.step(&mut tensors, eta.into(), None);
            match sgd.step_traced(&x, &y, eta, None) {
                Ok(trace) => {
                    let (run, theirs) = (ours.expect("taken"), trace.layers[0].adapter.as_ref().expect("an adapter"));
                    let unit = t.graph.value("between").expect("the units between");
                    let first = t.graph.tensors().len();
                    assert_eq!((cell(&run, unit - first, "z"), cell(&run, unit - first, "r")), (wide(&theirs.z), wide(&theirs.r)));
                    let node = back(&t, unit).expect("B' is trained");
                    assert_eq!((cell(&run, node, "g"), cell(&run, node, "r")), (wide(&theirs.g), wide(&theirs.rg)));
                    assert_eq!(tensors, of(sgd.weights()));
                    steps += 1;
                }
                Err(e) => {
                    assert_eq!(ours.expect_err("refused too").code, e.code);
                    break;
                }
            }
        }
    }
    assert!(steps > 100, "{steps} steps were compared");
}

/// Momentum, AdamW and decay: states and rates too, and epsilon of B' by its own factor.
#[test]
fn optimisers_of_adapters_are_those_of_pot_sgd_bit_for_bit() {
    let mut n = Numbers(0x0b71);
    let mut steps = [0; 3];
    for case in 0..90 {
        let (scales, rule) = (FORMATS[case % 2], case % 3);
        let s = random_spec(&mut n, scales, if case % 4 < 2 { Loss::SoftmaxCrossEntropy } else { Loss::MeanSquaredError });
        let mut s = random_adapters(&mut n, s);
        let decay = 12_345 * (case as u64 % 2);
        let factor = 1 << scales.b;
        let optimizer = match rule {
            0 => Optimizer::Sgd { decay: 12_345 },
            1 => Optimizer::Momentum { momentum: factor - 400, decay },
            _ => Optimizer::Adam { beta1: factor - 400, beta2: factor - 4, epsilon: 1 + n.below(40) as u64, decay },
        };
        s.lora.as_mut().expect("adapters").optimizer = Some(optimizer);
        s.check().expect("a specification");
        let rate_bits = if optimizer.corrects() { scales.a + scales.d } else { scales.e };
        let graph = graph_of(&s);
        let t = optimised(&graph, 1, rate_bits, &optimizer).expect("differentiable");
        let most = 1i64 << s.base_bits().expect("a base");
        let base: Vec<i64> = (0..s.base_weights()).map(|_| n.signed(most)).collect();
        let mut weights: Vec<i64> = (0..s.weights()).map(|_| n.signed(1 << (scales.w() - 1))).collect();
        weights.resize(s.checkpoint(), 0);
        let mut sgd = Executor::on(&s, weights, base.clone()).expect("in range");
        let unit = optimizer.unit(graph.tensors()).expect("a common one");
        for number in 0..3 {
            let ((x, y), eta) = (batch(&mut n, &s), (36 * (1 + n.below(9) as i64)) << (7 * u32::from(rule == 2)));
            let rate = optimizer.rates(graph.formats(), unit, eta, number, 1)[0];
            let of = |checkpoint: &[i64]| {
                let (weights, states) = checkpoint.split_at(s.weights());
                let mut tensors = split(&t, &x, &y, &base, weights);
                let mut rest = states;
                for (state, _) in &t.states {
                    let (of_it, behind) = rest.split_at(t.graph.facts(*state).len());
                    (tensors[*state], rest) = (wide(of_it), behind);
                }
                tensors
            };
            let mut tensors = of(sgd.weights());
            let ours = t.steps(&mut tensors, &[rate.into()], None);
            match sgd.step(&x, &y, eta, Some(number)) {
                Ok(_) => {
                    ours.expect("taken");
                    assert_eq!(tensors, of(sgd.weights()), "{optimizer:?}");
                    steps[rule] += 1;
                }
                Err(e) => {
                    assert_eq!(ours.expect_err("refused too").code, e.code);
                    break;
                }
            }
        }
    }
    assert!(steps.iter().all(|s| *s > 30), "{steps:?} steps were compared");
}

/// x = 3, rounded twice through A = 1 and B' = 2: a step moves A by the rate and B' by 9/4 of it.
#[test]
fn each_matrix_moves_by_its_multiple_of_the_rate() {
    let mut n = Numbers(7);
    let mut s = random_spec(&mut n, FORMATS[0], Loss::MeanSquaredError);
    s.layers = vec![pot_sgd::spec::Layer { inputs: 2, outputs: 2, activation: pot_sgd::spec::Activation::Linear, bias: false }];
    s.batch = 1;
    s.lora = Some(TheirLora { adapters: vec![Some(Theirs { rank: 2, alpha: 3 })], base_bits: 20, local: false, optimizer: None });
    let graph = graph_of(&s);
    assert_eq!(graph.tensors()[4].rate_factor, RateFactor { numerator: 9, denominator: 4 });
    assert!(graph.to_json().contains(r#""name":"kernel0.b","role":"trained","shape":[2,2],"bits":36,"rateFactor":[9,4]}"#));
    assert_eq!(Graph::from_json(&graph.to_json()).expect("what was written"), graph);
    let t = window(&graph, 2, s.scales.e).expect("differentiable");
    let one = 1i128 << 36;
    let tensors = vec![vec![256, 0], vec![0, 0], vec![0; 4], vec![one, 0, 0, one], vec![2 * one, 0, 0, one], vec![0, 0], vec![0, 0]];
    let after = |rate: i128| {
        let mut tensors = tensors.clone();
        t.step(&mut tensors, rate, None).map(|run| (run, tensors)).map_err(|e| (e.code, e.details["node"].as_str().map(str::to_string)))
    };
    // z = 2, delta = 2 (2^14 units), g1 = B'^T delta = 4: A -= eta 4 x, B' -= 9/4 eta 2 h1; x and h1 are 1 (2^8 units). Then x is 0.
    let (_, moved) = after(8).expect("in range");
    assert_eq!(moved[3], [one - (8 << (2 + 14 + 8)), 0, 0, one]);
    assert_eq!(moved[4], [2 * one - (18 << (1 + 14 + 8)), 0, 0, one]);
    // No integer; beyond 2^17.
    let refused = |rate| after(rate).map(drop).expect_err("refused").0;
    assert_eq!([refused(6), refused(1 << 16), refused(0)], ["ETA_RANGE"; 3]);
    let largest = ((1i128 << 17) - 1) * 4 / 9 / 4 * 4;
    assert!(after(largest).map_or_else(|e| e.0 != "ETA_RANGE", |_| true));
}

#[test]
fn what_has_no_adapter_is_refused() {
    let mut n = Numbers(3);
    let mut s = random_spec(&mut n, FORMATS[0], Loss::MeanSquaredError);
    s.layers = vec![pot_sgd::spec::Layer { inputs: 3, outputs: 2, activation: pot_sgd::spec::Activation::Linear, bias: true }];
    let forward = forward_of(&s);
    let refused = |graph: &Graph, adapters: &[(&str, usize, u64)]| {
        let adapters = adapters.iter().map(|(kernel, rank, alpha)| Adapter { kernel: kernel.to_string(), rank: *rank, alpha: *alpha }).collect();
        let e: PotError = adapted(graph, &Lora { base_bits: 20, gradient_bits: 14, adapters }).map(drop).expect_err("refused");
        (e.code, e.details["reason"].as_str().unwrap_or_default().to_string(), e.details["at"].as_str().unwrap_or_default().to_string())
    };
    let of = |reason: &str, at: &str| ("GRAPH_INVALID", reason.to_string(), at.to_string());
    for (adapters, reason, at) in [
        (&[("kernel1", 1, 1)][..], "dangling", "kernel1"),
        (&[("x", 1, 1)], "dangling", "x"),
        (&[("bias0", 1, 1)], "shape", "bias0"),
        (&[("kernel0", 0, 1)], "tensor", "kernel0"),
        (&[("kernel0", 3, 1)], "tensor", "kernel0"),
        (&[("kernel0", 1, 0)], "tensor", "kernel0"),
        (&[("kernel0", 1, u64::MAX)], "tensor", "kernel0"),
        (&[("kernel0", 1, 1025)], "tensor", "kernel0.b"),
        (&[("kernel0", 1, 1), ("kernel0", 1, 1)], "duplicate", "kernel0"),
    ] {
        assert_eq!(refused(&forward, adapters), of(reason, at));
    }
    // A left factor.
    let text = forward.to_json().replace(
        r#"["x","kernel0"],"attributes":{"transposeA":false,"transposeB":true}"#,
        r#"["kernel0","x"],"attributes":{"transposeA":false,"transposeB":true}"#,
    );
    let text = text.replace(r#""shape":[2]"#, &format!(r#""shape":[{}]"#, s.batch));
    let text = text
        .replace(&format!(r#""name":"y","role":"label","shape":[{},2]"#, s.batch), &format!(r#""name":"y","role":"label","shape":[2,{}]"#, s.batch));
    assert_eq!(refused(&Graph::from_json(&text).expect("a graph"), &[("kernel0", 1, 1)]), of("shape", "product0"));
    let trained = |t: &&Tensor| t.role == Role::Trained;
    assert_eq!(
        adapted(&forward, &Lora { base_bits: 20, gradient_bits: 14, adapters: vec![] }).expect("all frozen").tensors().iter().filter(trained).count(),
        0
    );
}
