//! Groups of columns that a proof begins with the commitments of.

use crate::circuit::Parts;
use crate::layout::BLINDING_ROWS;
use pot_proof_system::digest::POINT_BYTES;
use pot_proof_system::error::PotError;

/// In the order of a proof. Each has one digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    Weights,
    /// An optimiser's.
    State,
    /// After a step of training.
    After,
    StateAfter,
    Frozen,
    /// Data and labels.
    Inputs,
    Outputs,
}

impl Group {
    pub const ALL: [Group; 7] = [Group::Weights, Group::State, Group::After, Group::StateAfter, Group::Frozen, Group::Inputs, Group::Outputs];

    /// Whether it holds an optimiser's states.
    pub fn is_state(self) -> bool {
        matches!(self, Group::State | Group::StateAfter)
    }

    /// Its name in a statement.
    pub fn name(self) -> &'static str {
        match self {
            Group::Weights => "weights",
            Group::After => "weightsAfter",
            Group::Frozen => "frozen",
            Group::State => "state",
            Group::StateAfter => "stateAfter",
            Group::Inputs => "inputs",
            Group::Outputs => "outputs",
        }
    }

    /// Secret rows at the end of its columns.
    pub fn blinding_rows(self, parts: &Parts) -> usize {
        match self {
            Group::Frozen => parts.layout.shape.frozen_blinding(),
            _ => BLINDING_ROWS,
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.name() == name)
    }

    /// Its columns; 0 where a circuit has no such group.
    pub fn columns(self, parts: &Parts) -> usize {
        let (layout, shape) = (&parts.layout, &parts.layout.shape);
        let [trained, frozen, states] = &layout.weights;
        let (there, columns) = match self {
            Group::Weights => (!trained.matrices.is_empty(), trained.columns),
            Group::After => (trained.moves && !trained.matrices.is_empty(), trained.columns),
            Group::Frozen => (!frozen.matrices.is_empty(), frozen.columns),
            Group::State | Group::StateAfter => (!states.matrices.is_empty(), states.columns),
            Group::Inputs => (!layout.data.is_empty(), shape.data_columns),
            Group::Outputs => (!layout.outputs.is_empty(), shape.output_columns),
        };
        if there {
            columns
        } else {
            0
        }
    }
}

/// The commitments that a proof begins with, of each group. Errors: `VERIFY_TRUNCATED`.
pub fn split<'a>(parts: &Parts, proof: &'a [u8]) -> Result<[&'a [u8]; 7], PotError> {
    let mut rest = proof;
    let mut out = [&proof[..0]; 7];
    for (group, points) in Group::ALL.into_iter().zip(&mut out) {
        let split = rest.split_at_checked(group.columns(parts) * POINT_BYTES);
        (*points, rest) = split.ok_or_else(|| PotError::new("VERIFY_TRUNCATED", format!("the proof has only {} bytes", proof.len())))?;
    }
    Ok(out)
}
