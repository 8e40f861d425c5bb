//! Steps of a framework in single precision, compared with SGD in double precision, and with the integers' step.

use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
use pot_circuit::graph::Graph;
use pot_circuit::taken::{differences, require_sgd, STEP_THRESHOLD};
use pot_circuit::tensor::{Formats, Role};
use pot_proof_system::error::PotError;

const BATCH: usize = 8;
const WIDTHS: [usize; 3] = [12, 9, 4];
const RATE_BITS: u32 = 14;

fn graph(loss: DenseLoss) -> Graph {
    let layer = |outputs, relu| DenseLayer::new(outputs, relu, true);
    dense_graph(&Dense {
        formats: Formats { limb_bits: 12, table_bits: 12 },
        bits: 8,
        gradient_bits: 14,
        weight_bits: 36,
        batch: BATCH,
        inputs: WIDTHS[0],
        layers: vec![layer(WIDTHS[1], true), layer(WIDTHS[2], false)],
        loss,
        x_offset: 0,
        y_offset: 0,
    })
    .expect("a graph")
}

/// A step in float32, written out: `[x, y, kernel, bias, kernel, bias]`, and what is trained after it.
struct Step {
    before: Vec<Vec<f32>>,
    after: Vec<Vec<f32>>,
}

fn tensors(n: &mut Numbers, softmax: bool) -> Vec<Vec<f32>> {
    let [m0, m1, m2] = WIDTHS;
    let mut uniform = |len: usize, limit: f32| -> Vec<f32> { (0..len).map(|_| limit * n.signed(1 << 20) as f32 / (1 << 20) as f32).collect() };
    // Data of 8 fractional bits, so that integers have the same.
    let x: Vec<f32> = uniform(BATCH * m0, 1.0).into_iter().map(|v| (v.abs() * 256.0).round() / 256.0).collect();
    let mut y: Vec<f32> = uniform(BATCH * m2, 1.0).into_iter().map(|v| (v.abs() * 256.0).round() / 256.0).collect();
    if softmax {
        y.chunks_mut(m2).enumerate().for_each(|(b, row)| row.iter_mut().enumerate().for_each(|(i, v)| *v = if i == b % m2 { 1.0 } else { 0.0 }));
    }
    vec![x, y, uniform(m1 * m0, 0.5), uniform(m1, 0.1), uniform(m2 * m1, 0.5), uniform(m2, 0.1)]
}

fn taken(before: &[Vec<f32>], softmax: bool, rate: f32) -> Vec<Vec<f32>> {
    let [m0, m1, m2] = WIDTHS;
    let [x, y, k0, b0, k1, b1] = before else { panic!("six tensors") };
    let mut after: Vec<Vec<f32>> = before[2..].to_vec();
    for b in 0..BATCH {
        let x = &x[b * m0..][..m0];
        let h: Vec<f32> = (0..m1).map(|i| (b0[i] + (0..m0).map(|j| k0[i * m0 + j] * x[j]).sum::<f32>()).max(0.0)).collect();
        let z: Vec<f32> = (0..m2).map(|i| b1[i] + (0..m1).map(|j| k1[i * m1 + j] * h[j]).sum::<f32>()).collect();
        let total: f32 = z.iter().map(|v| v.exp()).sum();
        let delta = |i: usize| match softmax {
            true => (z[i].exp() / total - y[b * m2 + i]) / BATCH as f32,
            false => 2.0 * (z[i] - y[b * m2 + i]) / (BATCH * m2) as f32,
        };
        let below: Vec<f32> = (0..m1).map(|j| if h[j] > 0.0 { (0..m2).map(|i| k1[i * m1 + j] * delta(i)).sum() } else { 0.0 }).collect();
        for (i, j) in (0..m1).flat_map(|i| (0..m0).map(move |j| (i, j))) {
            after[0][i * m0 + j] -= rate * below[i] * x[j];
        }
        (0..m1).for_each(|i| after[1][i] -= rate * below[i]);
        for (i, j) in (0..m2).flat_map(|i| (0..m1).map(move |j| (i, j))) {
            after[2][i * m1 + j] -= rate * delta(i) * h[j];
        }
        (0..m2).for_each(|i| after[3][i] -= rate * delta(i));
    }
    after
}

fn step(seed: u64, softmax: bool, rate: f32) -> Step {
    let before = tensors(&mut Numbers(seed), softmax);
    let after = taken(&before, softmax, rate);
    Step { before, after }
}

fn wide(tensors: &[Vec<f32>]) -> Vec<Vec<f64>> {
    tensors.iter().map(|t| t.iter().map(|v| f64::from(*v)).collect()).collect()
}

fn judged(g: &Graph, before: &[Vec<f32>], after: &[Vec<f32>], rate: f64) -> Result<(), PotError> {
    require_sgd(&differences(g, RATE_BITS, &wide(before), &wide(after), rate).expect("of this shape"), STEP_THRESHOLD)
}

const LOSSES: [DenseLoss; 2] = [DenseLoss::MeanSquaredError, DenseLoss::SoftmaxCrossEntropy];

#[test]
fn honest_steps_in_single_precision_are_accepted() {
    for (i, loss) in LOSSES.into_iter().enumerate() {
        let (g, softmax) = (graph(loss), loss == DenseLoss::SoftmaxCrossEntropy);
        for (seed, rate) in [(3, 0.1), (4, 0.01), (5, 1.0)] {
            let Step { before, after } = step(seed + 10 * i as u64, softmax, rate);
            let all = differences(&g, RATE_BITS, &wide(&before), &wide(&after), f64::from(rate)).expect("of this shape");
            assert_eq!(all.iter().map(|d| (&d.layer[..], d.tensors.len())).collect::<Vec<_>>(), [("h0", 2), ("h1", 2)]);
            for d in &all {
                assert!(d.relative() < 0.002 && d.expected_norm() > 0.0, "{d:?}");
                assert!((d.actual_norm() / d.expected_norm() - 1.0).abs() < 0.01, "{d:?}");
            }
            require_sgd(&all, STEP_THRESHOLD).expect("an honest step");
        }
    }
}

#[test]
fn other_steps_are_refused_with_the_layer_and_by_how_much() {
    for loss in LOSSES {
        let (g, softmax) = (graph(loss), loss == DenseLoss::SoftmaxCrossEntropy);
        let Step { before, after } = step(7, softmax, 0.1);
        let refused = |before: &[Vec<f32>], after: &[Vec<f32>], rate: f64| {
            let e = judged(&g, before, after, rate).expect_err("refused");
            assert_eq!(e.code, "STEP_NOT_SGD");
            (e.details["layer"].as_str().expect("a layer").to_string(), e.details["relative"].as_f64())
        };
        // A rate that is wrong by 10 %.
        let relative = refused(&before, &after, 0.1 / 1.1).1.expect("a number");
        assert!((relative - 0.1).abs() < 0.01, "{relative}");
        // Nothing was done; labels of another batch; one bias moved elsewhere.
        assert!((refused(&before, &before[2..], 0.1).1.expect("a number") - 1.0).abs() < 0.01);
        let mut other = before.clone();
        // By a sample: rows stay one-hot.
        other[1].rotate_left(WIDTHS[2]);
        refused(&other, &after, 0.1);
        for (tensor, layer) in [(0, "h0"), (1, "h0"), (3, "h1")] {
            let mut moved = after.clone();
            moved[tensor][0] += 0.5;
            assert_eq!(refused(&before, &moved, 0.1).0, layer);
            moved[tensor][0] = f32::NAN;
            assert_eq!(refused(&before, &moved, 0.1), (layer.to_string(), None));
        }
        let shape = |after: &[Vec<f32>]| differences(&g, RATE_BITS, &wide(&before), &wide(after), 0.1).expect_err("refused").code;
        assert_eq!([shape(&after[1..]), shape(&before)], ["INPUT_SHAPE"; 2]);
    }
}

/// What the float step gives is as near to the integers' as two limbs say, 2^23 units of 2^-36.
#[test]
fn an_honest_step_is_within_the_tolerance_of_the_integers() {
    for loss in LOSSES {
        let (g, softmax) = (graph(loss), loss == DenseLoss::SoftmaxCrossEntropy);
        let outputs = WIDTHS[2] as f64;
        let factor = if softmax { 1.0 } else { 2.0 / outputs } / BATCH as f64;
        // A rate that both can write.
        let (eta, rate) = (200i128, 200.0 / f64::from(RATE_BITS).exp2() / factor);
        let Step { before, after } = step(11, softmax, rate as f32);
        let integers = |tensors: &[Vec<f32>], from: usize| -> Vec<Vec<i128>> {
            let scale = |i: usize| f64::from(g.facts(i + from).bits).exp2();
            tensors.iter().enumerate().map(|(i, t)| t.iter().map(|v| (f64::from(*v) * scale(i)).round() as i128).collect()).collect()
        };
        let mut exact = integers(&before, 0);
        training(&g, RATE_BITS).expect("differentiable").step(&mut exact, eta, None).expect("in range");
        assert!(g.tensors()[2..].iter().all(|t| t.role == Role::Trained));
        let furthest = exact[2..].iter().zip(integers(&after, 2)).flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()).collect::<Vec<_>>());
        let furthest = furthest.max().expect("weights");
        assert!(furthest > 0 && furthest < 1 << 23, "{furthest}");
        judged(&g, &before, &after, rate).expect("an honest step");
    }
}
