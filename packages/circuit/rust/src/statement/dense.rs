//! Dense networks, and adapters on them, whose weights have the digests that a window of pot-sgd gives them (docs/protocol/protocol.md,
//! section 5).

use super::reader::{Bend, Layer, Reader};
use super::{Kind, Named};
use crate::graph::Graph;
use crate::layout::{Shape, WeightGroup, BLINDING_ROWS, LEAST_ROWS};
use crate::ops::activation::{Function, Name};
use crate::ops::round::Range;
use crate::ops::{GivenGradient, Op, Sum, Value};
use crate::tensor::Role;
use pot_proof_system::error::PotError;

/// A chain of dense layers on one tensor of data.
pub(super) struct Dense {
    layers: Vec<Layer>,
    /// Fractional bits of activations, of gradients, and of the rate.
    scales: [u32; 3],
    /// Of the frozen weights, where adapters alone are trained; 0 where there are none, layer-local.
    base_bits: Option<u32>,
    local: bool,
}

fn refuse(message: &str) -> PotError {
    PotError::new("SPEC_INVALID", format!("weights: {message}: as a graph's alone they have a digest of their own (\"graph\")"))
}

impl Dense {
    /// Reads a graph as such a network, with the loss that `named` says. Errors: `SPEC_INVALID`.
    pub fn of(graph: &Graph, kind: Kind, named: Named) -> Result<Self, PotError> {
        let found = Self::read(graph, kind, named).ok_or_else(|| refuse("the graph is no chain of dense layers under this loss"))?;
        let [a, d, e] = found.scales;
        // A ratio has as many fractional bits as another rule's rate, and a corrected rate the others.
        let wanted = if kind.optimizer().corrects() { a + d } else { e };
        if kind.training().is_some_and(|t| t.0 != wanted) {
            return Err(refuse("windows have weights of as many fractional bits as activations, gradients and rate together"));
        }
        Ok(found)
    }

    fn read(graph: &Graph, kind: Kind, named: Named) -> Option<Self> {
        let tensors = graph.tensors();
        if graph.nodes().iter().any(|n| matches!(n.op, Op::GivenGradient(_))) {
            return Self::read_local(graph, named);
        }
        let mut data = tensors.iter().enumerate().filter(|(_, t)| t.role == Role::Data);
        let (mut h, x) = data.next().filter(|(_, t)| t.shape.len() == 2 && data.next().is_none())?;
        let mut reader = Reader::new(graph, x.bits);
        let (mut layers, mut last) = (vec![], Bend::Round(Range::Wide));
        // Until nothing is left, or the loss.
        while reader.at(|op| matches!(op, Op::Matmul(_))) {
            let layer = reader.layer(h)?;
            if last == Bend::Round(Range::Half) {
                return None;
            }
            (h, last) = (reader.last(), layer.bend);
            layers.push(layer);
        }
        let (gradient, of_trained) = (reader.gradient?, reader.trained?);
        let e = of_trained.checked_sub(x.bits + gradient).filter(|_| ends(last, named))?;
        // First weights are the same with a loss and without one.
        if kind.training().is_some() || (kind == Kind::Genesis && !reader.is_last() && !reader.ends_in_predicates(h)) {
            let loss = reader.next()?;
            let fits = match (&loss.op, named) {
                (Op::MeanSquaredError(l), Named::MeanSquaredError) => l.gradient_bits == gradient,
                (Op::MeanAbsoluteError(l), Named::MeanSquaredError) => l.gradient_bits == gradient,
                (Op::Huber(l), Named::MeanSquaredError) => l.gradient_bits == gradient,
                (Op::SoftmaxCrossEntropy(l), Named::SoftmaxCrossEntropy) => l.gradient_bits == gradient,
                (Op::SigmoidCrossEntropy(l), Named::SigmoidCrossEntropy) => l.gradient_bits == gradient,
                _ => false,
            };
            let label = loss.inputs.get(1).and_then(|v| tensors.get(*v)).filter(|t| t.role == Role::Label);
            if !fits || loss.inputs[0] != h || label.is_none() {
                return None;
            }
            reader.penalties();
        }
        let ends = reader.ends() || (kind.training().is_none() && reader.ends_in_predicates(h));
        ends.then_some(Self { layers, scales: [x.bits, gradient, e], base_bits: reader.frozen, local: false })
    }

    /// One adapter, its input and gradient given: a linear layer under the squared error.
    fn read_local(graph: &Graph, named: Named) -> Option<Self> {
        let data = |v: &Value| graph.tensors()[*v].role == Role::Data;
        let [x, low, high] = (0..graph.tensors().len()).filter(data).collect::<Vec<_>>()[..] else { return None };
        let bits = |v: Value| graph.facts(v).bits;
        let mut reader = Reader::new(graph, bits(x));
        let (up, [outputs, inputs], ratio) = reader.adapter(x)?;
        let limbs = reader.next()?;
        let both = Sum { coefficients: vec![1, 1 << graph.formats().limb_bits], reduce: 0 };
        let gradient = Some(reader.last()).filter(|_| limbs.op == both.into() && limbs.inputs == [low, high])?;
        let loss = reader.next()?;
        let fits = loss.op == GivenGradient {}.into() && loss.inputs == [up, gradient] && named == Named::MeanSquaredError;
        let layer = Layer { inputs, outputs, bias: false, bend: Bend::Round(Range::Half), adapter: Some(ratio) };
        let d = reader.gradient.filter(|d| *d == bits(gradient) && fits && reader.ends())?;
        let e = reader.trained?.checked_sub(bits(x) + d)?;
        Some(Self { layers: vec![layer], scales: [bits(x), d, e], base_bits: Some(0), local: true })
    }

    /// Whether adapters alone are trained.
    pub fn on_base(&self) -> bool {
        self.base_bits.is_some()
    }

    /// Numbers that fix where the columns' cells are. Errors: `SPEC_INVALID` where they are elsewhere than in a window.
    pub fn layout(&self, shape: &Shape, [trained, frozen]: [&WeightGroup; 2]) -> Result<Vec<u64>, PotError> {
        self.check_rows(trained, frozen)?;
        let mut v = self.strip([shape.k as usize, trained.columns, BLINDING_ROWS], self.scales.iter().sum());
        v.push(u64::from(self.on_base()));
        if let Some(bits) = self.base_bits {
            let columns = if self.local { 0 } else { frozen.columns };
            v.extend([columns as u64, u64::from(bits), u64::from(self.local)]);
            v.extend(self.layers.iter().flat_map(|l| l.adapter.unwrap_or_default()));
            // No optimiser.
            v.push(0);
        }
        Ok(v)
    }

    /// The same of the base's columns. Errors: `SPEC_INVALID`.
    pub fn base_layout(&self, shape: &Shape, frozen: &WeightGroup) -> Result<Vec<u64>, PotError> {
        check_first(frozen)?;
        Ok(self.strip([shape.k as usize, frozen.columns, shape.frozen_blinding()], self.base_bits.unwrap_or(0)))
    }

    /// Rows, columns, secret rows; fractional bits; layers.
    fn strip(&self, sizes: [usize; 3], bits: u32) -> Vec<u64> {
        let mut v = sizes.map(|n| n as u64).to_vec();
        v.extend([u64::from(bits), self.layers.len() as u64]);
        v.extend(self.layers.iter().flat_map(|l| [l.inputs as u64, l.outputs as u64, u64::from(l.bias)]));
        v
    }

    /// The base first; adapters, each A and then B', lower only where rows of the scalar column are the base's already: a row for each
    /// point, of which matrices in backward products have two, and what is trained one more, for its decay.
    fn check_rows(&self, trained: &WeightGroup, frozen: &WeightGroup) -> Result<(), PotError> {
        if !self.on_base() {
            return check_first(trained);
        }
        let lowest = self.layers.iter().position(|l| l.adapter.is_some()).unwrap_or(0);
        let layers = || self.layers.iter().enumerate();
        let of_base = layers().flat_map(|(i, l)| std::iter::once(1 + usize::from(i > lowest)).chain(l.bias.then_some(1)));
        let taken: Vec<usize> = frozen.matrices.iter().zip(of_base).flat_map(|(m, n)| m.run.end()..m.run.end() + n).collect();
        let of_adapters = layers().filter(|(_, l)| l.adapter.is_some()).flat_map(|(i, _)| [2 + usize::from(i > lowest), 3]);
        let mut row = 1;
        for (m, points) in trained.matrices.iter().zip(of_adapters) {
            let used = m.rows * m.chunks;
            row += used.max(LEAST_ROWS) - used;
            while taken.iter().any(|r| (row + used - 1..row + used - 1 + points).contains(r)) {
                row += 1;
            }
            if m.run.row0 != row {
                return Err(elsewhere());
            }
            row += used;
        }
        Ok(())
    }

    /// Numbers of the formats.
    pub fn formats(&self, graph: &Graph) -> [u64; 5] {
        let (f, [a, d, e]) = (graph.formats(), self.scales);
        [a, d, e, f.limb_bits, f.table_bits].map(u64::from)
    }

    /// Numbers of what the layers compute.
    pub fn function(&self, named: Named) -> Vec<u64> {
        const DENSE: u64 = 1;
        let activation = |l: &Layer| match l.bend {
            Bend::Function(f) => function_numbers(&f),
            Bend::Round(Range::Wide) => vec![1],
            Bend::Round(Range::Relu) => vec![2],
            Bend::Round(Range::Half) if named == Named::SoftmaxCrossEntropy => vec![3],
            Bend::Round(Range::Half) if named == Named::SigmoidCrossEntropy => vec![LOGISTIC],
            Bend::Round(Range::Half) => vec![1],
        };
        let layers = self.layers.iter().flat_map(|l| std::iter::once(DENSE).chain(activation(l)));
        std::iter::once(self.layers.len() as u64).chain(layers).collect()
    }
}

/// What the last layer of a network whose loss is a binary cross-entropy is in a digest: a sigmoid of which the logits count.
pub const LOGISTIC: u64 = 4;

/// What an activation is in a digest: which, and then its parameter where it has one. 1 to 4 are linear, ReLU, softmax and
/// [`LOGISTIC`].
pub fn function_numbers(f: &Function) -> Vec<u64> {
    let (number, has_alpha) = match f.name {
        Name::Sigmoid => (5, false),
        Name::Tanh => (6, false),
        Name::Softplus => (7, false),
        Name::Elu => (8, true),
        Name::LeakyRelu => (9, true),
        Name::Gelu => (10, false),
        Name::GeluTanh => (11, false),
        Name::Silu => (12, false),
        Name::HardSigmoid => (13, true),
        Name::HardSwish => (14, false),
        Name::Softsign => (15, false),
    };
    std::iter::once(number).chain(has_alpha.then_some(f.alpha.into())).collect()
}

/// Whether a network may end so: in a rounding, or under a loss that has no activation in itself in any of these.
fn ends(last: Bend, named: Named) -> bool {
    match last {
        Bend::Round(range) => range == Range::Half,
        Bend::Function(_) => named == Named::MeanSquaredError,
    }
}

fn elsewhere() -> PotError {
    refuse("they do not lie where a window has them")
}

/// One matrix below the other. Errors: `SPEC_INVALID`.
fn check_first(group: &WeightGroup) -> Result<(), PotError> {
    let mut row = 1;
    for m in &group.matrices {
        let used = m.rows * m.chunks;
        row += used.max(LEAST_ROWS) - used;
        if m.run.row0 != row {
            return Err(elsewhere());
        }
        row += used;
    }
    Ok(())
}
