//! Keys, commitments, proofs and their verification for one reference string.

use crate::circuit::{Params, WindowCircuit};
use crate::columns::{KnownPoints, WindowColumns};
use crate::executor::{check_checkpoint, Executor};
use crate::genesis::{GenesisCircuit, GenesisColumns, GenesisWitness};
use crate::layout::{base_reserved, Layout, RESERVED_ROWS};
use crate::spec::{Kind, Mode, SgdSpec};
use crate::statement::{base_layout, bind, data_layout, field_to_hex, weight_layout, Public};
use crate::witness::{raw_data_cells, Salts, Strip, Witness};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::poly::commitment::Params as _;
use pot_proof_system::blinding::{Script, SecretRows};
use pot_proof_system::digest::parse_points;
use pot_proof_system::engine::{self, Pk, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::{key_file, srs};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// 32 secret bytes that blind one content.
pub type Salt = [u8; 32];

/// One window's private inputs.
pub struct WindowInput<'a> {
    pub w0: &'a [i64],
    pub salt0: &'a Salt,
    /// Tolerance mode: the framework's weights; exact mode computes them.
    pub wk: Option<&'a [i64]>,
    pub salt_k: &'a Salt,
    /// `[step][sample][input]` at scale a.
    pub x: &'a [i32],
    /// `[step][sample][output]`, one-hot or at scale a; in layer-local mode the upstream gradient at scale d.
    pub y: &'a [i32],
    pub data_salt: &'a Salt,
    pub base: Base<'a>,
    /// Commitments made before, as [`Prover::commit_weights`] and [`Prover::commit_data`] give them, for these very
    /// contents and salts; empty where not known. Others would make a proof that does not verify.
    pub points: WindowPoints<'a>,
}

/// The frozen base; empty where there is none.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    pub weights: &'a [i64],
    pub salt: &'a Salt,
}

impl Base<'_> {
    /// A specification without a frozen base.
    pub const NONE: Base<'static> = Base { weights: &[], salt: &[0; 32] };
}

/// Concatenated compressed commitments to the columns of W_0, W_K, the frozen base and the data.
#[derive(Clone, Copy, Default)]
pub struct WindowPoints<'a> {
    pub w0: &'a [u8],
    pub wk: &'a [u8],
    pub base: &'a [u8],
    pub data: &'a [u8],
}

/// Reads commitments that are known, or none. Errors: `INPUT_SHAPE`, `POINT_INVALID`.
fn known(what: &str, bytes: &[u8], columns: usize) -> Result<Vec<G1Affine>, PotError> {
    let points = parse_points(bytes)?;
    if !points.is_empty() {
        check_len(what, points.len(), columns)?;
    }
    Ok(points)
}

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

/// Holds a reference string and the keys made with it.
pub struct Prover {
    srs: Srs,
    /// Of the proofs that it makes and verifies.
    transcript: Transcript,
    /// With their Lagrange bases, for proving and commitments.
    smaller: HashMap<u32, Srs>,
    /// Powers alone, for verification: a verifier makes no basis.
    alone: HashMap<u32, Srs>,
    /// Made here, from the specification alone: what `verify` and `vk_digest` use.
    keys: HashMap<String, Key>,
    /// Read from bytes: for proving alone.
    imported: HashMap<String, Box<Pk>>,
}

fn params(spec: &SgdSpec) -> Result<Params, PotError> {
    Ok(Params(Some(Arc::new((spec.clone(), Layout::new(spec)?)))))
}

/// Hash of what a group of columns holds and how it lies there: another layout of the same values gets other secret rows.
fn content(layout: &[u64], values: impl Iterator<Item = i64>) -> [u8; 32] {
    let mut h = Sha256::new();
    h.update((layout.len() as u64).to_le_bytes());
    layout.iter().for_each(|v| h.update(v.to_le_bytes()));
    values.for_each(|v| h.update(v.to_le_bytes()));
    h.finalize().into()
}

fn secret_rows(salt: &Salt, label: &str, hash: &[u8; 32], columns: usize, rows: usize) -> Vec<SecretRows> {
    (0..columns).map(|c| SecretRows::new(salt, label, hash, c, rows)).collect()
}

fn weight_rows(spec: &SgdSpec, w: &[i64], salt: &Salt) -> Result<Vec<SecretRows>, PotError> {
    Ok(secret_rows(salt, "weights", &content(&weight_layout(spec)?, w.iter().copied()), spec.shape()?.weight_columns, RESERVED_ROWS))
}

/// None without a base.
fn base_rows(spec: &SgdSpec, base: &Base<'_>) -> Result<Vec<SecretRows>, PotError> {
    if spec.base_bits().is_none() {
        return Ok(vec![]);
    }
    let (shape, hash) = (spec.shape()?, content(&base_layout(spec)?, base.weights.iter().copied()));
    Ok(secret_rows(base.salt, "base", &hash, shape.base_columns, base_reserved(shape.k)))
}

fn data_rows(spec: &SgdSpec, x: &[i32], y: &[i32], salt: &Salt) -> Result<Vec<SecretRows>, PotError> {
    let hash = content(&data_layout(spec)?, x.iter().chain(y).map(|v| i64::from(*v)));
    Ok(secret_rows(salt, "data", &hash, spec.shape()?.data_columns, RESERVED_ROWS))
}

fn check_len(what: &str, got: usize, want: usize) -> Result<(), PotError> {
    if got != want {
        return Err(PotError::new("INPUT_SHAPE", format!("{what}: {got} values, expected {want}")));
    }
    Ok(())
}

fn check_weights(spec: &SgdSpec, w: &[i64]) -> Result<(), PotError> {
    check_checkpoint(spec, w)
}

fn check_base(spec: &SgdSpec, w: &[i64]) -> Result<(), PotError> {
    check_values("base weight", w, spec.base_weights())
}

fn check_values(what: &str, w: &[i64], want: usize) -> Result<(), PotError> {
    check_len(what, w.len(), want)?;
    match w.iter().position(|v| v.unsigned_abs() >= 1 << 55) {
        Some(i) => Err(PotError::new("WEIGHT_RANGE", format!("{what} {i} is beyond +-2^55 (integer units)"))),
        None => Ok(()),
    }
}

fn check_data(spec: &SgdSpec, x: &[i32], y: &[i32]) -> Result<(), PotError> {
    let samples = spec.steps * spec.batch;
    check_len("inputs", x.len(), samples * spec.inputs())?;
    check_len("labels", y.len(), samples * spec.outputs())?;
    let cell = 1i64 << spec.scales.b;
    let outside = |v: &[i32], off: i64| v.iter().position(|v| !(0..cell).contains(&(i64::from(*v) + off)));
    if let Some(i) = outside(x, spec.x_offset) {
        return Err(PotError::new("DATA_RANGE", format!("input {i} with its offset is outside [0, 2^{})", spec.scales.b)));
    }
    if spec.local() {
        let half = 1i64 << (2 * spec.scales.b - 1);
        return match y.iter().position(|v| !(-half..half).contains(&i64::from(*v))) {
            Some(i) => Err(PotError::new("DATA_RANGE", format!("gradient {i} is outside +-{half} (integer units)"))),
            None => Ok(()),
        };
    }
    if let Some(i) = outside(y, spec.y_offset) {
        return Err(PotError::new("DATA_RANGE", format!("label {i} with its offset is outside [0, 2^{})", spec.scales.b)));
    }
    if spec.softmax() && y.chunks(spec.outputs()).any(|r| r.iter().any(|v| *v != 0 && *v != 1) || r.iter().sum::<i32>() != 1) {
        return Err(PotError::new("DATA_LABELS", "labels of softmax cross-entropy must be one-hot".into()));
    }
    Ok(())
}

impl Prover {
    pub fn new(srs: Srs) -> Self {
        Self::with_transcript(srs, Transcript::default())
    }

    /// Makes and verifies proofs with this transcript alone: Poseidon's for windows that a circuit will verify.
    pub fn with_transcript(srs: Srs, transcript: Transcript) -> Self {
        Self { srs, transcript, smaller: HashMap::new(), alone: HashMap::new(), keys: HashMap::new(), imported: HashMap::new() }
    }

    /// Makes and verifies proofs with this transcript from now on. Keys stay: they do not depend on it.
    pub fn set_transcript(&mut self, transcript: Transcript) {
        self.transcript = transcript;
    }

    fn is_ready(&self, k: u32) -> bool {
        (k == self.srs.k() && srs::has_basis(&self.srs)) || self.smaller.contains_key(&k)
    }

    /// The string cut to 2^k, with its Lagrange basis. Errors: `SRS_TOO_SMALL`.
    fn prepare(&mut self, k: u32) -> Result<(), PotError> {
        if !self.is_ready(k) {
            self.smaller.insert(k, srs::cut(&self.srs, k)?);
            self.alone.remove(&k);
        }
        Ok(())
    }

    /// The string cut to 2^k, of powers alone where there is no basis of that size yet. Errors: `SRS_TOO_SMALL`.
    fn prepare_powers(&mut self, k: u32) -> Result<(), PotError> {
        if !self.is_ready(k) && k != self.srs.k() && !self.alone.contains_key(&k) {
            self.alone.insert(k, srs::powers_alone(&self.srs, k)?);
        }
        Ok(())
    }

    fn srs(&self, k: u32) -> &Srs {
        self.smaller.get(&k).or_else(|| self.alone.get(&k)).unwrap_or(&self.srs)
    }

    /// Makes and keeps a key: the proving key, or the verifying key alone.
    fn key(&mut self, spec: &SgdSpec, proving: bool) -> Result<String, PotError> {
        spec.check()?;
        let k = spec.shape()?.k;
        let id = spec.to_json();
        let have = match self.keys.get(&id) {
            Some(Key::Proving(_)) => true,
            Some(Key::Verifying(_)) => !proving,
            None => false,
        };
        if have {
            return Ok(id);
        }
        let params = params(spec)?;
        if proving {
            self.prepare(k)?;
        } else {
            self.prepare_powers(k)?;
        }
        let srs = self.srs(k);
        let key = match spec.kind {
            Kind::Window => make_key(srs, &WindowCircuit::new(params, None), proving)?,
            Kind::Genesis => make_key(srs, &GenesisCircuit::new(params, None), proving)?,
        };
        self.keys.insert(id.clone(), key);
        Ok(id)
    }

    /// The proving key: an imported one, or the one made here, now where there is none.
    fn proving_key(&mut self, spec: &SgdSpec) -> Result<&Pk, PotError> {
        let id = spec.to_json();
        if !self.imported.contains_key(&id) {
            self.key(spec, true)?;
        }
        Ok(self.pk(&id))
    }

    /// After `proving_key`.
    fn pk(&self, id: &str) -> &Pk {
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
        let params = params(spec)?;
        let pk = match spec.kind {
            Kind::Window => key_file::read::<WindowCircuit>(bytes, &id, k, params)?,
            Kind::Genesis => key_file::read::<GenesisCircuit>(bytes, &id, k, params)?,
        };
        let digest = field_to_hex(&pk.get_vk().transcript_repr());
        self.imported.insert(spec.to_json(), Box::new(pk));
        Ok(digest)
    }

    /// Commitments to a checkpoint's columns: 32 bytes each.
    pub fn commit_weights(&mut self, spec: &SgdSpec, w: &[i64], salt: &Salt) -> Result<Vec<u8>, PotError> {
        check_weights(spec, w)?;
        let (lay, rows) = (Layout::new(spec)?, weight_rows(spec, w, salt)?);
        self.commit_strip(&lay, &Strip::trained(spec, &lay, w), &rows)
    }

    /// Commitments to the frozen base's columns. Errors: `SPEC_INVALID` where there is none.
    pub fn commit_base(&mut self, spec: &SgdSpec, base: &Base<'_>) -> Result<Vec<u8>, PotError> {
        base_layout(spec)?;
        check_base(spec, base.weights)?;
        let (lay, rows) = (Layout::new(spec)?, base_rows(spec, base)?);
        self.commit_strip(&lay, &Strip::frozen(spec, &lay, base.weights), &rows)
    }

    fn commit_strip(&mut self, lay: &Layout, strip: &Strip<'_>, rows: &[SecretRows]) -> Result<Vec<u8>, PotError> {
        let k = lay.shape.k;
        self.prepare(k)?;
        let mut cols = vec![vec![Fr::zero(); 1 << k]; rows.len()];
        let secret: Vec<_> = rows.iter().map(SecretRows::values).collect();
        strip.cells(&secret, &mut |c, row, v| cols[c][row] = v);
        Ok(engine::commit(self.srs(k), cols))
    }

    /// Commitments to one shard's columns.
    pub fn commit_data(&mut self, spec: &SgdSpec, x: &[i32], y: &[i32], salt: &Salt) -> Result<Vec<u8>, PotError> {
        check_data(spec, x, y)?;
        let lay = Layout::new(spec)?;
        let k = lay.shape.k;
        self.prepare(k)?;
        let x64: Vec<i64> = x.iter().map(|v| i64::from(*v)).collect();
        let secret = data_rows(spec, x, y, salt)?;
        let cols = raw_data_cells(spec, &lay, &x64, y)
            .into_iter()
            .zip(secret)
            .map(|(cells, s)| cells.into_iter().map(|v| Fr::from(u64::from(v))).chain(s.values()).collect())
            .collect();
        Ok(engine::commit(self.srs(k), cols))
    }

    /// Builds the witness of a window that begins with step `first_step`: runs the executor and checks that its result is what is claimed.
    pub fn witness(spec: &SgdSpec, input: &WindowInput<'_>, eta: i64, first_step: u64) -> Result<(Witness, Vec<SecretRows>), PotError> {
        spec.check()?;
        if spec.kind != Kind::Window {
            return Err(PotError::new("SPEC_INVALID", "this specification is not a window's".into()));
        }
        check_weights(spec, input.w0)?;
        check_base(spec, input.base.weights)?;
        check_data(spec, input.x, input.y)?;
        let lay = Layout::new(spec)?;
        let mut ex = Executor::on(spec, input.w0.to_vec(), input.base.weights.to_vec())?;
        let (nx, ny) = (spec.batch * spec.inputs(), spec.batch * spec.outputs());
        let mut traces = vec![];
        for t in 0..spec.steps {
            traces.push(ex.step_traced(&input.x[t * nx..][..nx], &input.y[t * ny..][..ny], eta, Some(first_step + t as u64))?);
        }
        let exact = ex.weights().to_vec();
        let (wk, dev) = match (spec.mode, input.wk) {
            (Mode::Exact, Some(wk)) if wk != exact => {
                return Err(PotError::new("WITNESS_MISMATCH", "the weights after the window are not the result of its steps".into()));
            }
            (Mode::Exact, _) => (exact, None),
            (Mode::Tolerance, None) => return Err(PotError::new("INPUT_SHAPE", "tolerance mode needs the weights after the step".into())),
            (Mode::Tolerance, Some(wk)) => {
                check_weights(spec, wk)?;
                let bound = 1i64 << (spec.scales.b as usize * spec.tolerance_limbs - 1);
                let dev: Vec<i64> = wk.iter().zip(&exact).map(|(a, b)| a - b).collect();
                if let Some(i) = dev.iter().position(|d| !(-bound..bound).contains(d)) {
                    return Err(PotError::new("TOLERANCE_EXCEEDED", format!("weight {i} deviates by more than the tolerance of {bound} units"))
                        .with("index", i));
                }
                (wk.to_vec(), Some(dev))
            }
        };
        let rows = [
            weight_rows(spec, input.w0, input.salt0)?,
            weight_rows(spec, &wk, input.salt_k)?,
            base_rows(spec, &input.base)?,
            data_rows(spec, input.x, input.y, input.data_salt)?,
        ];
        // Rows that halo2 itself blinds are left to its own draws, which `Script` serves.
        let values = |rows: &[SecretRows]| rows.iter().map(SecretRows::values).collect::<Vec<_>>();
        let salts = Salts { w0: values(&rows[0]), wk: values(&rows[1]), base: values(&rows[2]), data: values(&rows[3]) };
        let shared = Arc::new((spec.clone(), lay));
        let w = Witness::new(shared, input.w0.to_vec(), wk, input.base.weights.to_vec(), dev.as_deref(), traces, input.y, eta, salts);
        Ok((w, rows.concat()))
    }

    /// Proves a window. The proof is withheld where its own commitments do not have the public digests.
    pub fn prove_window(&mut self, spec: &SgdSpec, public: &Public, input: &WindowInput<'_>) -> Result<Vec<u8>, PotError> {
        let instance = public.instance(spec)?;
        let shape = spec.shape()?;
        let known = KnownPoints {
            w0: known("commitments to the weights before", input.points.w0, shape.weight_columns)?,
            wk: known("commitments to the weights after", input.points.wk, shape.weight_columns)?,
            base: known("commitments to the base", input.points.base, shape.base_columns)?,
            data: known("commitments to the data", input.points.data, shape.data_columns)?,
        };
        let (mut witness, rows) = Self::witness(spec, input, public.eta()?, public.first_step)?;
        self.proving_key(spec)?;
        let pk = self.pk(&spec.to_json());
        let unusable = pk.get_vk().cs().blinding_factors() + 1;
        witness.salts.drop_last(unusable);
        let mut columns = WindowColumns::new(&witness, known);
        let (srs, mut script) = (self.srs(spec.shape()?.k), Script::new(&rows, unusable));
        let proof = engine::prove_columns(srs, pk, &mut columns, &instance, &mut script, self.transcript)?;
        bind(spec, public, &proof).map(|()| proof)
    }

    /// Proves the range of a run's first weights, and of its frozen base where there is one.
    pub fn prove_genesis(&mut self, spec: &SgdSpec, public: &Public, w0: &[i64], salt: &Salt, base: &Base<'_>) -> Result<Vec<u8>, PotError> {
        let instance = public.instance(spec)?;
        check_weights(spec, w0)?;
        if let Some(i) = w0[spec.weights()..].iter().position(|v| *v != 0) {
            return Err(PotError::new("STATE_NOT_ZERO", format!("a run begins with the optimiser's state at 0, but value {i} of it is not")));
        }
        check_base(spec, base.weights)?;
        self.proving_key(spec)?;
        let pk = self.pk(&spec.to_json());
        let unusable = pk.get_vk().cs().blinding_factors() + 1;
        let rows = [weight_rows(spec, w0, salt)?, base_rows(spec, base)?];
        let values = [0, 1].map(|i| {
            rows[i]
                .iter()
                .map(|r| {
                    let mut values = r.values();
                    values.truncate(values.len() - unusable);
                    values
                })
                .collect()
        });
        let rows = rows.concat();
        let params = params(spec)?;
        let witness = GenesisWitness::new(spec, &params.get().1, w0.to_vec(), base.weights.to_vec(), values)?;
        let mut columns = GenesisColumns::new(params, witness);
        let (srs, mut script) = (self.srs(spec.shape()?.k), Script::new(&rows, unusable));
        let proof = engine::prove_columns(srs, pk, &mut columns, &instance, &mut script, self.transcript)?;
        bind(spec, public, &proof).map(|()| proof)
    }

    /// Verifies a proof against public inputs and the key that the specification defines.
    ///
    /// Errors: `SPEC_INVALID`, `PUBLIC_INVALID`, `SRS_TOO_SMALL`, `VERIFY_TRUNCATED`, `VERIFY_DIGEST`, `VERIFY_FAILED`.
    pub fn verify(&mut self, spec: &SgdSpec, public: &Public, proof: &[u8]) -> Result<(), PotError> {
        let id = self.key(spec, false)?;
        let instance = public.instance(spec)?;
        bind(spec, public, proof)?;
        engine::verify(self.srs(spec.shape()?.k), self.keys[&id].vk(), &instance, proof, self.transcript)
    }

    /// Checks a proof with the key that this prover proves with, which may be imported: for the maker of a proof, before
    /// it lets it go. It says nothing about a proof from elsewhere; that is [`Prover::verify`]'s.
    ///
    /// Errors: those of [`Prover::verify`].
    pub fn check_own(&mut self, spec: &SgdSpec, public: &Public, proof: &[u8]) -> Result<(), PotError> {
        let instance = public.instance(spec)?;
        bind(spec, public, proof)?;
        self.proving_key(spec)?;
        engine::verify(self.srs(spec.shape()?.k), self.pk(&spec.to_json()).get_vk(), &instance, proof, self.transcript)
    }
}

fn make_key(srs: &Srs, circuit: &dyn pot_proof_system::any_circuit::AnyCircuit, proving: bool) -> Result<Key, PotError> {
    let vk = engine::verifying_key(srs, circuit)?;
    Ok(if proving { Key::Proving(Box::new(engine::proving_key(srs, vk, circuit)?)) } else { Key::Verifying(Box::new(vk)) })
}
