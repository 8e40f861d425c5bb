//! The graphs of these tests: each form and unit that has a circuit, in each role.

use super::{BITS, FORMATS, GRADIENT_BITS, WEIGHT_BITS};
use crate::common::Numbers;
use pot_circuit::front::adapters::{adapted, Adapter, Lora};
use pot_circuit::front::local::{local_graph, Local};
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{Matmul, MeanSquaredError, Op, Round, SoftmaxCrossEntropy, Sum, Value};
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

/// The same under softmax with cross-entropy. Labels have an offset, so that what is committed as one can be -1.
pub fn classification<const N: usize>(batch: usize, widths: [usize; N]) -> Graph {
    let mut d = Draft::new();
    let x = d.data(&[batch, widths[0]]);
    let y = d.tensor(Role::Label, &[batch, widths[N - 1]], 0, 1);
    let mut ranges: Vec<Range> = (0..N - 2).map(|i| if i % 2 == 0 { Range::Relu } else { Range::Wide }).collect();
    ranges.push(Range::Half);
    let z = layers(&mut d, x, &widths, &ranges);
    let loss = d.node(SoftmaxCrossEntropy { gradient_bits: GRADIENT_BITS }, &[z, y]);
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
        let loss = d.node(SoftmaxCrossEntropy { gradient_bits: GRADIENT_BITS }, &[z, y]);
        d.output(loss);
    }
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
