//! Dense networks whose weights have the digest that a window of pot-sgd gives them (docs/protocol/protocol.md, section 5).

use super::{Kind, Named};
use crate::graph::{Graph, Node};
use crate::layout::{WeightGroup, BLINDING_ROWS, LEAST_ROWS};
use crate::ops::round::Range;
use crate::ops::{Op, Value};
use crate::tensor::Role;
use pot_proof_system::error::PotError;

/// A dense layer, and what follows it.
struct Layer {
    inputs: usize,
    outputs: usize,
    bias: bool,
    range: Range,
}

/// A chain of dense layers on one tensor of data.
pub(super) struct Dense {
    layers: Vec<Layer>,
    /// Fractional bits of activations, of gradients, and of the rate.
    scales: [u32; 3],
}

fn refuse(message: &str) -> PotError {
    PotError::new("SPEC_INVALID", format!("weights: {message}: as a graph's alone they have a digest of their own (\"graph\")"))
}

/// What is left to read of a graph.
struct Reader<'a> {
    graph: &'a Graph,
    node: usize,
    tensor: Value,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a Node> {
        let node = self.graph.nodes().get(self.node)?;
        self.node += 1;
        Some(node)
    }
    /// The value of the node that was read last.
    fn last(&self) -> Value {
        self.graph.tensors().len() + self.node - 1
    }
    /// The next trained tensor, in their order.
    fn trained(&mut self) -> Option<Value> {
        let from = self.tensor;
        let found = self.graph.tensors().iter().skip(from).position(|t| t.role == Role::Trained)? + from;
        self.tensor = found + 1;
        Some(found)
    }
}

impl Dense {
    /// Reads a graph as such a network, with the loss that `named` says. Errors: `SPEC_INVALID`.
    pub fn of(graph: &Graph, kind: Kind, named: Named) -> Result<Self, PotError> {
        let found = Self::read(graph, kind, named).ok_or_else(|| refuse("the graph is no chain of dense layers under this loss"))?;
        let rate_bits = match kind {
            Kind::Train { rate_bits, .. } | Kind::Step { rate_bits, .. } => rate_bits,
            Kind::Infer | Kind::Genesis => found.scales[2],
        };
        if found.scales[2] != rate_bits {
            return Err(refuse("windows have weights of as many fractional bits as activations, gradients and rate together"));
        }
        Ok(found)
    }

    fn read(graph: &Graph, kind: Kind, named: Named) -> Option<Self> {
        let tensors = graph.tensors();
        let mut data = tensors.iter().enumerate().filter(|(_, t)| t.role == Role::Data);
        let (mut h, x) = data.next().filter(|(_, t)| t.shape.len() == 2 && data.next().is_none())?;
        let mut reader = Reader { graph, node: 0, tensor: 0 };
        let (mut layers, mut bits, mut last) = (vec![], None, Range::Wide);
        // Until nothing is left, or the loss.
        while graph.nodes().get(reader.node).is_some_and(|n| matches!(n.op, Op::Matmul(_))) {
            let (layer, of_weights, gradient) = Self::layer(&mut reader, h, x.bits)?;
            if last == Range::Half || bits.is_some_and(|b| b != (of_weights, gradient)) {
                return None;
            }
            (h, last, bits) = (reader.last(), layer.range, Some((of_weights, gradient)));
            layers.push(layer);
        }
        let (of_weights, gradient) = bits.filter(|_| last == Range::Half)?;
        let e = of_weights.checked_sub(x.bits + gradient)?;
        // First weights are the same with a loss and without one.
        let left = graph.nodes().len() > reader.node;
        if matches!(kind, Kind::Train { .. } | Kind::Step { .. }) || (kind == Kind::Genesis && left) {
            let loss = reader.next()?;
            let fits = match (&loss.op, named) {
                (Op::MeanSquaredError(l), Named::MeanSquaredError) => l.gradient_bits == gradient,
                (Op::SoftmaxCrossEntropy(l), Named::SoftmaxCrossEntropy) => l.gradient_bits == gradient,
                _ => false,
            };
            let label = loss.inputs.get(1).and_then(|v| tensors.get(*v)).filter(|t| t.role == Role::Label);
            if !fits || loss.inputs[0] != h || label.is_none() {
                return None;
            }
        }
        let all = reader.next().is_none() && reader.trained().is_none() && tensors.iter().all(|t| t.role != Role::Frozen);
        all.then_some(Self { layers, scales: [x.bits, gradient, e] })
    }

    /// One layer on `h`: product, bias, rounding. With the fractional bits of its weights and gradients.
    fn layer(reader: &mut Reader<'_>, h: Value, bits: u32) -> Option<(Layer, u32, u32)> {
        let product = reader.next()?;
        let kernel = reader.trained()?;
        let t = &reader.graph.tensors()[kernel];
        let [outputs, inputs] = t.shape[..] else { return None };
        let Op::Matmul(m) = &product.op else { return None };
        if m.transpose_a || !m.transpose_b || product.inputs != [h, kernel] {
            return None;
        }
        let mut raw = reader.last();
        let bias = matches!(reader.graph.nodes().get(reader.node)?.op, Op::Sum(_));
        if bias {
            let sum = reader.next()?;
            let bias = reader.trained()?;
            let b = &reader.graph.tensors()[bias];
            let Op::Sum(s) = &sum.op else { return None };
            if s.coefficients != [1, 1] || s.reduce != 0 || sum.inputs != [raw, bias] || b.shape != [outputs] || b.bits != t.bits {
                return None;
            }
            raw = reader.last();
        }
        let round = reader.next()?;
        let Op::Round(r) = &round.op else { return None };
        let fits = round.inputs == [raw] && r.bits == bits;
        fits.then_some((Layer { inputs, outputs, bias, range: r.range }, t.bits, r.gradient_bits))
    }

    /// Numbers that fix where the columns' cells are. Errors: `SPEC_INVALID` where they are elsewhere than in a window.
    pub fn layout(&self, k: u32, group: &WeightGroup) -> Result<Vec<u64>, PotError> {
        let mut row = 1;
        for m in &group.matrices {
            let used = m.rows * m.chunks;
            row += used.max(LEAST_ROWS) - used;
            if m.run.row0 != row {
                return Err(refuse("they do not lie where a window has them"));
            }
            row += used;
        }
        let w: u32 = self.scales.iter().sum();
        let mut v = vec![u64::from(k), group.columns as u64, BLINDING_ROWS as u64, u64::from(w), self.layers.len() as u64];
        v.extend(self.layers.iter().flat_map(|l| [l.inputs as u64, l.outputs as u64, u64::from(l.bias)]));
        // No adapters.
        v.push(0);
        Ok(v)
    }

    /// Numbers of what the network computes.
    pub fn function(&self, graph: &Graph, named: Named) -> Vec<u64> {
        let (f, [a, d, e]) = (graph.formats(), self.scales);
        let mut v = [a, d, e, f.limb_bits, f.table_bits].map(u64::from).to_vec();
        v.push(self.layers.len() as u64);
        const DENSE: u64 = 1;
        let activation = |l: &Layer| match l.range {
            Range::Wide => 1,
            Range::Relu => 2,
            Range::Half if named == Named::SoftmaxCrossEntropy => 3,
            Range::Half => 1,
        };
        v.extend(self.layers.iter().flat_map(|l| [DENSE, activation(l)]));
        v
    }
}
