//! Keys, proofs and their verification.

use super::circuit::{build, Input, Slot};
use super::key::form;
use super::path::Path;
use super::rules::{self, Member};
use super::statement::{halves_of_points, points_of_halves, Aggregate, AggregatePublic, ACCUMULATOR};
use super::verifier::{AggregateKey, KeyValues, MIN_K};
use crate::window::{placeholder, Snark, WindowKey};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::{ChipCircuit, Rows};
use pot_proof_system::engine::{self, Pk, Srs, Transcript, Vk};
use pot_proof_system::error::PotError;
use pot_proof_system::srs::MAX_K;
use pot_sgd::prover::Prover;
use pot_sgd::statement::field_to_hex;
use rand_core::OsRng;
use snark_verifier::verifier::plonk::PlonkProtocol;
use std::sync::{Arc, OnceLock};

/// Most windows a proof.
pub const MAX_PLACES: usize = 32;

/// Proves and verifies aggregates of one window circuit.
pub struct Aggregator {
    key: WindowKey,
    /// Windows that one proof takes in, at most.
    places: usize,
    own: PlonkProtocol<G1Affine>,
    values: KeyValues,
    digest: Fr,
    verifying: AggregateKey,
    /// Cut to the circuit's rows.
    srs: Srs,
    /// Made with the first proof: who verifies, or derives the digest alone, needs none.
    pk: OnceLock<Pk>,
}

/// What an aggregation circuit needs.
#[derive(Clone, Debug)]
pub struct Plan {
    pub k: u32,
    pub rows: Rows,
    /// Points of the previous aggregate that are multiplied.
    pub terms: usize,
    /// Points, evaluations and points of a proof.
    pub parts: [usize; 3],
}

/// Rows, as a log2, of the aggregation circuit for this window circuit, and the form of its proofs.
///
/// The form decides how large the circuit is, and the rows are a number in it: one more round where the guess is too small.
fn shape(srs: &Srs, key: &WindowKey, places: usize) -> Result<(u32, PlonkProtocol<G1Affine>), PotError> {
    let mut k = MIN_K;
    loop {
        let own = form(srs, k)?;
        let (builder, _) = build(key, &own, &placeholders(key, &own, places))?;
        let needed = builder.min_k();
        if needed <= k {
            return Ok((k, own));
        }
        k = needed;
    }
}

/// Input of the right form that means nothing: key generation walks through it.
pub fn placeholders(key: &WindowKey, own: &PlonkProtocol<G1Affine>, places: usize) -> Input {
    let (previous, accumulator) = no_previous(own);
    let slot = Slot { snark: key.placeholder(1), path: Path { index: 0, siblings: vec![] } };
    Input {
        key: KeyValues::placeholder(own),
        previous,
        has_previous: false,
        accumulator,
        slots: vec![slot; places],
        active: places,
        dataset_root: Fr::zero(),
        depth: 0,
        eta: Fr::zero(),
        base: Fr::zero(),
        own_key: Fr::zero(),
    }
}

/// What stands where a previous aggregate would: read like one, and multiplied by 0.
fn no_previous(own: &PlonkProtocol<G1Affine>) -> (Snark, [G1Affine; 2]) {
    let mut previous = placeholder(own, 7);
    let accumulator = [G1Affine::generator(); 2];
    previous.instance.splice(..ACCUMULATOR, halves_of_points(&accumulator));
    (previous, accumulator)
}

/// The circuit that keys are made of.
fn keyed(key: &WindowKey, own: &PlonkProtocol<G1Affine>, places: usize, k: u32) -> Result<ChipCircuit, PotError> {
    let (builder, _) = build(key, own, &placeholders(key, own, places))?;
    ChipCircuit::new(Arc::new(builder), k)
}

/// A circuit's verifying key.
struct Made {
    own: PlonkProtocol<G1Affine>,
    /// Cut to the circuit's rows.
    srs: Srs,
    vk: Vk,
}

impl Made {
    fn new(srs: &Srs, key: &WindowKey, places: usize, most: u32) -> Result<Self, PotError> {
        if !(1..=MAX_PLACES).contains(&places) {
            return Err(PotError::new("AGGREGATE_PLACES", format!("a proof takes in 1 to {MAX_PLACES} windows, not {places}")));
        }
        let (k, own) = shape(srs, key, places)?;
        if k > most {
            let message = format!("the aggregation circuit of {places} windows has 2^{k} rows, and 2^{most} are the most that memory holds here");
            return Err(PotError::new("AGGREGATION_TOO_LARGE", message).with("k", k).with("most", most));
        }
        let circuit = keyed(key, &own, places, k)?;
        let srs = pot_proof_system::srs::cut(srs, k)?;
        let vk = engine::verifying_key(&srs, &circuit)?;
        Ok(Self { own, srs, vk })
    }
}

impl Aggregator {
    /// Generates the verifying key for windows of `key`, `places` of them a proof. `srs` begins with the windows' own SRS. The proving key
    /// is generated with the first proof.
    ///
    /// Errors: `AGGREGATE_PLACES`, `SRS_TOO_SMALL`.
    pub fn new(srs: &Srs, key: WindowKey, places: usize) -> Result<Self, PotError> {
        Self::within(srs, key, places, MAX_K)
    }

    /// The same where memory is limited: at most 2^`most` rows. Errors: also `AGGREGATION_TOO_LARGE`, before a key is made.
    pub fn within(srs: &Srs, key: WindowKey, places: usize, most: u32) -> Result<Self, PotError> {
        let Made { own, srs, vk } = Made::new(srs, &key, places, most)?;
        let values = KeyValues::of(&vk);
        Ok(Self { digest: values.digest(), key, places, own, values, verifying: AggregateKey::new(vk), srs, pk: OnceLock::new() })
    }

    /// The verifying key of [`Self::new`] alone. Errors: the same.
    pub fn only_verifying_key(srs: &Srs, key: &WindowKey, places: usize) -> Result<AggregateKey, PotError> {
        Ok(AggregateKey::new(Made::new(srs, key, places, MAX_K)?.vk))
    }

    /// The circuit's size, without a key.
    pub fn plan(srs: &Srs, key: &WindowKey, places: usize) -> Result<Plan, PotError> {
        let (k, own) = shape(srs, key, places)?;
        let (builder, _) = build(key, &own, &placeholders(key, &own, places))?;
        Ok(Plan { k, rows: builder.rows(), terms: own.preprocessed.len() + crate::window::parts(&own)[0] + 2, parts: crate::window::parts(&own) })
    }

    /// Digest of the aggregation key, as aggregates expose it.
    pub fn digest(&self) -> String {
        field_to_hex(&self.digest)
    }

    /// log2 of the rows.
    pub fn k(&self) -> u32 {
        self.verifying.k()
    }

    /// What a verifier needs.
    pub fn verifying_key(&self) -> &AggregateKey {
        &self.verifying
    }

    /// Windows that one proof takes in, at most.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Bytes of an aggregate's proof.
    pub fn proof_bytes(&self) -> usize {
        32 * crate::window::parts(&self.own).iter().sum::<usize>()
    }

    pub fn window_key(&self) -> &WindowKey {
        &self.key
    }

    /// Verifies `previous` and the windows, then proves that it did. `prover` has the windows' reference string and `Transcript::Poseidon`.
    ///
    /// Errors: `AGGREGATE_COUNT`, those of [`rules::statement`], of `Prover::verify` and of [`Self::verify`].
    pub fn prove(&self, prover: &mut Prover, previous: Option<&Aggregate>, members: &[Member]) -> Result<Aggregate, PotError> {
        if members.len() > self.places {
            return Err(PotError::new("AGGREGATE_COUNT", format!("one proof takes in {} windows, not {}", self.places, members.len())));
        }
        let public = self.statement(previous.map(|p| &p.public), members)?;
        if let Some(previous) = previous {
            self.verify(previous)?;
        }
        for (i, m) in members.iter().enumerate() {
            prover.verify(&self.key.spec, &m.window.public, &m.window.proof).map_err(|e| e.with("window", i))?;
        }
        self.prove_unchecked(&self.input(previous, members)?, &public)
    }

    /// The statement of `previous` continued by `members`. Errors: those of [`rules::statement`].
    pub fn statement(&self, previous: Option<&AggregatePublic>, members: &[Member]) -> Result<AggregatePublic, PotError> {
        rules::statement(&self.key.spec, self.key.layouts.form, self.digest, previous, members)
    }

    /// What the circuit takes in. Errors: `AGGREGATE_PROOF`, `AGGREGATE_ACCUMULATOR`, `PUBLIC_INVALID`.
    pub fn input(&self, previous: Option<&Aggregate>, members: &[Member]) -> Result<Input, PotError> {
        let slot = |m: &Member| Ok(Slot { snark: self.key.snark(&m.window)?, path: m.path.clone() });
        let mut slots = members.iter().map(slot).collect::<Result<Vec<_>, PotError>>()?;
        let Some(first) = slots.first().cloned() else {
            return Err(PotError::new("AGGREGATE_EMPTY", "no window to aggregate".into()));
        };
        slots.resize(self.places, first.clone());
        let (snark, accumulator) = match previous {
            Some(p) => {
                let instance = p.instance(&self.key.spec)?;
                let accumulator = points_of_halves(&instance[..ACCUMULATOR])?;
                (Snark { instance, proof: p.proof.clone() }, accumulator)
            }
            None => no_previous(&self.own),
        };
        let leaf = first.snark.instance[self.key.layouts.shard()];
        let tree = (first.path.root(leaf), first.path.siblings.len());
        let named = members[0].named.clone().unwrap_or_default();
        let (dataset_root, depth) = if self.key.layouts.form.renewed { named.tree()? } else { tree };
        Ok(Input {
            key: self.values.clone(),
            previous: snark,
            has_previous: previous.is_some(),
            accumulator,
            dataset_root,
            depth,
            eta: named.eta()?,
            base: named.base()?,
            active: members.len(),
            slots,
            own_key: self.digest,
        })
    }

    /// Proves without looking at the windows first: what comes out verifies only where they would have passed.
    pub fn prove_unchecked(&self, input: &Input, public: &AggregatePublic) -> Result<Aggregate, PotError> {
        let pk = self.proving_key()?;
        let (builder, instance) = build(&self.key, &self.own, input)?;
        let circuit = ChipCircuit::new(Arc::new(builder), self.k())?;
        let mut columns = circuit.columns()?;
        let proof = engine::prove_columns(&self.srs, pk, &mut columns, &instance, &mut OsRng, Transcript::Poseidon)?;
        let accumulator = instance[..ACCUMULATOR].iter().map(field_to_hex).collect();
        Ok(Aggregate { public: public.clone(), accumulator, proof })
    }

    fn proving_key(&self) -> Result<&Pk, PotError> {
        if let Some(pk) = self.pk.get() {
            return Ok(pk);
        }
        let circuit = keyed(&self.key, &self.own, self.places, self.k())?;
        let pk = engine::proving_key(&self.srs, self.verifying.vk().clone(), &circuit)?;
        Ok(self.pk.get_or_init(|| pk))
    }

    /// Windows a proof that fit the rows that two windows need, at most [`MAX_PLACES`]: more of them cost nothing more. Not the rows of one: where a second
    /// takes twice as many, these hold several, and what a proof costs besides its windows is shared.
    pub fn places_that_fit(srs: &Srs, key: &WindowKey) -> Result<usize, PotError> {
        let mut places = 2;
        let (k, _) = shape(srs, key, places)?;
        while places < MAX_PLACES && shape(srs, key, places + 1)?.0 == k {
            places += 1;
        }
        Ok(places)
    }

    /// Verifies an aggregate that was made with this key: see [`AggregateKey::verify`].
    pub fn verify(&self, aggregate: &Aggregate) -> Result<(), PotError> {
        self.verifying.verify(&self.srs, &self.key.spec, aggregate)
    }
}
