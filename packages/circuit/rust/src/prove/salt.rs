//! Salts, and the secret rows that they give.

use crate::circuit::Parts;
use crate::layout::BLINDING_ROWS;
use crate::statement::describe::{WINDOW_BASE_DOMAIN, WINDOW_WEIGHTS_DOMAIN};
use crate::statement::{content_numbers, Group, Spec};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::blinding;
use pot_proof_system::error::PotError;
use sha2::{Digest, Sha256};

/// Most proofs that open what a salt blinds in columns of so many secret rows: each costs 3 random cells (the column's evaluation, and
/// its share of the openings and of the quotient's pieces), and one is left.
pub const fn max_uses(rows: usize) -> u32 {
    (rows as u32 - 1) / 3
}

/// Those of all groups but frozen weights.
pub const MAX_USES: u32 = max_uses(BLINDING_ROWS);

/// 32 secret bytes that blind one content, and in how many proofs they did. A salt serves one content alone, and is kept with it.
pub struct Salt {
    bytes: [u8; 32],
    uses: u32,
}

impl Salt {
    /// Random bytes that no proof used yet.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes, uses: 0 }
    }
    /// Those of a content that so many proofs opened already.
    pub fn used(bytes: [u8; 32], uses: u32) -> Self {
        Self { bytes, uses }
    }
    /// To be kept with the salt, before a proof is shown to anyone.
    pub fn uses(&self) -> u32 {
        self.uses
    }
    pub(super) fn bytes(&self) -> [u8; 32] {
        self.bytes
    }
}

/// Whether a content is hidden.
pub enum Hidden {
    By(Salt),
    /// Blinded by 32 zeros: whoever has the content has its commitments, and so can try contents.
    Public,
}

impl Hidden {
    pub(super) fn bytes(&self) -> [u8; 32] {
        match self {
            Hidden::By(salt) => salt.bytes,
            Hidden::Public => [0; 32],
        }
    }
}

/// Of each group of columns; of those that a circuit does not have, whatever.
pub struct Salts {
    pub weights: Hidden,
    pub after: Hidden,
    pub frozen: Hidden,
    pub state: Hidden,
    pub state_after: Hidden,
    pub inputs: Hidden,
    pub outputs: Hidden,
}

impl Salts {
    /// Nothing is hidden.
    pub fn public() -> Self {
        let [weights, after, frozen, state, state_after, inputs, outputs] = [(); 7].map(|_| Hidden::Public);
        Self { weights, after, frozen, state, state_after, inputs, outputs }
    }

    pub(super) fn of(&self, group: Group) -> &Hidden {
        match group {
            Group::Weights => &self.weights,
            Group::After => &self.after,
            Group::Frozen => &self.frozen,
            Group::State => &self.state,
            Group::StateAfter => &self.state_after,
            Group::Inputs => &self.inputs,
            Group::Outputs => &self.outputs,
        }
    }

    fn of_mut(&mut self, group: Group) -> &mut Hidden {
        match group {
            Group::Weights => &mut self.weights,
            Group::After => &mut self.after,
            Group::Frozen => &mut self.frozen,
            Group::State => &mut self.state,
            Group::StateAfter => &mut self.state_after,
            Group::Inputs => &mut self.inputs,
            Group::Outputs => &mut self.outputs,
        }
    }

    /// Counts one more proof, of all groups that a circuit has or of none. Errors: `SALT_EXHAUSTED`.
    pub(super) fn count(&mut self, parts: &Parts) -> Result<(), PotError> {
        let groups = || Group::ALL.into_iter().filter(|g| g.columns(parts) > 0);
        for group in groups() {
            let most = max_uses(group.blinding_rows(parts));
            if matches!(self.of(group), Hidden::By(salt) if salt.uses >= most) {
                let message = format!("{}: {most} proofs opened these commitments, which hide no more", group.name());
                return Err(PotError::new("SALT_EXHAUSTED", message));
            }
        }
        for group in groups() {
            if let Hidden::By(salt) = self.of_mut(group) {
                salt.uses += 1;
            }
        }
        Ok(())
    }
}

/// The secret rows of each column of a group, from the entries of its values one after the other. Weights of dense networks, and
/// the base below adapters, have those of pot-sgd's windows. Errors: `SPEC_INVALID`.
pub(super) fn secret_rows<'a>(
    spec: &Spec,
    parts: &Parts,
    group: Group,
    salt: &[u8; 32],
    entries: impl Iterator<Item = &'a i128>,
) -> Result<Vec<Vec<Fr>>, PotError> {
    let (domain, numbers) = content_numbers(spec, parts, group)?;
    let label = match group {
        Group::Weights | Group::After if domain == WINDOW_WEIGHTS_DOMAIN => "weights",
        Group::Weights | Group::After => "graph weights",
        Group::Frozen if domain == WINDOW_BASE_DOMAIN => "base",
        Group::Frozen => "graph frozen",
        Group::State | Group::StateAfter => "graph state",
        Group::Inputs => "graph inputs",
        Group::Outputs => "graph outputs",
    };
    let mut h = Sha256::new();
    h.update((numbers.len() as u64).to_le_bytes());
    numbers.iter().for_each(|v| h.update(v.to_le_bytes()));
    entries.for_each(|v| h.update((*v as i64).to_le_bytes()));
    let content: [u8; 32] = h.finalize().into();
    let rows = group.blinding_rows(parts);
    Ok((0..group.columns(parts)).map(|c| blinding::secret_rows(salt, label, &content, c, rows)).collect())
}
