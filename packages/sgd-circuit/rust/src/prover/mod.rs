//! Keys, commitments, proofs and their verification for one SRS.

mod input;
mod keys;
mod renewal;

pub use input::{Base, Salt, WindowInput, WindowPoints};
pub use keys::Prover;
pub use renewal::RenewalInput;

use crate::content::parted;
use crate::network::{Content, Network};
use crate::spec::{Kind, Mode, SgdSpec};
use crate::statement::{base_layout, bind, Public, POINT_BYTES};
use halo2_axiom::halo2curves::bn256::Fr;
use input::{check_base, check_data, check_weights};
use pot_circuit::prove::{commitments, first_state, values, Contents, Executed};
use pot_circuit::statement::Group;
use pot_proof_system::engine;
use pot_proof_system::error::PotError;
use rand_core::OsRng;
use std::collections::HashMap;

/// What blinds an optimiser's state: zeros where all of it is 0, as it is before a run's first step, when everyone knows it.
fn state_salt<'a>(spec: &SgdSpec, checkpoint: &[i64], salt: &'a Salt) -> &'a Salt {
    if checkpoint[spec.weights()..].iter().any(|v| *v != 0) {
        salt
    } else {
        &[0; 32]
    }
}

impl Prover {
    /// Commitments to a checkpoint's columns, of weights and then of states: 32 bytes each.
    pub fn commit_weights(&mut self, spec: &SgdSpec, w: &[i64], salt: &Salt) -> Result<Vec<u8>, PotError> {
        check_weights(spec, w)?;
        let (weights, states) = w.split_at(spec.weights());
        let of_weights = self.commit(spec, Group::Weights, weights, salt)?;
        let of_states = self.commit(spec, Group::State, states, state_salt(spec, w, salt))?;
        Ok([of_weights, of_states].concat())
    }

    /// Commitments to the frozen base's columns. Errors: `SPEC_INVALID` where there is none.
    pub fn commit_base(&mut self, spec: &SgdSpec, base: &Base<'_>) -> Result<Vec<u8>, PotError> {
        base_layout(spec)?;
        check_base(spec, base.weights)?;
        self.commit(spec, Group::Frozen, base.weights, base.salt)
    }

    /// Commitments to one shard's columns.
    pub fn commit_data(&mut self, spec: &SgdSpec, x: &[i32], y: &[i32], salt: &Salt) -> Result<Vec<u8>, PotError> {
        check_data(spec, x, y)?;
        let network = self.network(&window_of(spec))?;
        let content = Content { weights: &[], base: &[], x, y, taken: &[] };
        let tensors = network.data_by_value(spec, &content);
        self.prepare(network.parts.layout.shape.k)?;
        let of = (&network.described, &*network.parts, self.srs(network.parts.layout.shape.k));
        commitments(of, Group::Inputs, salt, &|v| &tensors[&v])
    }

    /// Of entries of a group's values, one after the other.
    fn commit(&mut self, spec: &SgdSpec, group: Group, entries: &[i64], salt: &Salt) -> Result<Vec<u8>, PotError> {
        let network = self.network(&window_of(spec))?;
        if group.columns(&network.parts) == 0 {
            return Ok(vec![]);
        }
        let of = values(&network.parts, group);
        let lens: Vec<usize> = of.iter().map(|v| network.parts.graph.facts(*v).len()).collect();
        let known: HashMap<usize, Vec<i128>> = of.into_iter().zip(parted(&lens, entries)).collect();
        let k = network.parts.layout.shape.k;
        self.prepare(k)?;
        commitments((&network.described, &network.parts, self.srs(k)), group, salt, &|v| &known[&v])
    }

    /// Executes a window that begins with step `first_step`, and checks that its result is what is claimed: the checkpoint after it. `etas`:
    /// the base rate of all steps, or one a step.
    pub fn executed(
        spec: &SgdSpec,
        network: &Network,
        input: &WindowInput<'_>,
        etas: &[i64],
        first_step: u64,
    ) -> Result<(Executed, Vec<i64>), PotError> {
        if spec.kind != Kind::Window {
            return Err(PotError::new("SPEC_INVALID", "this specification is not a window's".into()));
        }
        check_weights(spec, input.w0)?;
        check_base(spec, input.base.weights)?;
        check_data(spec, input.x, input.y)?;
        etas.iter().try_for_each(|eta| spec.check_eta(*eta))?;
        let taken = match (spec.mode, input.wk) {
            (Mode::Exact, _) => &[],
            (Mode::Tolerance, None) => return Err(PotError::new("INPUT_SHAPE", "tolerance mode needs the weights after the step".into())),
            (Mode::Tolerance, Some(wk)) => {
                check_weights(spec, wk)?;
                wk
            }
        };
        let content = Content { weights: input.w0, base: input.base.weights, x: input.x, y: input.y, taken };
        let tensors = network.tensors(spec, &content);
        let executed = match spec.mode {
            Mode::Exact => Executed::at_rates(&network.parts, &tensors, &spec.window_rates(etas, first_step)?)?,
            Mode::Tolerance => Executed::new(&network.described, &network.parts, &tensors, (etas[0], first_step))?,
        };
        let after = [Group::Weights, Group::State].into_iter().filter(|g| g.columns(&network.parts) > 0).flat_map(|g| values(&network.parts, g));
        let after: Vec<i64> = after.flat_map(|v| executed.after(&network.parts, v).iter().map(|e| *e as i64)).collect();
        match input.wk {
            Some(wk) if wk != after => Err(PotError::new("WITNESS_MISMATCH", "the weights after the window are not the result of its steps".into())),
            _ => Ok((executed, after)),
        }
    }

    /// Proves a window. The proof is withheld where its own commitments do not have the public digests.
    pub fn prove_window(&mut self, spec: &SgdSpec, public: &Public, input: &WindowInput<'_>) -> Result<Vec<u8>, PotError> {
        let network = self.network(spec)?;
        let instance = public.instance(spec, &network.parts.layout.rates)?;
        let (executed, after) = Self::executed(spec, &network, input, &public.base_rates(spec)?, public.first_step)?;
        self.proving_key(spec)?;
        let srs = self.srs(network.parts.layout.shape.k);
        let of = (&network.described, &*network.parts, srs);
        // Of a checkpoint's commitments those to weights come first.
        let of_weights = Group::Weights.columns(&network.parts) * POINT_BYTES;
        let [before, then] = [input.points.w0, input.points.wk].map(|p| p.split_at(of_weights.min(p.len())));
        let mut contents = Contents::default();
        for (group, salt, known) in [
            (Group::Weights, input.salt0, before.0),
            (Group::State, state_salt(spec, input.w0, input.salt0), before.1),
            (Group::After, input.salt_k, then.0),
            (Group::StateAfter, state_salt(spec, &after, input.salt_k), then.1),
            (Group::Frozen, input.base.salt, input.points.base),
            (Group::Inputs, input.data_salt, input.points.data),
        ] {
            contents.add_known(of, group, salt, &executed, known)?;
        }
        let pk = self.pk(&spec.to_json());
        let proof = contents.prove((&network.parts, srs, pk), &executed, &instance, &mut OsRng, self.transcript())?;
        bind(spec, public, &proof, &[]).map(|()| proof)
    }

    /// Proves the range of a run's first weights, and of its frozen base where there is one.
    pub fn prove_genesis(&mut self, spec: &SgdSpec, public: &Public, w0: &[i64], salt: &Salt, base: &Base<'_>) -> Result<Vec<u8>, PotError> {
        if spec.kind != Kind::Genesis {
            return Err(PotError::new("SPEC_INVALID", "this specification is not a genesis proof's".into()));
        }
        let instance = public.instance(spec, &[])?;
        check_weights(spec, w0)?;
        if let Some(i) = w0[spec.weights()..].iter().position(|v| *v != 0) {
            return Err(PotError::new("STATE_NOT_ZERO", format!("a run begins with the optimiser's state at 0, but value {i} of it is not")));
        }
        check_base(spec, base.weights)?;
        let network = self.network(spec)?;
        let content = Content { weights: &w0[..spec.weights()], base: base.weights, x: &[], y: &[], taken: &[] };
        let executed = Executed::new(&network.described, &network.parts, &network.tensors(spec, &content), (0, 0))?;
        self.proving_key(spec)?;
        let srs = self.srs(network.parts.layout.shape.k);
        let of = (&network.described, &*network.parts, srs);
        let mut contents = Contents::default();
        contents.add(of, Group::Weights, salt, &executed)?;
        contents.add(of, Group::Frozen, base.salt, &executed)?;
        let pk = self.pk(&spec.to_json());
        let proof = contents.prove((&network.parts, srs, pk), &executed, &instance, &mut OsRng, self.transcript())?;
        bind(spec, public, &proof, &self.first_state(spec)?).map(|()| proof)
    }

    /// Commitments to the states that a genesis proof goes with; empty where there are none.
    fn first_state(&mut self, spec: &SgdSpec) -> Result<Vec<u8>, PotError> {
        if spec.kind != Kind::Genesis || spec.optimizer().is_none_or(|o| o.states() == 0) {
            return Ok(vec![]);
        }
        let network = self.network(&window_of(spec))?;
        let k = network.parts.layout.shape.k;
        self.prepare_powers(k)?;
        first_state((&network.described, &network.parts, self.srs(k)))
    }

    /// Verifies a proof against public inputs and the key that the specification defines.
    ///
    /// Errors: `SPEC_INVALID`, `PUBLIC_INVALID`, `SRS_TOO_SMALL`, `VERIFY_TRUNCATED`, `VERIFY_DIGEST`, `VERIFY_FAILED`.
    pub fn verify(&mut self, spec: &SgdSpec, public: &Public, proof: &[u8]) -> Result<(), PotError> {
        let instance = self.bound(spec, public, proof)?;
        let transcript = self.transcript();
        let (srs, vk) = self.verifying_key(spec)?;
        engine::verify(srs, vk, &instance, proof, transcript)
    }

    /// Checks a proof with the key that this prover proves with, which may be imported: for the maker of a proof, before
    /// it lets it go. It says nothing about a proof from elsewhere; that is [`Prover::verify`]'s.
    ///
    /// Errors: those of [`Prover::verify`].
    pub fn check_own(&mut self, spec: &SgdSpec, public: &Public, proof: &[u8]) -> Result<(), PotError> {
        let instance = self.bound(spec, public, proof)?;
        self.proving_key(spec)?;
        engine::verify(self.srs(spec.shape()?.k), self.pk(&spec.to_json()).get_vk(), &instance, proof, self.transcript())
    }

    /// The instance column, where the proof's own commitments are what is public.
    fn bound(&mut self, spec: &SgdSpec, public: &Public, proof: &[u8]) -> Result<Vec<Fr>, PotError> {
        let network = self.network(spec)?;
        let instance = public.instance(spec, &network.parts.layout.rates)?;
        // Before commitments are made of states.
        let least = Group::ALL.iter().map(|g| g.columns(&network.parts)).sum::<usize>() * POINT_BYTES;
        if proof.len() < least {
            return Err(PotError::new("VERIFY_TRUNCATED", format!("the proof has only {} bytes", proof.len())));
        }
        let first = self.first_state(spec)?;
        bind(spec, public, proof, &first)?;
        Ok(instance)
    }
}

/// The window whose columns a specification's commitments fill.
fn window_of(spec: &SgdSpec) -> SgdSpec {
    SgdSpec { kind: Kind::Window, ..spec.clone() }
}
