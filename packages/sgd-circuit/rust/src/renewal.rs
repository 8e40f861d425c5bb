//! What a renewal says: a shard, or a frozen base, has a new digest, under which its content is the old one's.

use crate::spec::{Kind, SgdSpec};
use crate::statement::{base_digest, data_digest, field_from_hex, POINT_BYTES};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::statement::Group;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// Which of a window's commitments are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    /// Of one shard: data and labels.
    Data,
    /// Of the frozen base.
    Base,
}

impl Content {
    pub fn group(self) -> Group {
        match self {
            Content::Data => Group::Inputs,
            Content::Base => Group::Frozen,
        }
    }

    /// The digest that a window has of commitments. Errors: `SPEC_INVALID`, `POINT_INVALID`.
    pub fn digest(self, spec: &SgdSpec, points: &[u8]) -> Result<Fr, PotError> {
        match self {
            Content::Data => data_digest(spec, points),
            Content::Base => base_digest(spec, points),
        }
    }
}

/// A renewal's public inputs. Field elements are as in [`crate::statement::Public`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Renewed {
    pub run_id: String,
    pub content: Content,
    /// The digest under the old salt, and the one under the fresh one.
    pub before: String,
    pub after: String,
}

impl Renewed {
    /// Errors: `PUBLIC_INVALID`.
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        serde_json::from_str(json).map_err(|e| PotError::new("PUBLIC_INVALID", format!("a renewal's public inputs: {e}")))
    }

    /// The instance column. Errors: `PUBLIC_INVALID`.
    pub fn instance(&self) -> Result<Vec<Fr>, PotError> {
        if self.before == self.after {
            return Err(PotError::new("PUBLIC_INVALID", "a renewal has one digest twice: a fresh salt gives another".into()));
        }
        [("runId", &self.run_id), ("before", &self.before), ("after", &self.after)]
            .map(|(name, text)| field_from_hex(name, text))
            .into_iter()
            .collect()
    }

    /// Compares digests of commitments, old ones before new ones, with these. Errors: `VERIFY_DIGEST`, `SPEC_INVALID`, `POINT_INVALID`.
    pub fn bind(&self, spec: &SgdSpec, points: &[u8]) -> Result<(), PotError> {
        let (old, new) = points.split_at(points.len() / 2 / POINT_BYTES * POINT_BYTES);
        for (name, points, wanted) in [("before", old, &self.before), ("after", new, &self.after)] {
            if self.content.digest(spec, points)? != field_from_hex(name, wanted)? {
                return Err(PotError::new("VERIFY_DIGEST", format!("{name} is not the digest of the renewal's own commitments")));
            }
        }
        Ok(())
    }
}

/// That commitments of windows are renewed, and those of no other proof. Errors: `SPEC_INVALID`.
pub fn require_window(spec: &SgdSpec) -> Result<(), PotError> {
    match spec.kind {
        Kind::Window => Ok(()),
        Kind::Genesis => Err(PotError::new("SPEC_INVALID", "what is renewed is a window's: give its specification".into())),
    }
}
