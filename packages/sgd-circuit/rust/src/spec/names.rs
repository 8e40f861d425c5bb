//! What a layer does to its pre-activation, and what the network is trained by: names, each with what it is in the operator graph.

use pot_circuit::front::dense::{DenseActivation, DenseLoss};
use pot_circuit::ops::activation::{Function, Name};
use pot_circuit::statement::Named;
use serde::{Deserialize, Serialize};

/// What a layer does to its pre-activation. `alpha` in units of 2^-b (docs/operators/activations.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Activation {
    /// Not as the last layer.
    Relu,
    Linear,
    /// Only as the last layer, with a softmax cross-entropy.
    Softmax,
    /// As the last layer with a sigmoid cross-entropy its logits count.
    Sigmoid,
    Tanh,
    Softplus,
    Elu {
        alpha: u32,
    },
    LeakyRelu {
        alpha: u32,
    },
    Gelu,
    GeluTanh,
    Silu,
    HardSigmoid {
        alpha: u32,
    },
    HardSwish,
    Softsign,
}

impl Activation {
    /// As the graph has it; none of ReLU, which a rounding has, of linear, and of softmax.
    pub fn function(self) -> Option<Function> {
        let of = |name, alpha| Some(Function { name, alpha });
        match self {
            Self::Relu | Self::Linear | Self::Softmax => None,
            Self::Sigmoid => of(Name::Sigmoid, 0),
            Self::Tanh => of(Name::Tanh, 0),
            Self::Softplus => of(Name::Softplus, 0),
            Self::Elu { alpha } => of(Name::Elu, alpha),
            Self::LeakyRelu { alpha } => of(Name::LeakyRelu, alpha),
            Self::Gelu => of(Name::Gelu, 0),
            Self::GeluTanh => of(Name::GeluTanh, 0),
            Self::Silu => of(Name::Silu, 0),
            Self::HardSigmoid { alpha } => of(Name::HardSigmoid, alpha),
            Self::HardSwish => of(Name::HardSwish, 0),
            Self::Softsign => of(Name::Softsign, 0),
        }
    }
}

/// The training loss, with tfjs's reductions (docs/protocol/protocol.md, docs/operators/losses.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Loss {
    MeanSquaredError,
    SoftmaxCrossEntropy,
    /// What each class has of a label, in units of 2^-d.
    SmoothedCrossEntropy {
        smoothing: u32,
    },
    /// Binary, from logits; what a label of 0 is taken for, in units of 2^-d.
    SigmoidCrossEntropy {
        smoothing: u32,
    },
    MeanAbsoluteError,
    /// In units of 2^-a.
    Huber {
        delta: i64,
    },
}

/// What labels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Numbers at the scale of activations.
    Real = 0,
    OneHot = 1,
    Bits = 2,
}

impl Loss {
    pub fn graph(self) -> DenseLoss {
        match self {
            Self::MeanSquaredError => DenseLoss::MeanSquaredError,
            Self::SoftmaxCrossEntropy => DenseLoss::SoftmaxCrossEntropy,
            Self::SmoothedCrossEntropy { smoothing } => DenseLoss::SmoothedCrossEntropy { smoothing },
            Self::SigmoidCrossEntropy { smoothing } => DenseLoss::SigmoidCrossEntropy { smoothing },
            Self::MeanAbsoluteError => DenseLoss::MeanAbsoluteError,
            Self::Huber { delta } => DenseLoss::Huber { delta },
        }
    }
    /// Which network the weights' digest is of.
    pub fn named(self) -> Named {
        match self {
            Self::SoftmaxCrossEntropy | Self::SmoothedCrossEntropy { .. } => Named::SoftmaxCrossEntropy,
            Self::SigmoidCrossEntropy { .. } => Named::SigmoidCrossEntropy,
            Self::MeanSquaredError | Self::MeanAbsoluteError | Self::Huber { .. } => Named::MeanSquaredError,
        }
    }
    pub fn labels(self) -> Labels {
        match self.named() {
            Named::SoftmaxCrossEntropy => Labels::OneHot,
            Named::SigmoidCrossEntropy => Labels::Bits,
            _ => Labels::Real,
        }
    }
    /// Whether the last layer may have this activation. A cross-entropy has it in itself: logits count.
    pub fn takes_last(self, last: Activation) -> bool {
        match self.labels() {
            Labels::OneHot => last == Activation::Softmax,
            Labels::Bits => last == Activation::Sigmoid,
            Labels::Real => !matches!(last, Activation::Softmax | Activation::Relu),
        }
    }
}

/// What bends layer values in the graph: nothing where the loss has it in itself.
pub(super) fn bends(activation: Activation, last: bool, loss: Loss) -> Option<DenseActivation> {
    let own = last && loss.labels() != Labels::Real;
    activation.function().filter(|_| !own).map(|f| DenseActivation { name: f.name, alpha: f.alpha })
}
