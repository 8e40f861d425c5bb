//! Losses and clamps: those of tfjs, and what the executor gives at the ends.

use crate::common::draft::Draft;
use pot_circuit::autodiff::training;
use pot_circuit::execute::run;
use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
use pot_circuit::front::penalties::{penalised, Penalty};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{
    Clamp, GivenGradient, Huber, L2Penalty, MeanAbsoluteError, MeanSquaredError, Op, Round, SigmoidCrossEntropy, SoftmaxCrossEntropy, Sum,
};
use pot_circuit::tensor::{Formats, RateFactor, Role};
use serde_json::Value as Json;

/// Fractional bits of the stored outputs and labels, and of gradients.
const BITS: u32 = 8;
const GRADIENT_BITS: u32 = 14;

/// Made by fixtures/makeLosses.mjs.
fn stored() -> Json {
    serde_json::from_str(include_str!("fixtures/losses.json")).expect("JSON")
}

fn numbers(v: &Json) -> Vec<f64> {
    v.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// The operator of a loss, and fractional bits of its labels.
fn operator(name: &str) -> Option<(Op, u32)> {
    let gradient_bits = GRADIENT_BITS;
    Some(match name {
        "meanSquaredError" => (MeanSquaredError { gradient_bits }.into(), BITS),
        "meanAbsoluteError" | "absoluteDifference" => (MeanAbsoluteError { gradient_bits }.into(), BITS),
        "huberLoss 1" => (Huber { delta: 256, gradient_bits }.into(), BITS),
        "huberLoss 0.5" => (Huber { delta: 128, gradient_bits }.into(), BITS),
        "softmaxCrossEntropy" => (SoftmaxCrossEntropy { gradient_bits, smoothing: 0 }.into(), 0),
        // An eighth, of four classes: 2^-5 each.
        "softmaxCrossEntropy smoothed" => (SoftmaxCrossEntropy { gradient_bits, smoothing: 1 << (GRADIENT_BITS - 5) }.into(), 0),
        "sigmoidCrossEntropy" | "binaryCrossentropy" => (SigmoidCrossEntropy { gradient_bits, smoothing: 0 }.into(), 0),
        // Half of an eighth.
        "sigmoidCrossEntropy smoothed" => (SigmoidCrossEntropy { gradient_bits, smoothing: 1 << (GRADIENT_BITS - 4) }.into(), 0),
        _ => return None,
    })
}

#[test]
fn values_and_gradients_are_those_of_tfjs() {
    let stored = stored();
    let outputs = numbers(&stored["outputs"]);
    let mut compared = 0;
    for case in stored["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("a name");
        let Some((op, label_bits)) = operator(name) else { continue };
        let tables = matches!(op, Op::SoftmaxCrossEntropy(_) | Op::SigmoidCrossEntropy(_));
        let (labels, wanted) = (numbers(&case["labels"]), numbers(&case["gradient"]));
        let mut d = Draft::default();
        let (z, y) = (d.tensor(Role::Data, &[5, 4], BITS), d.tensor(Role::Label, &[5, 4], label_bits));
        let loss = d.node(op, &[&z, &y]);
        let g = d.graph(&[&loss]).expect("a graph");
        let real = run(&g, &[outputs.clone(), labels.clone()], None).expect("doubles have no range");
        let integers = |v: &[f64], bits: u32| v.iter().map(|v| (v * f64::from(bits).exp2()) as i128).collect::<Vec<_>>();
        let exact = run(&g, &[integers(&outputs, BITS), integers(&labels, label_bits)], None).expect("in range");
        let (of_real, of_exact) = (real.losses[0].1, exact.losses[0].1);
        assert!((of_real.value - case["value"].as_f64().expect("a number")).abs() < 1e-6, "{name}: {}", of_real.value);
        assert_eq!((of_real.value, of_real.factor), (of_exact.value, of_exact.factor));
        for (i, wanted) in wanted.iter().enumerate() {
            assert!((real.values[2][i] * of_real.factor - wanted).abs() < 1e-6, "{name}, entry {i}");
            // Tables of 12 bits; the others are exact.
            let allowed = if tables { 1e-3 } else { 1e-7 };
            let found = exact.values[2][i] as f64 / f64::from(GRADIENT_BITS).exp2() * of_exact.factor;
            assert!((found - wanted).abs() < allowed, "{name}, entry {i}: {found} {wanted}");
        }
        compared += 1;
    }
    assert_eq!(compared, 10);
}

#[test]
fn gradients_pass_a_clamp_where_those_of_tfjs_do() {
    let mut d = Draft::default();
    let (w, g) = (d.tensor(Role::Trained, &[6], 36), d.tensor(Role::Data, &[6], 12));
    let small = d.node(Round { bits: BITS, gradient_bits: 12, range: Range::Wide }, &[&w]);
    let held = d.node(Clamp { maximum: 512, minimum: -256 }, &[&small]);
    let loss = d.node(GivenGradient {}, &[&held, &g]);
    let t = training(&d.graph(&[&loss]).expect("a graph"), 12).expect("differentiable");
    let (at, wanted) = ([-1.5, -1.0, -0.5, 0.0, 2.0, 2.25], numbers(&stored()["clip"]));
    let real = run(&t.graph, &[at.to_vec(), vec![1.0; 6], vec![0.5]], None).expect("doubles have no range");
    assert_eq!(real.values[t.updates[0].2], wanted);
    let exact = run(&t.graph, &[at.map(|v| (v * f64::from(36).exp2()) as i128).to_vec(), vec![1; 6], vec![1]], None).expect("in range");
    assert_eq!(exact.values[t.updates[0].2].iter().map(|v| *v as f64).collect::<Vec<_>>(), wanted);
}

#[test]
fn integers_are_held_up_to_two_limbs_beyond_either_end() {
    let mut d = Draft::default();
    let (x, y) = (d.tensor(Role::Data, &[1], 0), d.tensor(Role::Data, &[1], 0));
    let far = d.node(Sum { coefficients: vec![1 << 13, 1], reduce: 0 }, &[&x, &y]);
    let held = d.node(Clamp { maximum: 700, minimum: -300 }, &[&far]);
    let g = d.graph(&[&held]).expect("a graph");
    let of = |x: i128, y: i128| run(&g, &[vec![x], vec![y]], None).map(|r| r.values[3][0]).map_err(|e| e.code);
    let inside = [(0, -301, -300), (0, -300, -300), (0, -299, -299), (0, 0, 0), (0, 699, 699), (0, 700, 700), (0, 701, 700)];
    inside.into_iter().for_each(|(x, y, held)| assert_eq!(of(x, y), Ok(held)));
    // 2047 2^13 and 8892 more are 2^24 and 700, of which 2047 are in one tensor: so the excess ends before.
    assert_eq!([of(2047, 2047), of(-2048, -300)], [Ok(700), Ok(-300)]);
    assert_eq!(of(-2048, -301), Err("VALUE_RANGE"));
}

fn dense(loss: DenseLoss) -> Dense {
    let layer = |outputs, relu| DenseLayer::new(outputs, relu, true);
    Dense {
        formats: Formats { limb_bits: 12, table_bits: 12 },
        bits: 8,
        gradient_bits: 14,
        weight_bits: 36,
        batch: 2,
        inputs: 3,
        layers: vec![layer(4, true), layer(2, false)],
        loss,
        x_offset: 0,
        y_offset: 0,
    }
}

#[test]
fn dense_networks_take_each_loss_by_its_name() {
    for (json, op) in [
        (r#""meanSquaredError""#, Some(MeanSquaredError { gradient_bits: 14 }.into())),
        (r#""softmaxCrossEntropy""#, Some(SoftmaxCrossEntropy { gradient_bits: 14, smoothing: 0 }.into())),
        (r#"{"smoothedCrossEntropy":{"smoothing":819}}"#, Some(SoftmaxCrossEntropy { gradient_bits: 14, smoothing: 819 }.into())),
        (r#"{"sigmoidCrossEntropy":{}}"#, Some(SigmoidCrossEntropy { gradient_bits: 14, smoothing: 0 }.into())),
        (r#"{"sigmoidCrossEntropy":{"smoothing":819}}"#, Some(SigmoidCrossEntropy { gradient_bits: 14, smoothing: 819 }.into())),
        (r#"{"sigmoidCrossEntropy":{"smoothing":8192}}"#, None),
        (r#""meanAbsoluteError""#, Some(MeanAbsoluteError { gradient_bits: 14 }.into())),
        (r#"{"huber":{"delta":256}}"#, Some(Op::from(Huber { delta: 256, gradient_bits: 14 }))),
        (r#"{"huber":{"delta":0}}"#, None),
        (r#"{"huber":{"delta":16777216}}"#, None),
        (r#"{"smoothedCrossEntropy":{"smoothing":8192}}"#, None),
    ] {
        let loss: DenseLoss = serde_json::from_str(json).expect("a loss");
        match (dense_graph(&dense(loss)), op) {
            (Ok(g), Some(op)) => {
                assert_eq!(g.nodes().last().map(|n| &n.op), Some(&op));
                training(&g, 14).expect("differentiable");
            }
            (Err(e), None) => assert_eq!((e.code, e.details["at"].as_str()), ("GRAPH_INVALID", Some("loss")), "{e}"),
            (found, _) => panic!("{json}: {:?}", found.map(|_| ())),
        }
    }
    for json in [r#"{"huber":{}}"#, r#"{"huber":{"delta":1.5}}"#, r#""huber""#, r#""hinge""#, r#"{"meanAbsoluteError":{"delta":1}}"#] {
        assert!(serde_json::from_str::<DenseLoss>(json).is_err(), "{json}");
    }
}

#[test]
fn labels_of_binary_cross_entropy_are_0_or_1_and_logits_within_the_tables() {
    let mut d = Draft::default();
    let (z, y) = (d.tensor(Role::Data, &[1], BITS), d.tensor(Role::Label, &[1], 0));
    let far = d.node(Sum { coefficients: vec![1 << 13], reduce: 0 }, &[&z]);
    let loss = d.node(SigmoidCrossEntropy { gradient_bits: GRADIENT_BITS, smoothing: 0 }, &[&far, &y]);
    let g = d.graph(&[&loss]).expect("a graph");
    let of = |z: i128, y: i128| run(&g, &[vec![z], vec![y]], None).map(|r| r.values[3][0]).map_err(|e| e.code);
    // Of logits of 2^18 / 2^8 there is no exponential; those of 31 2^13 / 2^8 are 992.
    assert_eq!([of(0, 0), of(0, 1), of(31, 0), of(-31, 1)], [Ok(1 << 13), Ok(-(1 << 13)), Ok(1 << 14), Ok(-(1 << 14))]);
    assert_eq!([of(32, 0), of(-32, 0)], [Err("VALUE_RANGE"), Err("VALUE_RANGE")]);
    assert_eq!([of(0, 2), of(0, 4095)], [Err("DATA_LABELS"), Err("DATA_LABELS")]);
}

/// tfjs adds `l2 sum(w^2)` to the mean loss: its gradient is `2 l2 w` more.
#[test]
fn penalties_add_their_gradient_to_the_loss_s_own() {
    let graph = dense_graph(&dense(DenseLoss::MeanSquaredError)).expect("a graph");
    let l2 = |tensor: &str, l2| Penalty { tensor: tensor.into(), l2 };
    let g = penalised(&graph, &[l2("kernel0", 42949673), l2("bias1", 1 << 31)]).expect("a graph");
    assert_eq!(g.outputs().len(), 3);
    let seed = |i: usize, len: usize| (0..len).map(|j| (((i * 31 + j * 17) % 23) as f64 - 11.0) / 16.0).collect::<Vec<_>>();
    let given = |g: &pot_circuit::graph::Graph| -> Vec<Vec<f64>> {
        let tensors = g.tensors().iter().enumerate().map(|(i, t)| seed(i, t.shape.iter().product()));
        tensors.collect()
    };
    let (plain, more) = (training(&graph, 14).expect("differentiable"), training(&g, 14).expect("differentiable"));
    let [a, b] = [&plain, &more].map(|t| run(&t.graph, &[given(&graph), vec![vec![0.5]]].concat(), None).expect("doubles have no range"));
    // 2 of 4 entries.
    let factor = 0.5;
    for (i, (u, v)) in plain.updates.iter().zip(&more.updates).enumerate() {
        let name = &graph.tensors()[u.0].name;
        let lambda = match name.as_str() {
            "kernel0" => 42949673.0 / 4294967296.0,
            "bias1" => 0.5,
            _ => 0.0,
        };
        for (j, w) in a.values[u.0].iter().enumerate() {
            let wanted = factor * a.values[u.2][j] + 2.0 * lambda * w;
            assert!((factor * b.values[v.2][j] - wanted).abs() < 1e-9, "{name} {i} {j}");
        }
        // With as many bits as without a penalty, so momenta and moments have as many.
        assert_eq!(plain.graph.facts(u.2), more.graph.facts(v.2));
    }
    let squares: f64 = seed(2, 12).iter().map(|w| w * w).sum();
    let (_, penalty) = b.losses[1];
    assert!((penalty.value - 42949673.0 / 4294967296.0 * squares).abs() < 1e-9 && penalty.factor == factor);
    for (tensor, strength, reason) in [("kernel0", 0, "attributes"), ("x", 1 << 20, "dangling"), ("nobody", 1 << 20, "dangling")] {
        let e = penalised(&graph, &[l2(tensor, strength)]).map(|_| ()).expect_err("refused");
        assert_eq!((e.code, e.details["reason"].as_str(), e.details["at"].as_str()), ("GRAPH_INVALID", Some(reason), Some(tensor)), "{e}");
    }
    assert!(penalised(&graph, &[l2("kernel0", 1 << 20), l2("kernel0", 1 << 20)]).is_err());
}

/// One factor for all: a penalty of another loss's is refused.
#[test]
fn a_penalty_of_another_factor_is_not_trained_with_a_loss() {
    let of = |denominator| {
        let mut d = Draft::default();
        let (w, y) = (d.tensor(Role::Trained, &[2], 36), d.tensor(Role::Label, &[2], 12));
        let z = d.node(Round { bits: 12, gradient_bits: 12, range: Range::Half }, &[&w]);
        let loss = d.node(MeanAbsoluteError { gradient_bits: 12 }, &[&z, &y]);
        let l2 = d.node(L2Penalty { bits: 12, coefficient: 5, factor: RateFactor { numerator: 1, denominator }, fraction: 12 }, &[&w]);
        training(&d.graph(&[&loss, &l2]).expect("a graph"), 12)
            .map(|t| run(&t.graph, &[vec![1i128 << 30; 2], vec![0; 2], vec![1]], None).expect("in range").values[t.updates[0].2].clone())
    };
    // The sign at 12 bits, and 5 2^-12 of 2^-6 at 12 bits: 5 / 64, rounded.
    assert_eq!(of(2).expect("of one factor"), [4096; 2]);
    assert_eq!(of(3).map(|_| ()).map_err(|e| e.details["reason"].as_str().map(str::to_string)), Err(Some("loss".into())));
}
