//! Proving: values by the executor, commitments and digests, and a proof of them.

use super::executed::Executed;
use super::shared::{commitments, values};
use super::verifier::{bind, parts, MAGIC};
use super::{Contents, GraphCircuit, Hidden, Salt, Salts};
use crate::circuit::Parts;
use crate::execute::{check_tensor, Run};
use crate::ops::Value;
use crate::statement::field::to_hex;
use crate::statement::{digest, ranges, Group, Shown, Spec, Statement};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::engine::{self, Pk, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::srs;
use rand_core::{CryptoRng, RngCore};
use std::sync::Arc;

/// A specification's proving key, and the SRS cut to its size.
pub struct Prover {
    spec: Spec,
    parts: Arc<Parts>,
    srs: Srs,
    pk: Pk,
    transcript: Transcript,
}

/// What is proven, by whoever knows it.
pub struct Secrets<'a> {
    /// Entries of each of the graph's tensors, in their order; of a genesis proof those of its weights alone; of further steps their
    /// data behind them, then an optimiser's states; of a step with a tolerance what is trained, as it is after the step.
    pub tensors: &'a [Vec<i128>],
    /// Of a step of training, as an integer; else 0.
    pub rate: i64,
    /// The number of the first step in its run, where the optimiser corrects the rate by it; else 0.
    pub first_step: u64,
    /// What the proof is bound to.
    pub context: Fr,
    /// What is hidden, and by which salts. Hidden inputs and outputs are shown by their digest, others as they are.
    pub salts: &'a mut Salts,
}

/// Proves once.
///
/// ```
/// use pot_circuit::graph::Graph;
/// use pot_circuit::plan::Like;
/// use pot_circuit::prove::{prove, verify, Hidden, Salt, Salts, Secrets};
/// use pot_circuit::statement::{Kind, Named, Shown, Spec};
/// use rand_chacha::rand_core::SeedableRng;
///
/// // y = round(x w)
/// let graph = Graph::from_json(concat!(
///     r#"{"version":1,"limbBits":6,"tableBits":6,"tensors":["#,
///     r#"{"name":"x","role":"data","shape":[1,1],"bits":6},{"name":"w","role":"trained","shape":[1,1],"bits":24}],"nodes":["#,
///     r#"{"name":"raw","op":"matmul","inputs":["x","w"],"attributes":{"transposeA":false,"transposeB":true}},"#,
///     r#"{"name":"y","op":"round","inputs":["raw"],"attributes":{"bits":6,"gradientBits":10,"range":"half"}}],"outputs":["y"]}"#
/// ))?;
/// let spec = Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default())?;
/// // Everyone knows the secret of this one.
/// let srs = pot_proof_system::srs::development(spec.settings().shape.k)?;
/// // x = 0.5 and y for all to see, w = 0.5 behind a salt, which is random elsewhere, and so is `rng`.
/// let mut salts = Salts { weights: Hidden::By(Salt::new([7; 32])), ..Salts::public() };
/// let secrets = Secrets { tensors: &[vec![32], vec![1 << 23]], rate: 0, first_step: 0, context: 5.into(), salts: &mut salts };
/// let mut rng = rand_chacha::ChaCha20Rng::from_seed([8; 32]);
/// let (statement, proof) = prove(&spec, &srs, secrets, &mut rng)?;
///
/// // Whoever is to believe it has both texts, the statement and the proof.
/// let theirs = Spec::read(&spec.graph_text(), &spec.settings_text())?;
/// verify(&theirs, &srs, &statement, &proof)?;
/// assert_eq!(statement.outputs, Shown::Public(vec![vec![16]]));
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
///
/// Errors: those of [`Prover::new`] and [`Prover::prove`].
pub fn prove<R: RngCore + CryptoRng>(spec: &Spec, srs: &Srs, secrets: Secrets<'_>, rng: &mut R) -> Result<(Statement, Vec<u8>), PotError> {
    Prover::new(spec, srs)?.prove(secrets, rng)
}

impl Prover {
    /// Makes the key. Errors: `SRS_TOO_SMALL`, and those of [`Spec::parts`].
    pub fn new(spec: &Spec, srs: &Srs) -> Result<Self, PotError> {
        let parts = parts(spec, srs)?;
        let srs = srs::cut(srs, parts.layout.shape.k)?;
        let circuit = GraphCircuit::new(parts.clone(), None);
        let vk = engine::verifying_key(&srs, &circuit)?;
        let pk = engine::proving_key(&srs, vk, &circuit)?;
        Ok(Self { spec: spec.clone(), parts, srs, pk, transcript: Transcript::default() })
    }

    /// Proofs with this transcript, as a verifier's.
    pub fn with_transcript(mut self, transcript: Transcript) -> Self {
        self.set_transcript(transcript);
        self
    }

    /// The same from now on.
    pub fn set_transcript(&mut self, transcript: Transcript) {
        self.transcript = transcript;
    }

    /// The verifying key, which a verifier derives itself.
    pub fn key(&self) -> &Vk {
        self.pk.get_vk()
    }

    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Commitments to the trained weights before the step (`tensors`: as in [`Secrets`], others empty), and their digest. No proof opens
    /// anything here. Errors: `INPUT_SHAPE`, `WEIGHT_RANGE`.
    pub fn commit_weights(&self, tensors: &[Vec<i128>], salt: &Salt) -> Result<(Vec<u8>, Fr), PotError> {
        self.commit(Group::Weights, tensors, &salt.bytes())
    }

    /// The same of the frozen weights: whoever has those that are public can make their digest again. Errors: as
    /// [`Prover::commit_weights`].
    pub fn commit_frozen(&self, tensors: &[Vec<i128>], hidden: &Hidden) -> Result<(Vec<u8>, Fr), PotError> {
        self.commit(Group::Frozen, tensors, &hidden.bytes())
    }

    fn commit(&self, group: Group, tensors: &[Vec<i128>], salt: &[u8; 32]) -> Result<(Vec<u8>, Fr), PotError> {
        for v in values(&self.parts, group) {
            check_tensor(&self.parts.graph, v, tensors.get(v).map_or(&[], |t| t))?;
        }
        let points = commitments((&self.spec, &self.parts, &self.srs), group, salt, &|v| &tensors[v])?;
        let digest = digest(&self.spec, &self.parts, group, &points)?;
        Ok((points, digest))
    }

    /// A proof, and what it says. Each salt counts one more proof before anything is made of it; a failure counts too.
    ///
    /// Errors: those of the executor for tensors and rate; `TOLERANCE_EXCEEDED`, `SALT_EXHAUSTED`, `SPEC_INVALID`, `PROVE_FAILED`.
    pub fn prove<R: RngCore + CryptoRng>(&self, secrets: Secrets<'_>, rng: &mut R) -> Result<(Statement, Vec<u8>), PotError> {
        let Secrets { tensors, rate, first_step, context, salts } = secrets;
        let executed = Executed::new(&self.spec, &self.parts, tensors, (rate, first_step))?;
        salts.count(&self.parts)?;
        let mut contents = Contents::default();
        for group in Group::ALL {
            contents.add((&self.spec, &self.parts, &self.srs), group, &salts.of(group).bytes(), &executed)?;
        }
        let mut digests = [Fr::zero(); 7];
        for group in Group::ALL.into_iter().filter(|g| g.columns(&self.parts) > 0) {
            digests[group as usize] = digest(&self.spec, &self.parts, group, contents.points(group))?;
        }
        let statement = self.statement(&digests, salts, &executed.run, (context, rate, first_step));
        let instance = statement.instance(&self.spec, &self.parts, &digests)?;
        let proof = contents.prove((&self.parts, &self.srs, &self.pk), &executed, &instance, rng, self.transcript)?;
        // Withheld where its commitments are others.
        bind(&self.spec, &self.parts, &self.srs, &statement, &proof)?;
        Ok((statement, [&MAGIC[..], &proof].concat()))
    }

    fn statement(&self, digests: &[Fr; 7], salts: &Salts, run: &Run<i128>, (context, rate, first_step): (Fr, i64, u64)) -> Statement {
        let there = |g: Group| g.columns(&self.parts) > 0;
        let hex = |g: Group| if there(g) { to_hex(&digests[g as usize]) } else { String::new() };
        let shown = |g: Group| match salts.of(g) {
            _ if !there(g) => Shown::Nothing,
            Hidden::By(_) => Shown::Committed(hex(g)),
            Hidden::Public => {
                let entries = |v: Value| run.values[v].iter().map(|v| *v as i64).collect();
                Shown::Public(ranges(&self.parts, g).into_iter().map(|(rows, _)| entries(rows.value)).collect())
            }
        };
        Statement {
            context: to_hex(&context),
            rate,
            weights: hex(Group::Weights),
            weights_after: hex(Group::After),
            frozen: hex(Group::Frozen),
            state: hex(Group::State),
            state_after: hex(Group::StateAfter),
            first_step,
            inputs: shown(Group::Inputs),
            outputs: shown(Group::Outputs),
        }
    }
}
