//! Low-rank adapters: a graph whose kernels become frozen, and some of them get two trained matrices beside them.

use crate::error::invalid;
use crate::graph::{Builder, Graph, Node};
use crate::ops::round::Range;
use crate::ops::{Matmul, Op, Round, Sum, Value};
use crate::tensor::{RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// An adapter of the trained tensor `kernel`, `[outputs][inputs]`: `W + alpha/rank B A`, A `[rank][inputs]`, B `[outputs][rank]`.
#[derive(Clone, Debug)]
pub struct Adapter {
    pub kernel: String,
    pub rank: usize,
    pub alpha: u64,
}

/// Adapters of a graph.
#[derive(Clone, Debug)]
pub struct Lora {
    /// Fractional bits of what becomes frozen.
    pub base_bits: u32,
    /// Of the gradients between A and B.
    pub gradient_bits: u32,
    pub adapters: Vec<Adapter>,
}

/// The graph with adapters: its trained tensors are frozen, of `base_bits`, and a product `h W^T` with an adapted kernel becomes
/// `h W^T + round(h A^T) B'^T`. A and B' have as many fractional bits as the kernel had, B' is `alpha/rank B`, so a step moves it by the
/// rate times `(alpha/rank)^2`. They stand behind the other tensors, those of an adapter as `kernel.a` and `kernel.b`.
///
/// Errors: `GRAPH_INVALID` (a kernel that is no trained tensor, has two adapters or is used in another way; a rank or alpha that is
/// none), `GRAPH_BOUNDS`.
///
/// ```
/// use pot_circuit::front::adapters::{adapted, Adapter, Lora};
/// use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
/// use pot_circuit::tensor::Formats;
///
/// let graph = dense_graph(&Dense {
///     formats: Formats { limb_bits: 12, table_bits: 12 },
///     bits: 8,
///     gradient_bits: 14,
///     weight_bits: 36,
///     batch: 4,
///     inputs: 9,
///     layers: vec![DenseLayer::new(5, false, true)],
///     loss: DenseLoss::MeanSquaredError,
///     x_offset: 0,
///     y_offset: 0,
/// })?;
/// let adapter = Adapter { kernel: "kernel0".into(), rank: 2, alpha: 4 };
/// let lora = Lora { base_bits: 20, gradient_bits: 14, adapters: vec![adapter] };
/// let names: Vec<String> = adapted(&graph, &lora)?.tensors().iter().map(|t| t.name.clone()).collect();
/// assert_eq!(names, ["x", "y", "kernel0", "bias0", "kernel0.a", "kernel0.b"]);
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn adapted(graph: &Graph, lora: &Lora) -> Result<Graph, PotError> {
    let mut me = Rewriter { graph, lora, builder: Builder::new(*graph.formats())?, at: vec![], parts: HashMap::new() };
    for t in graph.tensors() {
        let frozen = Tensor { role: Role::Frozen, bits: lora.base_bits, rate_factor: RateFactor::ONE, ..t.clone() };
        let value = me.builder.tensor(if t.role == Role::Trained { frozen } else { t.clone() })?;
        me.at.push(value);
    }
    for adapter in &lora.adapters {
        me.tensors(adapter)?;
    }
    for node in graph.nodes() {
        let value = me.node(node)?;
        me.at.push(value);
    }
    let outputs: Vec<Value> = graph.outputs().iter().map(|v| me.at[*v]).collect();
    me.builder.finish(&outputs)
}

struct Rewriter<'a> {
    graph: &'a Graph,
    lora: &'a Lora,
    builder: Builder,
    /// Where each value of the graph is.
    at: Vec<Value>,
    /// A and B' of each kernel that has an adapter.
    parts: HashMap<Value, [Value; 2]>,
}

impl Rewriter<'_> {
    fn tensors(&mut self, adapter: &Adapter) -> Result<(), PotError> {
        let Adapter { kernel: name, rank, alpha } = adapter;
        let tensors = self.graph.tensors();
        let Some(kernel) = tensors.iter().position(|t| t.name == *name && t.role == Role::Trained) else {
            return Err(invalid("dangling", name, "an adapter of what is no trained tensor"));
        };
        let [outputs, inputs] = tensors[kernel].shape[..] else {
            return Err(invalid("shape", name, "an adapter of what is no matrix [outputs][inputs]"));
        };
        let most = inputs.min(outputs);
        let squared = RateFactor { numerator: *alpha, denominator: *rank as u64 }.squared();
        let Some(factor) = squared.filter(|_| (1..=most).contains(rank)) else {
            return Err(invalid("tensor", name, format!("an adapter of rank {rank} and alpha {alpha}: ranks are 1 to {most}, alpha at least 1")));
        };
        if self.parts.contains_key(&kernel) {
            return Err(invalid("duplicate", name, "two adapters"));
        }
        let bits = tensors[kernel].bits;
        let part = |suffix: &str, shape: Vec<usize>, rate_factor| {
            let name = format!("{name}.{suffix}");
            Tensor { name, role: Role::Trained, shape, bits, offset: 0, rate_factor }
        };
        let a = self.builder.tensor(part("a", vec![*rank, inputs], RateFactor::ONE))?;
        let b = self.builder.tensor(part("b", vec![outputs, *rank], factor))?;
        self.parts.insert(kernel, [a, b]);
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<Value, PotError> {
        let inputs: Vec<Value> = node.inputs.iter().map(|v| self.at[*v]).collect();
        let value = self.builder.node(&node.name, node.op.clone(), &inputs)?;
        let Some(kernel) = node.inputs.iter().find(|v| self.parts.contains_key(v)) else { return Ok(value) };
        let right = Matmul { transpose_a: false, transpose_b: true };
        if node.op != Op::from(right) || node.inputs[1] != *kernel || node.inputs[0] == *kernel {
            return Err(invalid(
                "shape",
                &node.name,
                format!("{} has an adapter, and is no right factor [outputs][inputs]", self.graph.name(*kernel)),
            ));
        }
        let [a, b] = self.parts[kernel];
        let name = |suffix: &str| format!("{}.{suffix}", node.name);
        let round = Round { bits: self.graph.facts(node.inputs[0]).bits, gradient_bits: self.lora.gradient_bits, range: Range::Wide };
        let down = self.builder.node(&name("down"), right.into(), &[inputs[0], a])?;
        let between = self.builder.node(&name("between"), round.into(), &[down])?;
        let up = self.builder.node(&name("up"), right.into(), &[between, b])?;
        self.builder.node(&name("adapted"), Sum::of(2).into(), &[value, up])
    }
}
