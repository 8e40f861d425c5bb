//! What the rules need to know of the windows' specification.

use crate::form::Form;
use pot_proof_system::error::PotError;
use pot_sgd::network::Network;
use pot_sgd::spec::{Kind, SgdSpec};
use pot_sgd::statement::{base_description, data_layout, weight_description};

/// Public inputs of a window's proof before its steps' own rates: eta, run id, first step, number of steps.
pub const HEAD: usize = 4;
/// Those behind the rates: epoch, weights in, weights out, data. A frozen base is the last.
pub const TAIL: usize = 4;

/// What the rules need to know of the windows' specification.
#[derive(Clone, Debug)]
pub struct Layouts {
    pub steps: u64,
    pub weight_columns: usize,
    pub base_columns: usize,
    pub data_columns: usize,
    /// The numbers that digests absorb.
    pub weights: Vec<u64>,
    /// Empty without a frozen base.
    pub base: Vec<u64>,
    pub data: Vec<u64>,
    /// Places of the steps' rates among the public inputs, in the steps' order. Empty where all steps have the one rate eta.
    pub rates: Vec<usize>,
    /// What windows may differ in.
    pub form: Form,
}

impl Layouts {
    /// Errors: `SPEC_INVALID`, `AGGREGATE_UNSUPPORTED` (no window, a layer's part alone, a list of base rates).
    pub fn new(spec: &SgdSpec, form: Form) -> Result<Self, PotError> {
        let refuse = |what: &str| Err(PotError::new("AGGREGATE_UNSUPPORTED", format!("{what} cannot be aggregated yet")));
        if spec.kind != Kind::Window {
            return refuse("proofs of other things than windows");
        }
        if spec.local() {
            return refuse("layer-local windows, which no genesis proof begins,");
        }
        if spec.rates_per_step {
            return refuse("windows that list their steps' base rates");
        }
        let shape = spec.shape()?;
        Ok(Self {
            steps: spec.steps as u64,
            weight_columns: shape.weight_columns,
            base_columns: shape.base_columns,
            data_columns: shape.data_columns,
            weights: weight_description(spec)?,
            base: if spec.base_bits().is_some() { base_description(spec)? } else { vec![] },
            data: data_layout(spec)?,
            rates: if spec.scheduled() { Network::new(spec)?.parts.layout.rates.clone() } else { vec![] },
            form,
        })
    }
    /// Commitments at a proof's beginning that the rules are about.
    pub fn points(&self) -> usize {
        2 * self.weight_columns + self.base_columns + self.data_columns
    }
    /// Place of the epoch, behind the last rate. What lies between the first four public inputs and it, and is no rate, is 0.
    pub fn epoch(&self) -> usize {
        self.rates.iter().map(|place| place + 1).max().unwrap_or(0).max(HEAD)
    }
    /// Place of the shard's digest.
    pub fn shard(&self) -> usize {
        self.epoch() + TAIL - 1
    }
    /// Public inputs of a window.
    pub fn instances(&self) -> usize {
        self.epoch() + TAIL + usize::from(!self.base.is_empty())
    }
}
