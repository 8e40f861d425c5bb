//! Multilayer perceptrons.

use super::reveal::{reveal, Predicate, Rows};
use crate::error::invalid;
use crate::graph::{Builder, Graph};
use crate::ops::activation::Name;
use crate::ops::round::Range;
use crate::ops::{Activation, Huber, Matmul, MeanAbsoluteError, MeanSquaredError, Op, Round, SigmoidCrossEntropy, SoftmaxCrossEntropy, Sum, Value};
use crate::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;
use serde::Deserialize;

/// `z = W h + bias`, `W` of shape `[outputs][inputs]`, and what bends it: ReLU of hidden layers, or any activation of any layer. Not both.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseLayer {
    pub outputs: usize,
    #[serde(default)]
    pub relu: bool,
    pub bias: bool,
    #[serde(default)]
    pub activation: Option<DenseActivation>,
}

impl DenseLayer {
    /// Without an activation but ReLU.
    pub fn new(outputs: usize, relu: bool, bias: bool) -> Self {
        Self { outputs, relu, bias, activation: None }
    }
    /// With an activation.
    pub fn bent(outputs: usize, activation: DenseActivation, bias: bool) -> Self {
        Self { outputs, relu: false, bias, activation: Some(activation) }
    }
}

/// An activation by name, and its parameter in units of 2^-limbBits, 0 where it has none: `{"name":"elu","alpha":4096}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseActivation {
    pub name: Name,
    #[serde(default)]
    pub alpha: u32,
}

/// Which loss stands behind the last layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DenseLoss {
    MeanSquaredError,
    SoftmaxCrossEntropy,
    /// Softmax with cross-entropy, and labels smoothed: what each class has, in units of the gradients' last place.
    SmoothedCrossEntropy {
        smoothing: u32,
    },
    /// Binary cross-entropy from logits; a smoothing as above, of a label of 0.
    SigmoidCrossEntropy {
        #[serde(default)]
        smoothing: u32,
    },
    MeanAbsoluteError,
    /// Delta in units of the activations' last place.
    Huber {
        delta: i64,
    },
}

impl DenseLoss {
    fn op(self, gradient_bits: u32) -> Op {
        match self {
            Self::MeanSquaredError => MeanSquaredError { gradient_bits }.into(),
            Self::SoftmaxCrossEntropy => SoftmaxCrossEntropy { gradient_bits, smoothing: 0 }.into(),
            Self::SmoothedCrossEntropy { smoothing } => SoftmaxCrossEntropy { gradient_bits, smoothing }.into(),
            Self::SigmoidCrossEntropy { smoothing } => SigmoidCrossEntropy { gradient_bits, smoothing }.into(),
            Self::MeanAbsoluteError => MeanAbsoluteError { gradient_bits }.into(),
            Self::Huber { delta } => Huber { delta, gradient_bits }.into(),
        }
    }
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
/// let layer = |outputs, relu| DenseLayer::new(outputs, relu, true);
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
    let (mut builder, h, y) = layers(d, Some(labels(d)))?;
    let loss = builder.node("loss", d.loss.op(d.gradient_bits), &[h, y.expect("given")])?;
    builder.finish(&[loss])
}

/// The same network without labels and loss: the output is the last layer's, of which a softmax makes probabilities.
///
/// Errors: as [`dense_graph`].
pub fn dense_inference(d: &Dense) -> Result<Graph, PotError> {
    let (builder, h, _) = layers(d, None)?;
    builder.finish(&[h])
}

/// The same with these predicates of the last layer's values in their place.
///
/// Errors: as [`dense_graph`], and those of [`reveal`].
pub fn dense_predicates(d: &Dense, predicates: &[Predicate]) -> Result<Graph, PotError> {
    let labels = predicates.iter().any(Predicate::of_labels).then(|| labels(d));
    let (mut builder, scores, labels) = layers(d, labels)?;
    let outputs = reveal(&mut builder, Rows { scores, labels }, predicates)?;
    builder.finish(&outputs)
}

/// Of each sample as many as there are outputs: one-hot under cross-entropy.
fn labels(d: &Dense) -> Tensor {
    let outputs = d.layers.last().map_or(0, |l| l.outputs);
    let whole = !matches!(d.loss, DenseLoss::MeanSquaredError | DenseLoss::MeanAbsoluteError | DenseLoss::Huber { .. });
    let bits = if whole { 0 } else { d.bits };
    Tensor { name: "y".into(), role: Role::Label, shape: vec![d.batch, outputs], bits, offset: d.y_offset, rate_factor: RateFactor::ONE }
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
        let name = format!("h{i}");
        h = builder.node(&name, bend(d, i, l).map_err(|m| invalid("attributes", &name, m))?, &[raw])?;
    }
    Ok((builder, h, y))
}

/// What rounds a layer's sum. The last one has two limbs, without ReLU.
fn bend(d: &Dense, number: usize, l: &DenseLayer) -> Result<Op, String> {
    let (bits, gradient_bits) = (d.bits, d.gradient_bits);
    let range = match (number + 1 == d.layers.len(), l.relu) {
        (true, _) => Range::Half,
        (false, true) => Range::Relu,
        (false, false) => Range::Wide,
    };
    match l.activation {
        Some(DenseActivation { name, .. }) if l.relu => Err(format!("relu and {name:?}: a layer has one activation")),
        Some(DenseActivation { name, alpha }) => Ok(Activation { activation: name, alpha, bits, gradient_bits }.into()),
        None => Ok(Round { bits, gradient_bits, range }.into()),
    }
}
