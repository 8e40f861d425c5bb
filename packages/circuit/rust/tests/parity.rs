//! Dense networks: the graph gives pot-sgd's integers bit for bit.

use crate::common::Numbers;
use pot_circuit::autodiff::{training, Training};
use pot_circuit::execute::Run;
use pot_circuit::graph::Graph;
use pot_circuit::ops::Op;
use pot_circuit::tensor::Formats;
use pot_sgd::executor::{Executor, StepReport};
use pot_sgd::spec::{Activation, Kind, Layer, Loss, Mode, Scales, SgdSpec};
use pot_sgd::trace::StepTrace;

pub const FORMATS: [Scales; 3] =
    [Scales { a: 8, d: 14, e: 14, b: 12, p: 12 }, Scales { a: 8, d: 14, e: 14, b: 9, p: 9 }, Scales { a: 10, d: 16, e: 16, b: 14, p: 14 }];

pub fn random_spec(n: &mut Numbers, scales: Scales, loss: Loss) -> SgdSpec {
    let depth = 1 + n.below(4);
    let widths: Vec<usize> = (0..=depth).map(|_| if n.chance(8) { 40 } else { 1 + n.below(9) }).collect();
    let layer = |l: usize, n: &mut Numbers| Layer {
        inputs: widths[l],
        outputs: widths[l + 1],
        activation: match loss {
            _ if l + 1 < depth => *n.pick(&[Activation::Relu, Activation::Relu, Activation::Linear]),
            Loss::SoftmaxCrossEntropy => Activation::Softmax,
            _ => Activation::Linear,
        },
        bias: n.chance(2),
    };
    SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers: (0..depth).map(|l| layer(l, n)).collect(),
        loss,
        batch: 1 + n.below(8),
        steps: 1,
        scales,
        x_offset: 1 << (scales.b - 1),
        y_offset: if loss == Loss::SoftmaxCrossEntropy { 0 } else { 1 << (scales.b - 1) },
        tolerance_limbs: 0,
        lora: None,
        optimizer: None,
        rates_per_step: false,
        penalties: vec![],
        shape: None,
    }
}

/// The graph of a window's layers, without adapters.
pub fn forward_of(s: &SgdSpec) -> Graph {
    pot_sgd::network::graph(&SgdSpec { lora: None, ..s.clone() }).expect("a graph")
}

fn graph_of(s: &SgdSpec) -> Training {
    training(&forward_of(s), s.scales.e).expect("a training graph")
}

pub fn batch(n: &mut Numbers, s: &SgdSpec) -> (Vec<i32>, Vec<i32>) {
    let one = (1i64 << s.scales.a) - 1;
    let x = (0..s.batch * s.inputs()).map(|_| if n.chance(3) { 0 } else { n.signed(one) as i32 }).collect();
    let mut y = vec![0; s.batch * s.outputs()];
    for row in y.chunks_mut(s.outputs()) {
        if s.softmax() {
            row[n.below(row.len())] = 1;
        } else {
            row.iter_mut().for_each(|v| *v = n.signed(one) as i32);
        }
    }
    (x, y)
}

pub fn wide<T: Copy + Into<i128>>(v: &[T]) -> Vec<i128> {
    v.iter().map(|v| (*v).into()).collect()
}

pub fn cell(run: &Run<i128>, node: usize, name: &str) -> Vec<i128> {
    run.cells[node].iter().find(|(n, _)| *n == name).expect("a cell of this name").1.clone()
}

/// Tensors of the graph's order from flat weights, and back.
fn split(t: &Training, x: &[i32], y: &[i32], weights: &[i64]) -> Vec<Vec<i128>> {
    let mut at = 0;
    let mut out = vec![wide(x), wide(y)];
    for (value, _, _) in &t.updates {
        let len = t.graph.facts(*value).len();
        out.push(wide(&weights[at..at + len]));
        at += len;
    }
    assert_eq!(at, weights.len());
    out
}

fn compare(t: &Training, run: &Run<i128>, trace: &StepTrace, report: &StepReport) {
    let g = &t.graph;
    let first = g.tensors().len();
    let depth = trace.layers.len();
    for (l, layer) in trace.layers.iter().enumerate() {
        let h = g.value(&format!("h{l}")).expect("a unit a layer");
        assert_eq!((cell(run, h - first, "z"), cell(run, h - first, "r")), (wide(&layer.z), wide(&layer.r)), "layer {l}");
        if l + 1 == depth {
            let loss = g.value("loss").expect("a loss");
            assert_eq!(run.values[loss], wide(&layer.delta));
            continue;
        }
        assert_eq!(run.values[h], wide(&trace.layers[l + 1].input));
        let back = g.nodes().iter().position(|n| matches!(n.op, Op::RoundGradient(_)) && n.inputs[1] == h).expect("its gradient");
        assert_eq!(run.values[first + back], wide(&layer.delta), "layer {l}");
        let above = &trace.layers[l + 1];
        assert_eq!((cell(run, back, "g"), cell(run, back, "r")), (wide(&above.g), wide(&above.rg)), "layer {l}");
    }
    if let Some(s) = &trace.softmax {
        let loss = g.value("loss").expect("a loss") - first;
        let args: Vec<u64> = s.arg_max.iter().map(|v| *v as u64).collect();
        let unsigned =
            [("hi", &s.hi), ("lo", &s.lo), ("eHi", &s.e_hi), ("eLo", &s.e_lo), ("sum", &s.sum), ("q", &s.q), ("rem", &s.rem), ("argMax", &args)];
        unsigned.into_iter().for_each(|(name, v)| assert_eq!(cell(run, loss, name), wide(v), "{name}"));
        assert_eq!(cell(run, loss, "max"), wide(&s.max));
    }
    let loss = run.losses[0].1;
    assert_eq!((loss.value, loss.correct), (report.loss, report.correct));
}

#[test]
fn units_gradients_losses_and_weights_are_those_of_pot_sgd_bit_for_bit() {
    let mut n = Numbers(0x9a71);
    let mut steps = 0;
    for case in 0..240 {
        let scales = FORMATS[case % 3];
        let loss = if case % 2 == 0 { Loss::SoftmaxCrossEntropy } else { Loss::MeanSquaredError };
        let s = random_spec(&mut n, scales, loss);
        let t = graph_of(&s);
        let limit = 1i64 << (scales.w() - n.below(3) as u32);
        let weights: Vec<i64> = (0..s.weights()).map(|_| n.signed(limit)).collect();
        let mut sgd = Executor::new(&s, weights.clone()).expect("in range");
        for _ in 0..1 + n.below(3) {
            let ((x, y), eta) = (batch(&mut n, &s), 1 + n.below(300) as i64);
            let before = sgd.weights().to_vec();
            let mut tensors = split(&t, &x, &y, &before);
            let ours = t.step(&mut tensors, eta.into(), None);
            let trace = match sgd.step_traced(&x, &y, eta, None) {
                Ok(trace) => trace,
                Err(e) => {
                    assert_eq!(ours.expect_err("refused too").code, e.code);
                    assert_eq!(tensors, split(&t, &x, &y, &before));
                    break;
                }
            };
            let report = Executor::new(&s, before).expect("in range").step(&x, &y, eta, None).expect("in range");
            compare(&t, &ours.expect("taken"), &trace, &report);
            assert_eq!(tensors, split(&t, &x, &y, sgd.weights()));
            steps += 1;
        }
    }
    assert!(steps > 350, "{steps} steps were compared");
}

#[test]
fn exponential_tables_are_those_of_pot_sgd() {
    for scales in FORMATS {
        let formats = Formats { limb_bits: scales.b, table_bits: scales.p };
        let ours = pot_circuit::ops::softmax_cross_entropy::exp_tables(&formats, scales.a);
        assert_eq!(ours, pot_sgd::executor::exp_tables(&scales));
    }
}

#[test]
fn ranges_end_where_those_of_pot_sgd_end() {
    // One weight of 1, so the raw value is the input's: a last layer's range, and a hidden one's, whose next weight is 0.
    let scales = FORMATS[0];
    let mut n = Numbers(1);
    for depth in [1, 2] {
        let mut s = random_spec(&mut n, scales, Loss::MeanSquaredError);
        s.layers = (0..depth).map(|_| Layer { inputs: 1, outputs: 1, activation: Activation::Linear, bias: false }).collect();
        (s.batch, s.x_offset) = (1, 0);
        let t = graph_of(&s);
        for w in [22, 23, 24, 25].map(|bits| 1i64 << (scales.w() + bits - 8)) {
            for sign in [1, -1] {
                let mut weights = vec![0; depth];
                weights[0] = sign * w;
                for x in [255, 256, 257] {
                    let sgd = Executor::new(&s, weights.clone()).expect("in range").step(&[x], &[0], 1, None);
                    let ours = t.step(&mut split(&t, &[x], &[0], &weights), 1, None);
                    assert_eq!(ours.map(|r| r.losses[0].1.value).map_err(|e| e.code), sgd.map(|r| r.loss).map_err(|e| e.code), "{depth} {w} {x}");
                }
            }
        }
    }
}
