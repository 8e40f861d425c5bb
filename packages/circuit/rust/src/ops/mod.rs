//! The operators: a folder each, and a line in the registry below.

mod clamped;
pub mod functions;
mod operator;
mod ranges;
mod residual;
pub mod tables;
pub mod unit;

pub use operator::{Call, Emit, Family, Lie, Loss, Operator, Output, Site, Value};

use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::Serialize;
use serde_json::{json, Value as Json};

macro_rules! registry {
    ($($module:ident $op:ident),* $(,)?) => {
        $(pub mod $module; pub use $module::$op;)*

        /// Any operator.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Op { $($op($op),)* }

        $(impl From<$op> for Op { fn from(op: $op) -> Self { Self::$op(op) } })*

        impl Op {
            /// From its name and attributes; none where there is no such operator. Refuses unknown, missing and ill-typed attributes.
            pub fn parse(name: &str, attributes: &Json) -> Option<Result<Self, String>> {
                match name {
                    $($op::NAME => Some(<$op as serde::Deserialize>::deserialize(attributes).map(Self::$op).map_err(|e| e.to_string())),)*
                    _ => None,
                }
            }
            pub fn name(&self) -> &'static str {
                match self { $(Self::$op(_) => $op::NAME,)* }
            }
            pub fn family(&self) -> Family {
                match self { $(Self::$op(_) => $op::FAMILY,)* }
            }
            pub fn rules(&self) -> &'static [&'static str] {
                match self { $(Self::$op(op) => op.rules(),)* }
            }
            pub fn inputs(&self) -> (usize, usize) {
                match self { $(Self::$op(_) => $op::INPUTS,)* }
            }
            /// Whether gradients alone have it.
            pub fn emitted(&self) -> bool {
                match self { $(Self::$op(_) => $op::EMITTED,)* }
            }
            pub fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
                match self { $(Self::$op(op) => op.infer(inputs, formats),)* }
            }
            pub fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
                match self { $(Self::$op(op) => op.bound(inputs, facts, formats),)* }
            }
            pub fn cost(&self, inputs: &[&Facts], out: &Facts, formats: &Formats) -> Cost {
                match self { $(Self::$op(op) => op.cost(inputs, out, formats),)* }
            }
            pub fn factor(&self, out: &Facts) -> Option<(u64, u64)> {
                match self { $(Self::$op(op) => op.factor(out),)* }
            }
            pub fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
                match self { $(Self::$op(op) => op.vjp(site, graph),)* }
            }
            pub fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
                match self { $(Self::$op(op) => op.execute(call),)* }
            }
            pub fn loss<N: Number>(&self, call: &Call<N>) -> Option<Loss> {
                match self { $(Self::$op(op) => op.loss(call),)* }
            }
        }

        /// Names of all operators.
        pub const NAMES: &[&str] = &[$($op::NAME,)*];

        /// Names of those that a reader takes.
        pub fn readable() -> Vec<&'static str> {
            [$(($op::NAME, $op::EMITTED)),*].into_iter().filter(|(_, emitted)| !emitted).map(|(name, _)| name).collect()
        }

        /// For each operator its name, family, number of inputs and attributes, and whether gradients alone emit it.
        pub fn schema() -> Vec<Json> {
            vec![$(json!({
                "name": $op::NAME,
                "emitted": $op::EMITTED,
                "family": format!("{:?}", $op::FAMILY).to_lowercase(),
                "inputs": [$op::INPUTS.0, $op::INPUTS.1],
                "attributes": $op::schema(),
                "rules": $op::RULES,
            }),)*]
        }
    };
}

registry! {
    matmul Matmul,
    sum Sum,
    view View,
    round Round,
    round_gradient RoundGradient,
    clamp Clamp,
    clamp_gradient ClampGradient,
    activation Activation,
    activation_gradient ActivationGradient,
    softmax_cross_entropy SoftmaxCrossEntropy,
    mean_squared_error MeanSquaredError,
    mean_absolute_error MeanAbsoluteError,
    huber Huber,
    sigmoid_cross_entropy SigmoidCrossEntropy,
    l2_penalty L2Penalty,
    downscale Downscale,
    momentum Momentum,
    second_moment SecondMoment,
    ratio Ratio,
    given_gradient GivenGradient,
    sgd Sgd,
    compare Compare,
    argmax ArgMax,
    trees Trees,
}

impl Op {
    /// Whether it is a loss, from which gradients begin.
    pub fn is_loss(&self) -> bool {
        let of_residuals = matches!(self, Self::MeanSquaredError(_) | Self::MeanAbsoluteError(_) | Self::Huber(_));
        let of_classes = matches!(self, Self::SoftmaxCrossEntropy(_) | Self::SigmoidCrossEntropy(_));
        of_residuals || of_classes || matches!(self, Self::GivenGradient(_) | Self::L2Penalty(_))
    }
}
