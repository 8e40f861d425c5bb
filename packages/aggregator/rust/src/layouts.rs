//! What the rules need to know of the windows' specification.

use pot_proof_system::error::PotError;
use pot_sgd::spec::{Kind, SgdSpec};
use pot_sgd::statement::{base_description, data_layout, weight_description};

/// Public inputs of a window's proof without a frozen base.
pub const WINDOW_INSTANCES: usize = 8;

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
}

impl Layouts {
    /// Errors: `SPEC_INVALID`, `AGGREGATE_UNSUPPORTED` (no window, steps with rates of their own, a layer's part alone).
    pub fn new(spec: &SgdSpec) -> Result<Self, PotError> {
        let refuse = |what: &str| Err(PotError::new("AGGREGATE_UNSUPPORTED", format!("{what} cannot be aggregated yet")));
        if spec.kind != Kind::Window {
            return refuse("proofs of other things than windows");
        }
        if spec.scheduled() {
            return refuse("windows of Adam, whose steps have rates of their own as public inputs,");
        }
        if spec.local() {
            return refuse("layer-local windows, which no genesis proof begins,");
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
        })
    }
    /// Commitments at a proof's beginning that the rules are about.
    pub fn points(&self) -> usize {
        2 * self.weight_columns + self.base_columns + self.data_columns
    }
    /// Public inputs of a window.
    pub fn instances(&self) -> usize {
        WINDOW_INSTANCES + usize::from(!self.base.is_empty())
    }
}
