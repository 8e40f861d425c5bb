//! The rules as an honest prover checks them, before the seconds begin: which windows may follow which aggregate.

use super::path::{Path, MAX_DEPTH};
use super::state::{schedule_after, schedule_start};
use super::statement::AggregatePublic;
use crate::form::Form;
use crate::layouts::HEAD;
use crate::window::WindowProof;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{field_from_hex, field_to_hex, Public};
use serde::Deserialize;

/// A window that is to be aggregated, with its shard's place in the dataset.
#[derive(Clone, Debug)]
pub struct Member {
    pub window: WindowProof,
    pub path: Path,
    /// There where windows differ in one of these: what their run has in its place.
    pub named: Option<Named>,
}

/// What the statement has of a run where no window need have it (`Form`): with `rates` the rate, with `renewed` the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Named {
    pub eta: String,
    pub dataset_root: String,
    pub depth: u64,
    /// Empty without a frozen base.
    pub base: String,
}

impl Named {
    /// The rate; 0 where none is named. Errors: `PUBLIC_INVALID`.
    pub fn eta(&self) -> Result<Fr, PotError> {
        match self.eta.as_str() {
            "" => Ok(Fr::zero()),
            eta => eta.parse::<u64>().map(Fr::from).map_err(|_| PotError::new("PUBLIC_INVALID", "eta must be a decimal integer".into())),
        }
    }

    /// Digest of the base; 0 without one. Errors: `PUBLIC_INVALID`.
    pub fn base(&self) -> Result<Fr, PotError> {
        or_zero("base", &self.base)
    }

    /// The dataset's root and its depth. Errors: `PUBLIC_INVALID`.
    pub fn tree(&self) -> Result<(Fr, usize), PotError> {
        Ok((or_zero("datasetRoot", &self.dataset_root)?, self.depth as usize))
    }
}

fn or_zero(name: &str, hex: &str) -> Result<Fr, PotError> {
    if hex.is_empty() {
        return Ok(Fr::zero());
    }
    field_from_hex(name, hex)
}

fn refuse<T>(code: &'static str, i: usize, what: &str) -> Result<T, PotError> {
    Err(PotError::new(code, format!("window {i} of those given: {what}")).with("window", i))
}

/// The rates of a window's steps as its public inputs have them; none where all steps have the one rate eta. Errors: `PUBLIC_INVALID`,
/// `ETA_RANGE`.
fn rates_of(spec: &SgdSpec, public: &Public) -> Result<Vec<Fr>, PotError> {
    if !spec.scheduled() {
        return Ok(vec![]);
    }
    // Wherever the circuit reads them: here one behind the other.
    let places: Vec<usize> = (HEAD..HEAD + spec.steps).collect();
    Ok(public.instance(spec, &places)?[HEAD..HEAD + spec.steps].to_vec())
}

/// What a window puts into the schedule's hash. Errors: `PUBLIC_INVALID`, `ETA_RANGE`.
fn scheduled(spec: &SgdSpec, form: Form, m: &Member) -> Result<Vec<Fr>, PotError> {
    let w = &m.window.public;
    let mut own = vec![Fr::from(w.epoch)];
    if form.renewed {
        own.push(field_from_hex("data", &w.data)?);
        if spec.base_bits().is_some() {
            own.push(field_from_hex("base", &w.base)?);
        }
    } else {
        own.push(Fr::from(m.path.index));
    }
    if form.rates {
        own.push(Fr::from(w.base_rates(spec)?[0] as u64));
    }
    own.extend(rates_of(spec, w)?);
    Ok(own)
}

fn base_of(digest: &str) -> String {
    if digest.is_empty() {
        return field_to_hex(&Fr::zero());
    }
    digest.to_string()
}

/// The tree that a window's shard is in: its root, and its depth.
fn tree_of(form: Form, m: &Member, named: &Named) -> Result<(String, u64), PotError> {
    if form.renewed {
        return Ok((named.dataset_root.clone(), named.depth));
    }
    let root = m.path.root(field_from_hex("data", &m.window.public.data)?);
    Ok((field_to_hex(&root), m.path.siblings.len() as u64))
}

/// What windows of a run have to have, or what the run has in its place: what an aggregate begins with that follows no other.
fn beginning(spec: &SgdSpec, form: Form, key: String, first: &Member) -> Result<AggregatePublic, PotError> {
    let p = &first.window.public;
    let named = first.named.clone().unwrap_or_default();
    let (dataset_root, depth) = tree_of(form, first, &named)?;
    if depth > MAX_DEPTH as u64 {
        return Err(PotError::new("AGGREGATE_DATASET", format!("a dataset's tree has at most {MAX_DEPTH} levels, not {depth}")));
    }
    Ok(AggregatePublic {
        key,
        run_id: p.run_id.clone(),
        eta: if form.rates { named.eta } else { p.eta.clone() },
        first_step: p.first_step,
        end_step: p.first_step,
        weights_in: p.weights_in.clone(),
        weights_out: p.weights_in.clone(),
        dataset_root,
        schedule: field_to_hex(&schedule_start(if spec.scheduled() { spec.steps } else { 0 }, form)),
        base: base_of(if form.renewed { &named.base } else { &p.base }),
        depth,
    })
}

/// The statement of `previous` continued by `members`, under the own key `key`, of a circuit of this form.
///
/// Errors: `AGGREGATE_EMPTY`, `AGGREGATE_RUN`, `AGGREGATE_RATE`, `AGGREGATE_STEPS`, `AGGREGATE_WEIGHTS`, `AGGREGATE_BASE`,
/// `AGGREGATE_DATASET` (a shard that is not at its place in the tree), `AGGREGATE_KEY`, `PUBLIC_INVALID`, `ETA_RANGE` (a step's own
/// rate); details have the window's number.
pub fn statement(spec: &SgdSpec, form: Form, key: Fr, previous: Option<&AggregatePublic>, members: &[Member]) -> Result<AggregatePublic, PotError> {
    let Some(first) = members.first() else {
        return Err(PotError::new("AGGREGATE_EMPTY", "no window to aggregate".into()));
    };
    let key = field_to_hex(&key);
    let begun = beginning(spec, form, key.clone(), first)?;
    let mut state = previous.cloned().unwrap_or(begun);
    if state.key != key {
        return Err(PotError::new("AGGREGATE_KEY", "the previous aggregate was made with another aggregation key".into()));
    }
    let columns = spec.shape()?.weight_columns * 32;
    for (i, m) in members.iter().enumerate() {
        let w = &m.window.public;
        let named = m.named.clone().unwrap_or_default();
        if w.run_id != state.run_id {
            return refuse("AGGREGATE_RUN", i, "is of another run");
        }
        if state.eta != if form.rates { named.eta.as_str() } else { w.eta.as_str() } {
            return refuse("AGGREGATE_RATE", i, "was made with another learning rate");
        }
        if w.first_step != state.end_step {
            return refuse("AGGREGATE_STEPS", i, &format!("begins at step {}, not {}: missing, doubled or moved", w.first_step, state.end_step));
        }
        if base_of(if form.renewed { &named.base } else { &w.base }) != state.base {
            return refuse("AGGREGATE_BASE", i, "is not about the run's frozen base");
        }
        let same_points = i == 0 || members[i - 1].window.proof.get(columns..2 * columns) == m.window.proof.get(..columns);
        if w.weights_in != state.weights_out || !same_points {
            return refuse("AGGREGATE_WEIGHTS", i, "does not continue the weights of the window before it");
        }
        let inside = form.renewed || m.path.index.checked_shr(m.path.siblings.len() as u32).unwrap_or(0) == 0;
        if !inside || tree_of(form, m, &named)? != (state.dataset_root.clone(), state.depth) {
            return refuse("AGGREGATE_DATASET", i, "its shard is not at the named place of the run's dataset");
        }
        state.end_step = w.first_step.saturating_add(spec.steps as u64);
        state.weights_out = w.weights_out.clone();
        let before = field_from_hex("schedule", &state.schedule)?;
        state.schedule = field_to_hex(&schedule_after(before, &scheduled(spec, form, m)?));
    }
    Ok(state)
}
