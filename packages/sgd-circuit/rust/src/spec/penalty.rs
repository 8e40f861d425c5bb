//! L2 penalties of kernels and biases.

use serde::{Deserialize, Serialize};

/// An L2 penalty of a layer's kernel or bias: `l2 / 2^32` times the sum of its squares, part of the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Penalty {
    pub layer: usize,
    pub of: Part,
    pub l2: u32,
}

/// What of a layer is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    Kernel,
    Bias,
}
