//! Multilayer perceptrons.

use crate::graph::{Builder, Graph};
use crate::ops::round::Range;
use crate::ops::{Matmul, MeanSquaredError, Op, Round, SoftmaxCrossEntropy, Sum, Value};
use crate::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;
use serde::Deserialize;

/// `z = W h + bias`, `W` of shape `[outputs][inputs]`; hidden layers may have ReLU.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseLayer {
    pub outputs: usize,
    pub relu: bool,
    pub bias: bool,
}

/// Which loss stands behind the last layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DenseLoss {
    MeanSquaredError,
    SoftmaxCrossEntropy,
}

/// A network of dense layers, and a batch of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dense {
    pub formats: Formats,
    /// Fractional bits of data and activations (a), gradients (d) and weights (w).
    pub bits: u32,
    pub gradient_bits: u32,
    pub weight_bits: u32,
    pub batch: usize,
    pub inputs: usize,
    pub layers: Vec<DenseLayer>,
    pub loss: DenseLoss,
    /// What is added to inputs and labels before they are stored.
    pub x_offset: i64,
    pub y_offset: i64,
}

/// The graph: tensors `x` (`[batch][inputs]`), `y` (`[batch][outputs]`), `kernel0`, `bias0`, `kernel1`, ..; the output is `loss`.
///
/// Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`.
///
/// ```
/// use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
/// use pot_circuit::tensor::Formats;
///
/// let layer = |outputs, relu| DenseLayer { outputs, relu, bias: true };
/// let graph = dense_graph(&Dense {
///     formats: Formats { limb_bits: 12, table_bits: 12 },
///     bits: 8,
///     gradient_bits: 14,
///     weight_bits: 36,
///     batch: 32,
///     inputs: 784,
///     layers: vec![layer(128, true), layer(10, false)],
///     loss: DenseLoss::SoftmaxCrossEntropy,
///     x_offset: 0,
///     y_offset: 0,
/// })?;
/// let z = graph.value("h1").unwrap();
/// assert_eq!(graph.facts(z).shape, [32, 10]);
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn dense_graph(d: &Dense) -> Result<Graph, PotError> {
    let softmax = d.loss == DenseLoss::SoftmaxCrossEntropy;
    let outputs = d.layers.last().map_or(0, |l| l.outputs);
    let label_bits = if softmax { 0 } else { d.bits };
    let label = Tensor {
        name: "y".into(),
        role: Role::Label,
        shape: vec![d.batch, outputs],
        bits: label_bits,
        offset: d.y_offset,
        rate_factor: RateFactor::ONE,
    };
    let (mut builder, h, y) = layers(d, Some(label))?;
    let gradient_bits = d.gradient_bits;
    let loss: Op = if softmax { SoftmaxCrossEntropy { gradient_bits }.into() } else { MeanSquaredError { gradient_bits }.into() };
    let loss = builder.node("loss", loss, &[h, y.expect("given")])?;
    builder.finish(&[loss])
}

/// The same network without labels and loss: the output is the last layer's, of which a softmax makes probabilities.
///
/// Errors: as [`dense_graph`].
pub fn dense_inference(d: &Dense) -> Result<Graph, PotError> {
    let (builder, h, _) = layers(d, None)?;
    builder.finish(&[h])
}

/// Tensors and layers: the last layer's value, and the labels.
fn layers(d: &Dense, label: Option<Tensor>) -> Result<(Builder, Value, Option<Value>), PotError> {
    let mut builder = Builder::new(d.formats)?;
    let tensor = |name: String, role, shape, bits, offset| Tensor { name, role, shape, bits, offset, rate_factor: RateFactor::ONE };
    let mut h = builder.tensor(tensor("x".into(), Role::Data, vec![d.batch, d.inputs], d.bits, d.x_offset))?;
    let y = label.map(|t| builder.tensor(t)).transpose()?;
    let mut inputs = d.inputs;
    let mut weights = vec![];
    for (i, l) in d.layers.iter().enumerate() {
        let kernel = builder.tensor(tensor(format!("kernel{i}"), Role::Trained, vec![l.outputs, inputs], d.weight_bits, 0))?;
        let bias = match l.bias {
            true => Some(builder.tensor(tensor(format!("bias{i}"), Role::Trained, vec![l.outputs], d.weight_bits, 0))?),
            false => None,
        };
        weights.push((kernel, bias));
        inputs = l.outputs;
    }
    for (i, (l, (kernel, bias))) in d.layers.iter().zip(weights).enumerate() {
        let mut raw = builder.node(&format!("product{i}"), Matmul { transpose_a: false, transpose_b: true }.into(), &[h, kernel])?;
        if let Some(bias) = bias {
            raw = builder.node(&format!("raw{i}"), Sum::of(2).into(), &[raw, bias])?;
        }
        let range = match (i + 1 == d.layers.len(), l.relu) {
            (true, _) => Range::Half,
            (false, true) => Range::Relu,
            (false, false) => Range::Wide,
        };
        h = builder.node(&format!("h{i}"), Round { bits: d.bits, gradient_bits: d.gradient_bits, range }.into(), &[raw])?;
    }
    Ok((builder, h, y))
}
