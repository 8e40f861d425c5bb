//! Reads a graph as a chain of dense layers, with adapters or without, node by node.

use crate::front::reveal::said;
use crate::graph::{Graph, Node};
use crate::ops::activation::Function;
use crate::ops::round::Range;
use crate::ops::{Matmul, Op, Sum, Value};
use crate::tensor::{RateFactor, Role, Tensor};

/// What a layer's sum becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bend {
    Round(Range),
    Function(Function),
}

/// A dense layer, and what follows it.
pub(super) struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    pub bias: bool,
    pub bend: Bend,
    /// Rank and alpha of its adapter.
    pub adapter: Option<[u64; 2]>,
}

/// What is left to read of a graph, and what all layers have in common.
pub(super) struct Reader<'a> {
    graph: &'a Graph,
    /// Whether layers' own weights are frozen: then adapters alone are trained.
    on_base: bool,
    node: usize,
    /// Penalties that were read behind the loss.
    penalties: usize,
    /// Tensors that are left, of the roles trained and frozen.
    left: [Vec<Value>; 2],
    /// Fractional bits of activations, of gradients, of trained and of frozen weights.
    bits: u32,
    pub gradient: Option<u32>,
    pub trained: Option<u32>,
    pub frozen: Option<u32>,
}

const ROLES: [Role; 2] = [Role::Trained, Role::Frozen];

impl<'a> Reader<'a> {
    pub fn new(graph: &'a Graph, bits: u32) -> Self {
        let tensors = graph.tensors();
        let left = ROLES.map(|role| (0..tensors.len()).rev().filter(|v| tensors[*v].role == role).collect::<Vec<_>>());
        let on_base = !left[1].is_empty();
        Self { graph, on_base, node: 0, penalties: 0, left, bits, gradient: None, trained: None, frozen: None }
    }

    pub fn next(&mut self) -> Option<&'a Node> {
        let node = self.graph.nodes().get(self.node)?;
        self.node += 1;
        Some(node)
    }
    /// The value of the node that was read last.
    pub fn last(&self) -> Value {
        self.graph.tensors().len() + self.node - 1
    }
    /// Whether the next node is such a one.
    pub fn at(&self, is: impl Fn(&Op) -> bool) -> bool {
        self.graph.nodes().get(self.node).is_some_and(|n| is(&n.op))
    }
    /// Whether no node is left.
    pub fn is_last(&self) -> bool {
        self.node == self.graph.nodes().len()
    }
    /// Skips penalties of trained tensors, which are outputs as the loss before them.
    pub fn penalties(&mut self) {
        let of_trained = |n: &Node| self.graph.tensors().get(n.inputs[0]).is_some_and(|t| t.role == Role::Trained);
        let rest = &self.graph.nodes()[self.node..];
        self.penalties = rest.iter().take_while(|n| matches!(n.op, Op::L2Penalty(_)) && of_trained(n)).count();
        self.node += self.penalties;
    }
    /// Whether nothing is left, and what was read last is the only output, beside penalties: a hidden layer's values are no answer of the network, whoever
    /// asks for them beside it.
    pub fn ends(&self) -> bool {
        self.is_last() && self.left.iter().all(Vec::is_empty) && self.outputs()
    }

    fn outputs(&self) -> bool {
        let last = self.last();
        self.graph.outputs().iter().copied().eq(last - self.penalties..=last)
    }

    /// The same where predicates of this value are shown in its place, and nothing else is.
    pub fn ends_in_predicates(&self, of: Value) -> bool {
        let outputs = self.graph.outputs();
        self.left.iter().all(Vec::is_empty) && outputs.iter().all(|o| said(self.graph, *o).is_some_and(|(v, _)| v == of))
    }

    /// The next tensor of a role, of as many fractional bits as those before it.
    fn tensor(&mut self, role: Role) -> Option<(Value, &'a Tensor)> {
        let (left, bits) = match role {
            Role::Trained => (&mut self.left[0], &mut self.trained),
            _ => (&mut self.left[1], &mut self.frozen),
        };
        let value = left.pop()?;
        let t = &self.graph.tensors()[value];
        (*bits.get_or_insert(t.bits) == t.bits).then_some((value, t))
    }

    /// `round` or `activation`, to as many bits as all.
    fn bend(&mut self, raw: Value) -> Option<Bend> {
        let node = self.next()?;
        let (bend, bits, gradient_bits) = match &node.op {
            Op::Round(r) => (Bend::Round(r.range), r.bits, r.gradient_bits),
            Op::Activation(a) => (Bend::Function(a.function()), a.bits, a.gradient_bits),
            _ => return None,
        };
        let gradient = *self.gradient.get_or_insert(gradient_bits);
        (node.inputs == [raw] && bits == self.bits && gradient_bits == gradient).then_some(bend)
    }

    /// `left right^T`
    fn product(&mut self, left: Value, right: Value) -> Option<Value> {
        let node = self.next()?;
        let fits = node.op == Op::from(Matmul { transpose_a: false, transpose_b: true }) && node.inputs == [left, right];
        fits.then(|| self.last())
    }

    fn sum(&mut self, a: Value, b: Value) -> Option<Value> {
        let node = self.next()?;
        (node.op == Op::from(Sum::of(2)) && node.inputs == [a, b]).then(|| self.last())
    }

    /// One layer on `h`: product, adapter, bias, rounding.
    pub fn layer(&mut self, h: Value) -> Option<Layer> {
        let role = if self.on_base { Role::Frozen } else { Role::Trained };
        let (kernel, t) = self.tensor(role)?;
        let [outputs, inputs] = t.shape[..] else { return None };
        if !t.rate_factor.is_one() {
            return None;
        }
        let mut raw = self.product(h, kernel)?;
        let mut adapter = None;
        if self.on_base && self.at(|op| matches!(op, Op::Matmul(_))) {
            let (up, sizes, ratio) = self.adapter(h)?;
            raw = self.sum(raw, up).filter(|_| sizes == [outputs, inputs])?;
            adapter = Some(ratio);
        }
        let bias = self.at(|op| matches!(op, Op::Sum(_)));
        if bias {
            let (bias, t) = self.tensor(role)?;
            raw = self.sum(raw, bias).filter(|_| t.shape == [outputs] && t.rate_factor.is_one())?;
        }
        let bend = self.bend(raw)?;
        Some(Layer { inputs, outputs, bias, bend, adapter })
    }

    /// `round(h A^T) B'^T`: outputs and inputs, and rank and alpha.
    pub fn adapter(&mut self, h: Value) -> Option<(Value, [usize; 2], [u64; 2])> {
        let (a, of_a) = self.tensor(Role::Trained)?;
        let (b, of_b) = self.tensor(Role::Trained)?;
        let [rank, inputs] = of_a.shape[..] else { return None };
        let down = self.product(h, a)?;
        let between = self.bend(down).filter(|bend| *bend == Bend::Round(Range::Wide)).map(|_| self.last())?;
        let up = self.product(between, b)?;
        let [outputs, _] = of_b.shape[..] else { return None };
        let alpha = alpha(rank as u64, of_b.rate_factor).filter(|_| of_a.rate_factor.is_one())?;
        Some((up, [outputs, inputs], [rank as u64, alpha]))
    }
}

/// What B' = (alpha / rank) B moves by, (alpha / rank)^2 of the rate, says alpha.
fn alpha(rank: u64, factor: RateFactor) -> Option<u64> {
    let root = |v: u64| (1..=v).take_while(|r| r * r <= v).find(|r| r * r == v);
    let (n, d) = (root(factor.numerator)?, root(factor.denominator)?);
    let alpha = rank.checked_mul(n).filter(|v| v % d == 0)? / d;
    (RateFactor::new(alpha.checked_mul(alpha)?, rank.checked_mul(rank)?) == factor).then_some(alpha)
}
