//! Renewals of the commitments that windows share: made, and verified with a key that follows from the specification.

use super::input::{check_base, check_data};
use super::{Prover, Salt};
use crate::network::Content as Given;
use crate::renewal::{require_window, Content, Renewed};
use crate::spec::SgdSpec;
use pot_circuit::prove::{values, Renewal, RenewalCircuit};
use pot_circuit::statement::Group;
use pot_proof_system::engine;
use pot_proof_system::error::PotError;
use rand_core::OsRng;
use std::collections::HashMap;

/// What is committed to anew: a shard's data and labels, or a frozen base, whichever the public inputs name; the other is empty.
pub struct RenewalInput<'a> {
    pub x: &'a [i32],
    pub y: &'a [i32],
    pub base: &'a [i64],
    /// That of the old commitments, and that of the new ones, which no proof has used.
    pub salt: &'a Salt,
    pub fresh: &'a Salt,
}

impl Prover {
    /// Proves that both commitments are to this content. It opens each of them once, as a window does.
    ///
    /// Errors: `SPEC_INVALID`, `PUBLIC_INVALID`, `INPUT_SHAPE`, `DATA_*`, `WEIGHT_RANGE`; `VERIFY_DIGEST` where a digest is another
    /// content's or salt's.
    pub fn prove_renewal(&mut self, spec: &SgdSpec, public: &Renewed, input: &RenewalInput<'_>) -> Result<Vec<u8>, PotError> {
        require_window(spec)?;
        let instance = public.instance()?;
        let group = public.content.group();
        let entries = self.renewed_entries(spec, public.content, input)?;
        let network = self.network(spec)?;
        let size = Renewal::of(&network.parts, group)?;
        let of = (&network.described, &*network.parts);
        let columns = Renewal::contents(of, group, [input.salt, input.fresh], &|v| &entries[&v])?;
        let id = self.renewal_key(size, true)?;
        let (srs, pk) = (self.srs(size.k), self.pk(&id));
        let stated = |points: &[u8]| public.bind(spec, points).map(|()| instance.clone());
        let proof = size.prove((srs, pk), columns, stated, &mut OsRng, self.transcript())?;
        // Cheap enough for its maker to do.
        engine::verify(srs, pk.get_vk(), &instance, &proof, self.transcript()).map(|()| proof)
    }

    /// Verifies a renewal. Errors: `SPEC_INVALID`, `PUBLIC_INVALID`, `SRS_TOO_SMALL`, `VERIFY_TRUNCATED`, `VERIFY_DIGEST`, `VERIFY_FAILED`.
    pub fn verify_renewal(&mut self, spec: &SgdSpec, public: &Renewed, proof: &[u8]) -> Result<(), PotError> {
        require_window(spec)?;
        let instance = public.instance()?;
        let size = Renewal::of(&self.network(spec)?.parts, public.content.group())?;
        let Some((points, _)) = proof.split_at_checked(size.points()) else {
            return Err(PotError::new("VERIFY_TRUNCATED", format!("the renewal has only {} bytes", proof.len())));
        };
        public.bind(spec, points)?;
        let id = self.renewal_key(size, false)?;
        engine::verify(self.srs(size.k), self.vk(&id), &instance, proof, self.transcript())
    }

    /// Entries by value, in range.
    fn renewed_entries(&mut self, spec: &SgdSpec, content: Content, input: &RenewalInput<'_>) -> Result<HashMap<usize, Vec<i128>>, PotError> {
        let network = self.network(spec)?;
        match content {
            Content::Data => {
                check_data(spec, input.x, input.y)?;
                let given = Given { weights: &[], base: &[], x: input.x, y: input.y, taken: &[] };
                Ok(network.data_by_value(spec, &given))
            }
            Content::Base => {
                check_base(spec, input.base)?;
                let mut rest = input.base.iter().map(|e| i128::from(*e));
                let part = |v| (v, rest.by_ref().take(network.parts.graph.facts(v).len()).collect());
                Ok(values(&network.parts, Group::Frozen).into_iter().map(part).collect())
            }
        }
    }

    fn renewal_key(&mut self, size: Renewal, proving: bool) -> Result<String, PotError> {
        let id = format!("{size:?}");
        self.key_of(&id, size.k, &RenewalCircuit::new(size, None), proving)?;
        Ok(id)
    }
}
