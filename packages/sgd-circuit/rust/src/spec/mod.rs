//! The public description of one circuit: architecture, loss, batch, window and number formats.
//!
//! A verifier derives the verifying key from this value alone, so every number that shapes the circuit is in it.

mod check;
mod names;
mod penalty;

pub use crate::adapter::Adapter;
pub use crate::limits::{MAX_ADAM_ETA, MAX_ETA, MAX_RANK, MAX_STEPS};
use crate::optimizer::Optimizer;
pub use crate::scales::Scales;
use names::bends;
pub use names::{Activation, Labels, Loss};
pub use penalty::{Part, Penalty};
use pot_circuit::front::dense::DenseActivation;
use pot_circuit::limits::CORRECTED_RATE_BITS;
use pot_circuit::tensor::Formats;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// One dense layer: `z = W h + bias`, `W` of shape `[outputs][inputs]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    pub activation: Activation,
    pub bias: bool,
}

/// Low-rank adapters on frozen layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lora {
    /// One entry a layer.
    pub adapters: Vec<Option<Adapter>>,
    /// Fractional bits of the base's weights; 0 in layer-local mode.
    pub base_bits: u32,
    /// One layer, whose input and gradient with respect to the output are taken as given; no base.
    pub local: bool,
    /// Without it, plain SGD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<Optimizer>,
}

/// Which statement the circuit proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// K training steps between two committed checkpoints.
    Window,
    /// The range of a run's first weights.
    Genesis,
}

/// How the weights after the step relate to the integers' own result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    Exact,
    /// Each weight may differ by a public bound (for steps that a float framework took).
    Tolerance,
}

/// Rows and columns: chosen by the planner, then part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shape {
    /// log2 of the number of rows.
    pub k: u32,
    /// Columns that hold W_0 (and as many that hold W_K); half of them an optimiser's states, where there are any.
    pub weight_columns: usize,
    /// Columns that hold inputs and labels.
    pub data_columns: usize,
    /// Units side by side in one block of rows.
    pub lanes: usize,
    /// Columns of one unit.
    pub lane_columns: usize,
    /// Columns that hold the frozen base, where there is one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub base_columns: usize,
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

/// The rate of B' where each step has its own. Errors: `ETA_RANGE` beyond what the circuit's bounds assume.
fn scheduled_in_range(a: Adapter, rate: i64) -> Result<(), PotError> {
    // A multiple of the unit, so nothing is left.
    let moved = i128::from(rate) * i128::from(a.alpha) / a.rank as i128;
    match (0..1 << CORRECTED_RATE_BITS).contains(&moved) {
        true => Ok(()),
        false => {
            let message = format!("the step's rate {rate} times {}/{} must lie in 0..2^{CORRECTED_RATE_BITS}", a.alpha, a.rank);
            Err(PotError::new("ETA_RANGE", message))
        }
    }
}

fn is_zero(v: &usize) -> bool {
    *v == 0
}
fn is_false(v: &bool) -> bool {
    !v
}

/// The circuit's public description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SgdSpec {
    pub kind: Kind,
    pub mode: Mode,
    pub layers: Vec<Layer>,
    pub loss: Loss,
    /// Samples a step (B).
    pub batch: usize,
    /// Steps a window (K).
    pub steps: usize,
    pub scales: Scales,
    /// A data cell is `x + x_offset`, in `[0, 2^b)`.
    pub x_offset: i64,
    /// A label cell is `y + y_offset`, in `[0, 2^b)` (mean squared error only).
    pub y_offset: i64,
    /// `|W_1 - step(W_0)| <= 2^(b * limbs - 1)` in tolerance mode; 0 in exact mode.
    pub tolerance_limbs: usize,
    /// Only adapters are trained. Without it, all kernels and biases are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lora: Option<Lora>,
    /// Of kernels and biases. Without it, plain SGD; that of adapters is in `lora`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<Optimizer>,
    /// Each step of a window has a base rate of its own, in the public inputs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rates_per_step: bool,
    /// In the order of layers, a kernel's before its bias's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub penalties: Vec<Penalty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
}

/// Limbs of a weight with `bits` fractional bits: four bits more, rounded up to whole limbs.
pub fn genesis_limbs(spec: &SgdSpec, bits: u32) -> usize {
    (bits as usize + 4).div_ceil(spec.scales.b as usize)
}

impl SgdSpec {
    /// Reads and checks a specification.
    ///
    /// Errors: `SPEC_INVALID` (not JSON, unknown or missing field, or a value out of range, named).
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        let spec: Self = serde_json::from_str(json).map_err(|e| PotError::new("SPEC_INVALID", format!("specification: {e}")))?;
        spec.check()?;
        Ok(spec)
    }

    /// Canonical JSON (fields in declaration order).
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a specification always serialises")
    }

    /// The adapter of layer `l`.
    pub fn adapter(&self, l: usize) -> Option<Adapter> {
        self.lora.as_ref().and_then(|v| v.adapters[l])
    }
    /// Whether layer input and upstream gradient are taken as given.
    pub fn local(&self) -> bool {
        self.lora.as_ref().is_some_and(|l| l.local)
    }
    /// Fractional bits of the frozen base, where there is one.
    pub fn base_bits(&self) -> Option<u32> {
        self.lora.as_ref().filter(|l| !l.local).map(|l| l.base_bits)
    }
    /// The lowest layer that is trained: nothing is propagated back below it.
    pub fn lowest(&self) -> usize {
        self.lora.as_ref().and_then(|l| l.adapters.iter().position(Option::is_some)).unwrap_or(0)
    }
    /// Whether layer `l` has a backward product: with its kernel, its adapter, or both.
    pub fn backward(&self, l: usize) -> bool {
        l > self.lowest() || self.adapter(l).is_some()
    }

    /// The update rule, where it is not plain SGD.
    pub fn optimizer(&self) -> Option<Optimizer> {
        self.lora.as_ref().map_or(self.optimizer, |l| l.optimizer)
    }
    /// What a step's rate must be a multiple of, for that of every B' to be an integer.
    fn rate_unit(&self) -> Option<u64> {
        let units = (0..self.layers.len()).filter_map(|l| self.adapter(l)).map(|a| a.rank as u64 / gcd(a.rank as u64, a.alpha));
        units.into_iter().try_fold(1, |unit, u| Some(unit / gcd(unit, u) * u).filter(|v| *v <= MAX_RANK as u64))
    }
    /// The public rate of step `number` (from 0): `eta`, or what a rule that divides by gradients makes of it.
    pub fn step_rate(&self, eta: i64, number: u64) -> i64 {
        self.optimizer().map_or(eta, |o| o.rate(&self.formats(), self.rate_unit().unwrap_or(1), eta, number))
    }
    /// The rates of a window's steps, of which the first has this number, from one base rate for all or one a step: as many as the circuit
    /// has. Errors: `ETA_RANGE`.
    pub fn window_rates(&self, etas: &[i64], first: u64) -> Result<Vec<i64>, PotError> {
        let rate = |i: usize| {
            let rate = self.step_rate(etas.get(i).or(etas.first()).copied().unwrap_or(0), first.saturating_add(i as u64));
            self.check_rate(rate).map(|()| rate)
        };
        (0..if self.own_rates() { self.steps } else { 1 }).map(rate).collect()
    }
    /// Whether the rule divides by gradients, so that its rate is at a scale of its own.
    pub fn divides(&self) -> bool {
        self.optimizer().is_some_and(|o| o.corrects())
    }
    /// Whether the circuit has a rate for each step.
    pub fn own_rates(&self) -> bool {
        self.divides() || (self.rates_per_step && self.steps > 1)
    }
    /// Whether steps have rates of their own among the public inputs.
    pub fn scheduled(&self) -> bool {
        self.divides() || self.rates_per_step
    }
    /// Refuses a step's own rate by which some B' would move too far. Errors: `ETA_RANGE`.
    pub fn check_rate(&self, rate: i64) -> Result<(), PotError> {
        let adapters = (0..self.layers.len()).filter_map(|l| self.adapter(l)).filter(|_| self.divides());
        adapters.into_iter().try_for_each(|a| scheduled_in_range(a, rate))
    }
    /// Refuses a learning rate that is out of range. Errors: `ETA_RANGE`.
    pub fn check_eta(&self, eta: i64) -> Result<(), PotError> {
        let most = if self.divides() { MAX_ADAM_ETA } else { MAX_ETA };
        if !(1..most).contains(&eta) {
            return Err(PotError::new("ETA_RANGE", format!("eta must lie in 1..{most}, not {eta}")));
        }
        if self.divides() {
            return Ok(());
        }
        (0..self.layers.len()).filter_map(|l| self.adapter(l)).try_for_each(|a| a.eta(eta).map(|_| ()))
    }

    /// Limbs and tables, as graphs name them.
    pub fn formats(&self) -> Formats {
        Formats { limb_bits: self.scales.b, table_bits: self.scales.p }
    }
    /// Length of a checkpoint: the trained weights, then as many values of each state.
    pub fn checkpoint(&self) -> usize {
        self.weights() * (1 + self.optimizer().map_or(0, |o| o.states()))
    }
    /// Number of weights that are trained.
    pub fn weights(&self) -> usize {
        if self.lora.is_none() {
            return self.dense_weights();
        }
        (0..self.layers.len()).filter_map(|l| self.adapter(l).map(|a| a.rank * (self.layers[l].inputs + self.layers[l].outputs))).sum()
    }
    /// Number of frozen weights.
    pub fn base_weights(&self) -> usize {
        self.base_bits().map_or(0, |_| self.dense_weights())
    }
    fn dense_weights(&self) -> usize {
        self.layers.iter().map(|l| l.outputs * (l.inputs + usize::from(l.bias))).sum()
    }
    /// Width of the input.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }
    /// Width of the output.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }
    /// Whether labels are one-hot, under a softmax cross-entropy.
    pub fn softmax(&self) -> bool {
        self.loss.labels() == Labels::OneHot
    }
    /// Whether the executor of docs/protocol/protocol.md has these layers and this loss; otherwise the operator graph has.
    pub fn plain(&self) -> bool {
        let plain = matches!(self.loss, Loss::MeanSquaredError | Loss::SoftmaxCrossEntropy);
        plain && self.penalties.is_empty() && self.layers.iter().all(|l| l.activation.function().is_none())
    }
    /// What bends the values of layer `l`, in the graph.
    pub(crate) fn bends(&self, l: usize) -> Option<DenseActivation> {
        bends(self.layers[l].activation, l + 1 == self.layers.len(), self.loss)
    }
    /// The shape, or `SPEC_INVALID` where `plan` has not filled it in.
    pub fn shape(&self) -> Result<Shape, PotError> {
        self.shape.ok_or_else(|| PotError::new("SPEC_INVALID", "the specification has no shape: call plan first".into()))
    }
}
