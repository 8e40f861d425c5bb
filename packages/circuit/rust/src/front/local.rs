//! One adapter alone: its input, and the gradient with respect to its output, are given.

use crate::graph::{Builder, Graph};
use crate::ops::round::Range;
use crate::ops::{GivenGradient, Matmul, Round, Sum};
use crate::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

/// An adapter of a layer `[outputs][inputs]`, and a batch of it.
#[derive(Clone, Copy, Debug)]
pub struct Local {
    pub formats: Formats,
    /// Fractional bits of inputs and activations (a), gradients (d) and weights (w).
    pub bits: u32,
    pub gradient_bits: u32,
    pub weight_bits: u32,
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub rank: usize,
    pub alpha: u64,
    /// What is added to inputs before they are stored.
    pub x_offset: i64,
}

/// The graph: tensors `x` (`[batch][inputs]`), `low` and `high` (`[batch][outputs]`), of which the gradient is `low + 2^b high`, then
/// `a` and `b`, which is B' (docs/operators/lora.md). `low` has an offset of 0, and `high` one of `2^(b-1)`: so the gradient g is in
/// `-2^(2b-1) <= g < 2^(2b-1)`.
///
/// Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`.
///
/// ```
/// use pot_circuit::front::local::{local_graph, Local};
/// use pot_circuit::tensor::Formats;
///
/// let formats = Formats { limb_bits: 12, table_bits: 12 };
/// let sizes = Local { formats, bits: 8, gradient_bits: 14, weight_bits: 36, batch: 4, inputs: 9, outputs: 5, rank: 2, alpha: 4, x_offset: 0 };
/// assert_eq!(local_graph(&sizes)?.outputs().len(), 1);
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn local_graph(l: &Local) -> Result<Graph, PotError> {
    let mut builder = Builder::new(l.formats)?;
    let b = l.formats.limb_bits;
    let tensor = |name: &str, role, shape: [usize; 2], bits, offset| {
        let rate_factor = RateFactor::ONE;
        Tensor { name: name.into(), role, shape: shape.to_vec(), bits, offset, rate_factor }
    };
    let x = builder.tensor(tensor("x", Role::Data, [l.batch, l.inputs], l.bits, l.x_offset))?;
    let low = builder.tensor(tensor("low", Role::Data, [l.batch, l.outputs], l.gradient_bits, 0))?;
    let high = builder.tensor(tensor("high", Role::Data, [l.batch, l.outputs], l.gradient_bits, 1 << (b - 1)))?;
    let a = builder.tensor(tensor("a", Role::Trained, [l.rank, l.inputs], l.weight_bits, 0))?;
    let scaled = tensor("b", Role::Trained, [l.outputs, l.rank], l.weight_bits, 0);
    let ratio = RateFactor { numerator: l.alpha, denominator: l.rank as u64 };
    // One that is none is refused of the tensor.
    let rate_factor = ratio.squared().unwrap_or(RateFactor { numerator: 0, ..ratio });
    let scaled = builder.tensor(Tensor { rate_factor, ..scaled })?;
    let right = Matmul { transpose_a: false, transpose_b: true };
    let down = builder.node("down", right.into(), &[x, a])?;
    let round = Round { bits: l.bits, gradient_bits: l.gradient_bits, range: Range::Wide };
    let between = builder.node("between", round.into(), &[down])?;
    let up = builder.node("up", right.into(), &[between, scaled])?;
    let gradient = builder.node("gradient", Sum { coefficients: vec![1, 1 << b], reduce: 0 }.into(), &[low, high])?;
    let loss = builder.node("loss", GivenGradient {}.into(), &[up, gradient])?;
    builder.finish(&[loss])
}
