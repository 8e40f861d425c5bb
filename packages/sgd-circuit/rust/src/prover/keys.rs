//! Keys by specification: made here, or imported for proving alone.

use crate::network::{shape, Network};
use crate::spec::SgdSpec;
use crate::statement::field_to_hex;
use halo2_axiom::poly::commitment::Params as _;
use pot_circuit::prove::{GraphCircuit, Params};
use pot_proof_system::any_circuit::AnyCircuit;
use pot_proof_system::engine::{self, Pk, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::{key_file, srs};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

enum Key {
    Proving(Box<Pk>),
    Verifying(Box<Vk>),
}

impl Key {
    fn vk(&self) -> &Vk {
        match self {
            Key::Proving(pk) => pk.get_vk(),
            Key::Verifying(vk) => vk,
        }
    }
}

/// Holds an SRS and the keys made with it.
pub struct Prover {
    srs: Srs,
    /// Of the proofs that it makes and verifies.
    transcript: Transcript,
    /// With their Lagrange bases, for proving and commitments.
    smaller: HashMap<u32, Srs>,
    /// Powers alone, for verification: a verifier makes no basis.
    alone: HashMap<u32, Srs>,
    networks: HashMap<String, Arc<Network>>,
    /// Made here, from the specification alone: what `verify` and `vk_digest` use.
    keys: HashMap<String, Key>,
    /// Read from bytes: for proving alone.
    imported: HashMap<String, Box<Pk>>,
}

impl Prover {
    pub fn new(srs: Srs) -> Self {
        Self::with_transcript(srs, Transcript::default())
    }

    /// Makes and verifies proofs with this transcript alone: Poseidon's for windows that a circuit will verify.
    pub fn with_transcript(srs: Srs, transcript: Transcript) -> Self {
        Self {
            srs,
            transcript,
            smaller: HashMap::new(),
            alone: HashMap::new(),
            networks: HashMap::new(),
            keys: HashMap::new(),
            imported: HashMap::new(),
        }
    }

    /// Makes and verifies proofs with this transcript from now on. Keys stay: they do not depend on it.
    pub fn set_transcript(&mut self, transcript: Transcript) {
        self.transcript = transcript;
    }

    fn is_ready(&self, k: u32) -> bool {
        (k == self.srs.k() && srs::has_basis(&self.srs)) || self.smaller.contains_key(&k)
    }

    /// The string cut to 2^k, with its Lagrange basis. Errors: `SRS_TOO_SMALL`.
    pub(super) fn prepare(&mut self, k: u32) -> Result<(), PotError> {
        if !self.is_ready(k) {
            self.smaller.insert(k, srs::cut(&self.srs, k)?);
            self.alone.remove(&k);
        }
        Ok(())
    }

    /// The string cut to 2^k, of powers alone where there is no basis of that size yet. Errors: `SRS_TOO_SMALL`.
    pub(super) fn prepare_powers(&mut self, k: u32) -> Result<(), PotError> {
        if !self.is_ready(k) && k != self.srs.k() && !self.alone.contains_key(&k) {
            self.alone.insert(k, srs::powers_alone(&self.srs, k)?);
        }
        Ok(())
    }

    pub(super) fn srs(&self, k: u32) -> &Srs {
        self.smaller.get(&k).or_else(|| self.alone.get(&k)).unwrap_or(&self.srs)
    }

    pub(super) fn transcript(&self) -> Transcript {
        self.transcript
    }

    /// The circuit of a specification, made once. Errors: `SPEC_INVALID`, `GRAPH_*`, `CIRCUIT_*`.
    pub(crate) fn network(&mut self, spec: &SgdSpec) -> Result<Arc<Network>, PotError> {
        let id = spec.to_json();
        if let Some(known) = self.networks.get(&id) {
            return Ok(known.clone());
        }
        // Before anything is laid out.
        let k = shape(spec)?.k;
        if k > self.srs.k() {
            return Err(PotError::new("SRS_TOO_SMALL", format!("2^{k} points are needed, the SRS has 2^{}", self.srs.k())));
        }
        let network = Arc::new(Network::new(spec)?);
        self.networks.insert(id, network.clone());
        Ok(network)
    }

    /// Makes and keeps a key: the proving key, or the verifying key alone.
    fn key(&mut self, spec: &SgdSpec, proving: bool) -> Result<String, PotError> {
        let id = spec.to_json();
        if !self.has_key(&id, proving) {
            let circuit = GraphCircuit::new(self.network(spec)?.parts.clone(), None);
            self.key_of(&id, spec.shape()?.k, &circuit, proving)?;
        }
        Ok(id)
    }

    fn has_key(&self, id: &str, proving: bool) -> bool {
        match self.keys.get(id) {
            Some(Key::Proving(_)) => true,
            Some(Key::Verifying(_)) => !proving,
            None => false,
        }
    }

    /// The same of any circuit of 2^k rows, under a name of its own.
    pub(super) fn key_of(&mut self, id: &str, k: u32, circuit: &dyn AnyCircuit, proving: bool) -> Result<(), PotError> {
        if self.has_key(id, proving) {
            return Ok(());
        }
        if proving {
            self.prepare(k)?;
        } else {
            self.prepare_powers(k)?;
        }
        let key = make_key(self.srs(k), circuit, proving)?;
        self.keys.insert(id.to_string(), key);
        Ok(())
    }

    /// After `key_of`.
    pub(super) fn vk(&self, id: &str) -> &Vk {
        self.keys[id].vk()
    }

    /// The proving key: an imported one, or the one made here, now where there is none.
    pub(super) fn proving_key(&mut self, spec: &SgdSpec) -> Result<&Pk, PotError> {
        let id = spec.to_json();
        if !self.imported.contains_key(&id) {
            self.key(spec, true)?;
        }
        Ok(self.pk(&id))
    }

    /// After `proving_key`.
    pub(super) fn pk(&self, id: &str) -> &Pk {
        match (self.imported.get(id), self.keys.get(id)) {
            (Some(pk), _) | (None, Some(Key::Proving(pk))) => pk,
            _ => unreachable!("proving_key was called before"),
        }
    }

    /// Generates the proving key; returns the verifying key's digest.
    pub fn keygen(&mut self, spec: &SgdSpec) -> Result<String, PotError> {
        let id = self.key(spec, true)?;
        Ok(field_to_hex(&self.keys[&id].vk().transcript_repr()))
    }

    /// Digest of the verifying key, derived from the specification alone.
    pub fn vk_digest(&mut self, spec: &SgdSpec) -> Result<String, PotError> {
        let id = self.key(spec, false)?;
        Ok(field_to_hex(&self.keys[&id].vk().transcript_repr()))
    }

    /// The verifying key, derived from the specification alone, and the reference string cut to its size.
    pub fn verifying_key(&mut self, spec: &SgdSpec) -> Result<(&Srs, &Vk), PotError> {
        let id = self.key(spec, false)?;
        Ok((self.srs(spec.shape()?.k), self.keys[&id].vk()))
    }

    /// Drops all keys.
    pub fn forget_keys(&mut self) {
        self.networks.clear();
        self.keys.clear();
        self.imported.clear();
    }

    /// Names everything that a key follows from: the sources of circuit and prover, the reference string and the
    /// specification. The same with every engine.
    pub fn key_id(&self, spec: &SgdSpec) -> Result<[u8; 32], PotError> {
        spec.check()?;
        let mut h = Sha256::new();
        for part in [env!("POT_CIRCUIT_SOURCES"), &srs::info(&self.srs).hash, &spec.to_json()] {
            h.update((part.len() as u64).to_le_bytes());
            h.update(part);
        }
        Ok(h.finalize().into())
    }

    /// The proving key as bytes, made now where there is none. Holds nothing secret.
    pub fn export_key(&mut self, spec: &SgdSpec) -> Result<Vec<u8>, PotError> {
        let id = self.key_id(spec)?;
        Ok(key_file::write(self.proving_key(spec)?, &id))
    }

    /// Takes a proving key that [`Prover::export_key`] gave; returns the digest of its verifying key.
    ///
    /// Damage and another circuit's key are found, but not a forged key: that would take as long as making one. So an
    /// imported key proves and nothing else. [`Prover::verify`] and [`Prover::vk_digest`] make the key themselves, and a
    /// proof made with a forged one does not verify there.
    ///
    /// Errors: `KEY_INVALID`, `SPEC_INVALID`, `SRS_TOO_SMALL`.
    pub fn import_key(&mut self, spec: &SgdSpec, bytes: &[u8]) -> Result<String, PotError> {
        let id = self.key_id(spec)?;
        let k = spec.shape()?.k;
        self.prepare(k)?;
        let params = Params(Some(self.network(spec)?.parts.clone()));
        let pk = key_file::read::<GraphCircuit>(bytes, &id, k, params)?;
        let digest = field_to_hex(&pk.get_vk().transcript_repr());
        self.imported.insert(spec.to_json(), Box::new(pk));
        Ok(digest)
    }
}

fn make_key(srs: &Srs, circuit: &dyn AnyCircuit, proving: bool) -> Result<Key, PotError> {
    let vk = engine::verifying_key(srs, circuit)?;
    Ok(if proving { Key::Proving(Box::new(engine::proving_key(srs, vk, circuit)?)) } else { Key::Verifying(Box::new(vk)) })
}
