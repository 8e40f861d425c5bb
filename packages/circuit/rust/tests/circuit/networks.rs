//! The graphs of these tests: each form and unit that has a circuit, in each role.

use super::{BENT_BITS, BITS, FORMATS, GRADIENT_BITS, TABLE_BITS, WEIGHT_BITS};
use crate::common::Numbers;
use pot_circuit::front::adapters::{adapted, Adapter, Lora};
use pot_circuit::front::local::{local_graph, Local};
use pot_circuit::front::penalties::{penalised, Penalty};
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::activation::Name;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{
    Activation, ArgMax, Clamp, Compare, Huber, Matmul, MeanSquaredError, Op, Round, SigmoidCrossEntropy, SoftmaxCrossEntropy, Sum, Trees, Value, View,
};
use pot_circuit::tensor::{RateFactor, Role, Tensor};

/// Tensors first, then nodes, under numbers as names.
pub struct Draft {
    tensors: Vec<Tensor>,
    nodes: Vec<(Op, Vec<usize>)>,
    outputs: Vec<usize>,
}

/// A value of a draft: a tensor, or a node.
#[derive(Clone, Copy)]
pub enum Of {
    Tensor(usize),
    Node(usize),
}

impl Draft {
    pub fn new() -> Self {
        Self { tensors: vec![], nodes: vec![], outputs: vec![] }
    }
    fn number(of: &Of) -> usize {
        match of {
            Of::Tensor(i) => *i,
            Of::Node(i) => 1000 + i,
        }
    }
    pub fn tensor(&mut self, role: Role, shape: &[usize], bits: u32, offset: i64) -> Of {
        let name = format!("t{}", self.tensors.len());
        self.tensors.push(Tensor { name, role, shape: shape.to_vec(), bits, offset, rate_factor: RateFactor::ONE });
        Of::Tensor(self.tensors.len() - 1)
    }
    pub fn data(&mut self, shape: &[usize]) -> Of {
        self.tensor(Role::Data, shape, BITS, 16)
    }
    pub fn weights(&mut self, shape: &[usize]) -> Of {
        self.tensor(Role::Trained, shape, WEIGHT_BITS, 0)
    }
    pub fn node(&mut self, op: impl Into<Op>, inputs: &[Of]) -> Of {
        self.nodes.push((op.into(), inputs.iter().map(Self::number).collect()));
        Of::Node(self.nodes.len() - 1)
    }
    pub fn round(&mut self, raw: Of, range: Range) -> Of {
        self.node(Round { bits: BITS, gradient_bits: GRADIENT_BITS, range }, &[raw])
    }
    pub fn product(&mut self, a: Of, b: Of, transpose_a: bool, transpose_b: bool) -> Of {
        self.node(Matmul { transpose_a, transpose_b }, &[a, b])
    }
    pub fn output(&mut self, of: Of) {
        self.outputs.push(Self::number(&of));
    }
    pub fn graph(&self) -> Graph {
        let mut b = Builder::new(FORMATS).expect("formats");
        for t in &self.tensors {
            b.tensor(t.clone()).expect("a tensor");
        }
        let value = |n: &usize| -> Value {
            if *n < 1000 {
                *n
            } else {
                n - 1000 + self.tensors.len()
            }
        };
        for (i, (op, inputs)) in self.nodes.iter().enumerate() {
            b.node(&format!("n{i}"), op.clone(), &inputs.iter().map(value).collect::<Vec<_>>()).expect("a node");
        }
        b.finish(&self.outputs.iter().map(value).collect::<Vec<_>>()).expect("a graph")
    }
}

/// Dense layers with biases, of these ranges.
fn layers(d: &mut Draft, x: Of, widths: &[usize], ranges: &[Range]) -> Of {
    let mut h = x;
    for (w, range) in widths.windows(2).zip(ranges) {
        let kernel = d.weights(&[w[1], w[0]]);
        let bias = d.weights(&[w[1]]);
        let raw = d.product(h, kernel, false, true);
        let raw = d.node(Sum::of(2), &[raw, bias]);
        h = d.round(raw, *range);
    }
    h
}

/// An activation of so many bits that a table of small limbs covers [-8, 8).
pub fn activation(name: Name) -> Activation {
    let alpha = if [Name::Elu, Name::LeakyRelu, Name::HardSigmoid].contains(&name) { 21 } else { 0 };
    Activation { activation: name, alpha, bits: TABLE_BITS, gradient_bits: BENT_BITS }
}

/// Dense layers with these activations under the mean squared error, or under a softmax with one more layer.
pub fn bent<const N: usize>(batch: usize, widths: [usize; N], names: &[Name]) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let softmax = names.len() + 2 == N;
    let y = d.tensor(Role::Label, &[batch, widths[N - 1]], if softmax { 0 } else { TABLE_BITS }, if softmax { 1 } else { 16 });
    let mut h = x;
    for (w, name) in widths.windows(2).zip(names) {
        let (kernel, bias) = (d.weights(&[w[1], w[0]]), d.weights(&[w[1]]));
        let raw = d.product(h, kernel, false, true);
        let raw = d.node(Sum::of(2), &[raw, bias]);
        h = d.node(activation(*name), &[raw]);
    }
    let loss = match softmax {
        true => {
            let z = layers(&mut d, h, &widths[N - 2..], &[Range::Half]);
            d.node(SoftmaxCrossEntropy { gradient_bits: GRADIENT_BITS, smoothing: 0 }, &[z, y])
        }
        false => d.node(MeanSquaredError { gradient_bits: BENT_BITS }, &[h, y]),
    };
    d.output(loss);
    d.graph()
}

/// All activations of one sum of data, which reaches both ends of their tables and halves of a rounding.
pub fn activations(width: usize) -> Graph {
    let mut d = Draft::new();
    let parts: Vec<Of> = (0..3).map(|_| d.tensor(Role::Data, &[1, width], BITS, 32)).collect();
    let raw = d.node(Sum { coefficients: vec![1, 16, 1024], reduce: 0 }, &parts);
    for name in Name::ALL {
        let h = d.node(activation(*name), &[raw]);
        d.output(h);
    }
    d.graph()
}

/// Two dense layers with biases, ReLU between them.
pub fn dense(batch: usize, widths: [usize; 3]) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let h = layers(&mut d, x, &widths, &[Range::Relu, Range::Half]);
    d.output(h);
    d.graph()
}

/// Dense layers, ReLU and linear ones in turn, under the mean squared error.
pub fn regression<const N: usize>(batch: usize, widths: [usize; N]) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[N - 1]], BITS, 16);
    let mut ranges: Vec<Range> = (0..N - 2).map(|i| if i % 2 == 0 { Range::Relu } else { Range::Wide }).collect();
    ranges.push(Range::Half);
    let z = layers(&mut d, x, &widths, &ranges);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[z, y]);
    d.output(loss);
    d.graph()
}

/// A dense layer under a loss whose gradient is held between two numbers.
pub fn residuals(batch: usize, widths: [usize; 2], loss: impl Into<Op>) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[1]], BITS, 16);
    let z = layers(&mut d, x, &widths, &[Range::Half]);
    let loss = d.node(loss, &[z, y]);
    d.output(loss);
    d.graph()
}

/// A dense layer under binary cross-entropy. Labels have an offset, so that what is committed as one can be -1.
pub fn binary(batch: usize, widths: [usize; 2], smoothing: u32) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[1]], 0, 1);
    let z = layers(&mut d, x, &widths, &[Range::Half]);
    let loss = d.node(SigmoidCrossEntropy { gradient_bits: GRADIENT_BITS, smoothing }, &[z, y]);
    d.output(loss);
    d.graph()
}

/// L2 penalties of a network's trained tensors of these numbers.
pub fn penalties(graph: &Graph, of: &[usize]) -> Graph {
    let names: Vec<String> = of.iter().map(|t| format!("t{t}")).collect();
    penalised_by_name(graph, &names.iter().map(String::as_str).collect::<Vec<_>>())
}

pub fn penalised_by_name(graph: &Graph, of: &[&str]) -> Graph {
    let penalty = |t: &&str| Penalty { tensor: t.to_string(), l2: 1 << 28 };
    penalised(graph, &of.iter().map(penalty).collect::<Vec<_>>()).expect("a graph")
}

/// A dense layer whose values are clamped, and a frozen one under Huber's loss. Gradients have so few bits that what passes the clamp is
/// not rounded: so what a lie makes of it reaches the weights alone.
pub fn clamped(batch: usize, widths: [usize; 3]) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[2]], BITS, 16);
    let (kernel, bias, frozen) = (d.weights(&[widths[1], widths[0]]), d.weights(&[widths[1]]), d.tensor(Role::Frozen, &[widths[2], widths[1]], 4, 0));
    let raw = d.product(x, kernel, false, true);
    let raw = d.node(Sum::of(2), &[raw, bias]);
    let h = d.node(Round { bits: BITS, gradient_bits: 10, range: Range::Wide }, &[raw]);
    let c = d.node(Clamp { maximum: 30, minimum: -20 }, &[h]);
    let raw = d.product(c, frozen, false, true);
    let z = d.node(Round { bits: BITS, gradient_bits: 6, range: Range::Half }, &[raw]);
    let loss = d.node(Huber { delta: 20, gradient_bits: 6 }, &[z, y]);
    d.output(loss);
    d.graph()
}

/// The same under softmax with cross-entropy. Labels have an offset, so that what is committed as one can be -1.
pub fn classification<const N: usize>(batch: usize, widths: [usize; N]) -> Graph {
    smoothed(batch, widths, 0)
}

/// The same with labels smoothed.
pub fn smoothed<const N: usize>(batch: usize, widths: [usize; N], smoothing: u32) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[N - 1]], 0, 1);
    let mut ranges: Vec<Range> = (0..N - 2).map(|i| if i % 2 == 0 { Range::Relu } else { Range::Wide }).collect();
    ranges.push(Range::Half);
    let z = layers(&mut d, x, &widths, &ranges);
    let loss = d.node(SoftmaxCrossEntropy { gradient_bits: GRADIENT_BITS, smoothing }, &[z, y]);
    d.output(loss);
    d.graph()
}

/// Adapters of these kernels (tensor, rank, alpha) of such a network, on a base whose fractional bits are no whole limbs.
pub fn adapters(graph: &Graph, of: &[(usize, usize, u64)]) -> Graph {
    let adapter = |(tensor, rank, alpha): &(usize, usize, u64)| Adapter { kernel: format!("t{tensor}"), rank: *rank, alpha: *alpha };
    let lora = Lora { base_bits: 17, gradient_bits: GRADIENT_BITS, adapters: of.iter().map(adapter).collect() };
    adapted(graph, &lora).expect("a graph")
}

/// An adapter alone, of so many samples, inputs, outputs and rank.
pub fn local([batch, inputs, outputs, rank]: [usize; 4]) -> Graph {
    let (bits, gradient_bits, weight_bits) = (BITS, GRADIENT_BITS, WEIGHT_BITS);
    let alpha = 2 * rank as u64;
    local_graph(&Local { formats: FORMATS, bits, gradient_bits, weight_bits, batch, inputs, outputs, rank, alpha, x_offset: 16 }).expect("a graph")
}

/// Two softmaxes of other widths and bits, of data alone: they have the high table in common.
pub fn softmaxes() -> Graph {
    let mut d = Draft::new();
    for (classes, bits) in [(3, BITS), (4, 4)] {
        let z = d.tensor(Role::Data, &[2, classes], bits, 16);
        let y = d.tensor(Role::Label, &[2, classes], 0, 0);
        let loss = d.node(SoftmaxCrossEntropy { gradient_bits: GRADIENT_BITS, smoothing: 0 }, &[z, y]);
        d.output(loss);
    }
    d.graph()
}

/// Scores of data, of which predicates are shown: which is the largest, whether it is the last, and whether two of them are within limits.
pub fn predicates() -> Graph {
    let mut d = Draft::new();
    let z = d.data(&[2, 3]);
    let entry = |start| View::Slice { axis: 1, length: 1, start };
    // The same numbers, by a form, so that the choice can be of others.
    let same = d.node(Sum { coefficients: vec![1], reduce: 0 }, &[z]);
    let choice = d.node(ArgMax {}, &[same]);
    let last = d.node(entry(2), &[choice]);
    let class = d.node(Compare { least: Some(1), most: None }, &[last]);
    let first = d.node(entry(0), &[z]);
    let band = d.node(Compare { least: Some(-3), most: Some(-1) }, &[first]);
    let last = d.node(entry(2), &[z]);
    let below = d.node(Compare { least: None, most: Some(4) }, &[last]);
    [choice, class, band, below].into_iter().for_each(|v| d.output(v));
    d.graph()
}

/// Three trees, two of one question; leaves have two values, and many the same.
pub fn grown() -> Trees {
    Trees {
        bits: 2,
        children: vec![2, 4, 6, 0, 0, 0, 0, 0, 9, 0, 0],
        features: vec![1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0],
        leaves: [[5, 1], [5, 1], [-2, 1], [5, 1], [-2, 3], [5, 1], [-2, 1]].concat(),
        outputs: 2,
        roots: vec![0, 1, 8],
        targets: [[0, 1], [0, 1], [0, 1]].concat(),
        thresholds: vec![2, -3, 0, 0, 0, 0, 0, 0, 3, 0, 0],
    }
}

/// The same trees as boosting has them: a value of each leaf, and each tree for one output.
pub fn boosted() -> Trees {
    let leaves = grown().leaves.iter().step_by(2).copied().collect();
    Trees { leaves, outputs: 4, targets: vec![0, 3, 0], ..grown() }
}

/// Scores of trees, and whether the second is within limits.
pub fn forest(trees: Trees) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[2, 3]);
    let z = d.node(trees, &[x]);
    let second = d.node(View::Slice { axis: 1, length: 1, start: 1 }, &[z]);
    let within = d.node(Compare { least: Some(3), most: None }, &[second]);
    [z, within].into_iter().for_each(|v| d.output(v));
    d.graph()
}

/// Scores of trees alone.
pub fn scores(trees: Trees) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[2, 3]);
    let z = d.node(trees, &[x]);
    d.output(z);
    d.graph()
}

/// Of pairs of labels and scores how often each is chosen.
pub fn counts() -> Graph {
    let mut d = Draft::new();
    let z = d.data(&[4, 3]);
    let y = d.tensor(Role::Label, &[4, 3], 0, 16);
    let [choice, label] = [z, y].map(|v| d.node(ArgMax {}, &[v]));
    let pairs = d.product(label, choice, true, false);
    let counted = d.node(Round { bits: 0, gradient_bits: 0, range: Range::Half }, &[pairs]);
    d.output(counted);
    d.graph()
}

/// Fan-out, a residual addition, frozen weights, a kernel that is not transposed, two outputs of other widths.
pub fn residual() -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[3, 4]);
    let w = d.weights(&[4, 4]);
    let frozen = d.tensor(Role::Frozen, &[5, 4], 12, 0);
    let raw = d.product(x, w, false, false);
    let h = d.round(raw, Range::Wide);
    let sum = d.node(Sum { coefficients: vec![1, -2], reduce: 0 }, &[h, x]);
    let raw = d.product(sum, frozen, false, true);
    let out = d.node(Round { bits: BITS, gradient_bits: GRADIENT_BITS, range: Range::Half }, &[raw]);
    d.output(h);
    d.output(out);
    d.graph()
}

/// Products of activations, of each transposition; a matrix of weights on the left.
pub fn products() -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[4, 3]);
    let w = d.weights(&[2, 4]);
    let left = d.product(w, x, false, false);
    let a = d.round(left, Range::Wide);
    // [2, 3] x [4, 3]^T, and [2, 3]^T x [2, 4].
    let raw = d.product(a, x, false, true);
    let b = d.node(Round { bits: BITS, gradient_bits: GRADIENT_BITS, range: Range::Half }, &[raw]);
    let raw = d.product(a, b, true, false);
    let c = d.node(Round { bits: BITS, gradient_bits: GRADIENT_BITS, range: Range::Wide }, &[raw]);
    d.output(c);
    d.graph()
}

/// No product at all: sums of data alone, repeated along the rows, without a remainder.
pub fn sums() -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[2, 3, 5]);
    let y = d.data(&[3, 5]);
    let z = d.data(&[5]);
    let raw = d.node(Sum { coefficients: vec![3, -1, 2], reduce: 0 }, &[x, y, z]);
    let out = d.round(raw, Range::Relu);
    d.output(out);
    d.graph()
}

/// A random graph of all of that.
pub fn random(n: &mut Numbers) -> Graph {
    let mut d = Draft::new();
    let (rows, width) = (1 + n.below(3), 1 + n.below(6));
    let x = d.data(&[rows, width]);
    let mut last = (x, width);
    // With (value, width), all of `rows` rows.
    let mut values = vec![last];
    for _ in 0..1 + n.below(4) {
        let (from, k) = *n.pick(&values);
        let m = 1 + n.below(6);
        let range = *n.pick(&[Range::Half, Range::Wide, Range::Relu]);
        let transpose = n.chance(2);
        let role = if n.chance(3) { Role::Frozen } else { Role::Trained };
        let w = d.tensor(role, &if transpose { [m, k] } else { [k, m] }, WEIGHT_BITS, 0);
        let mut raw = d.product(from, w, false, transpose);
        if n.chance(2) {
            let bias = d.weights(&[m]);
            raw = d.node(Sum::of(2), &[raw, bias]);
        }
        let mut h = d.round(raw, range);
        let same: Vec<_> = values.iter().filter(|(_, w)| *w == m).copied().collect();
        if let Some((other, _)) = same.first().filter(|_| n.chance(2)) {
            let raw = d.node(Sum { coefficients: vec![1, *n.pick(&[1, -1, 3])], reduce: 0 }, &[h, *other]);
            h = d.round(raw, Range::Wide);
        }
        last = (h, m);
        values.push(last);
    }
    // What nothing uses is an output, and so is the last.
    let used: Vec<usize> = d.nodes.iter().flat_map(|n| &n.1).copied().collect();
    for i in 0..d.nodes.len() {
        let number = 1000 + i;
        if matches!(d.nodes[i].0, Op::Round(_)) && !used.contains(&number) {
            d.outputs.push(number);
        }
    }
    d.graph()
}
