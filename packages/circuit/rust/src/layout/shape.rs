//! How many rows and columns a circuit has.

use crate::tensor::Formats;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// Rows at the end of every column that hold only secret random values, of which halo2 draws some itself.
pub const BLINDING_ROWS: usize = 64;
/// The same for the columns of frozen weights, which every proof of a fine-tuning opens: one row of so many, 64 at least.
const FROZEN_BLINDING_OF: usize = 16;
const MIN_K: u32 = 7;
const MAX_K: u32 = 22;
const MAX_COLUMNS: usize = 256;
const MAX_LANES: usize = 64;

/// 2^k rows; columns of trained and frozen weights, of data, of outputs; units side by side, and the columns of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shape {
    pub k: u32,
    pub weight_columns: usize,
    pub frozen_columns: usize,
    pub data_columns: usize,
    pub output_columns: usize,
    pub lanes: usize,
    pub lane_columns: usize,
}

impl Shape {
    /// Rows that may hold values: 0 to this.
    pub fn limit(&self) -> usize {
        (1 << self.k) - BLINDING_ROWS
    }
    /// The secret rows of the columns of frozen weights, and those of their rows that may hold values.
    pub fn frozen_blinding(&self) -> usize {
        BLINDING_ROWS.max((1 << self.k) / FROZEN_BLINDING_OF)
    }
    pub fn frozen_limit(&self) -> usize {
        (1 << self.k) - self.frozen_blinding()
    }

    /// Errors: `CIRCUIT_SHAPE`, `CIRCUIT_TOO_LARGE` (the range table).
    pub(super) fn check(&self, formats: &Formats) -> Result<(), PotError> {
        let columns = [self.weight_columns, self.frozen_columns, self.data_columns, self.output_columns, self.lane_columns];
        let within = columns.iter().all(|c| (1..=MAX_COLUMNS).contains(c)) && (1..=MAX_LANES).contains(&self.lanes);
        if !(MIN_K..=MAX_K).contains(&self.k) || !within {
            let message = format!("a shape has 2^{MIN_K} to 2^{MAX_K} rows, 1 to {MAX_COLUMNS} columns of each kind, 1 to {MAX_LANES} lanes");
            return Err(PotError::new("CIRCUIT_SHAPE", message));
        }
        if (1 << formats.limb_bits) + 2 > self.limit() {
            return Err(self.too_large("the range table"));
        }
        Ok(())
    }

    pub(super) fn too_large(&self, what: &str) -> PotError {
        PotError::new("CIRCUIT_TOO_LARGE", format!("{what} need more than the {} usable rows of this shape", self.limit()))
    }
}
