//! What windows of one run may differ in.

use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// What windows of one run may differ in: then the circuit compares it with nothing and has it in the schedule's hash, for whoever
/// knows what each window must have. Each form is a circuit with a key of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Form {
    /// Each window's rate eta: runs on a schedule of learning rates.
    pub rates: bool,
    /// Each window's digests of its shard, in the place of the shard's index, and of the frozen base, where there is one: runs whose
    /// commitments were renewed.
    pub renewed: bool,
}

impl Form {
    /// Errors: `OPTION_INVALID`. Empty: the form of runs in which nothing changes.
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        if json.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(json).map_err(|e| PotError::new("OPTION_INVALID", format!("form: {e}")))
    }

    /// What a chain of this form begins with: a chain of one is none of another.
    pub fn tag(self) -> u64 {
        (u64::from(self.rates) << 32) | (u64::from(self.renewed) << 33)
    }
}
