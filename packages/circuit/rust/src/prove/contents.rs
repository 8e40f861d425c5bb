//! What a proof commits to, and the proof itself, without a word of what is stated.

use super::executed::Executed;
use super::shared::committed;
use super::Columns;
use crate::circuit::Parts;
use crate::statement::{Group, Spec};
use crate::witness::{Blinding, Witness};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::blinding::Script;
use pot_proof_system::digest::parse_points;
use pot_proof_system::engine::{self, Pk, Srs, Transcript};
use pot_proof_system::error::PotError;
use rand_core::{CryptoRng, RngCore};
use std::sync::Arc;

/// Secret rows and commitments of each group, in their order. Whoever states something of them computes digests and public inputs.
#[derive(Default)]
pub struct Contents {
    rows: [Vec<Vec<Fr>>; 7],
    points: [Vec<u8>; 7],
}

impl Contents {
    /// A group of what was executed, blinded by a salt. A circuit that has no such group is left as it is. Errors: `SPEC_INVALID`.
    pub fn add(&mut self, of: (&Spec, &Parts, &Srs), group: Group, salt: &[u8; 32], executed: &Executed) -> Result<(), PotError> {
        self.add_known(of, group, salt, executed, &[])
    }

    /// The same with the group's commitments, where they were made before: for this very content and salt, as others would make a proof
    /// that does not verify. Errors: also `INPUT_SHAPE`.
    pub fn add_known(
        &mut self,
        (spec, parts, srs): (&Spec, &Parts, &Srs),
        group: Group,
        salt: &[u8; 32],
        executed: &Executed,
        known: &[u8],
    ) -> Result<(), PotError> {
        let entries = |v| match group {
            Group::After | Group::StateAfter => executed.after(parts, v),
            _ => executed.run.values[v].as_slice(),
        };
        let (rows, points) = committed((spec, parts, srs), group, salt, &entries, known)?;
        self.rows[group as usize] = rows;
        self.points[group as usize] = points;
        Ok(())
    }

    /// A group's commitments, 32 bytes each.
    pub fn points(&self, group: Group) -> &[u8] {
        &self.points[group as usize]
    }

    /// A proof with this instance column. Errors: `INPUT_SHAPE` where a group was not added, `POINT_INVALID`, `PROVE_FAILED`.
    pub fn prove<R: RngCore + CryptoRng>(
        &self,
        (parts, srs, pk): (&Arc<Parts>, &Srs, &Pk),
        executed: &Executed,
        instance: &[Fr],
        rng: &mut R,
        transcript: Transcript,
    ) -> Result<Vec<u8>, PotError> {
        let [before, state, after, state_after, frozen, data, outputs] = self.rows.clone();
        let blinding = Blinding { weights: [before, frozen, state], after: [after, state_after], data, outputs };
        let mut witness = Witness::new(parts.clone(), &executed.run, blinding)?;
        if let Some(after) = &executed.taken {
            witness = witness.taken(&executed.run, after);
        }
        let unusable = pk.get_vk().cs().blinding_factors() + 1;
        let drawn = self.rows.iter().flatten().flat_map(|rows| &rows[rows.len() - unusable..]);
        let mut script = Script::new(drawn.copied(), rng);
        let mut columns = Columns::new(&witness).knowing(parse_points(&self.points.concat())?);
        engine::prove_columns(srs, pk, &mut columns, instance, &mut script, transcript)
    }
}
