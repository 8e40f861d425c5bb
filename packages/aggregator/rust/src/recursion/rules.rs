//! The rules as an honest prover checks them, before the seconds begin: which windows may follow which aggregate.

use super::path::{Path, MAX_DEPTH};
use super::state::{schedule_next, schedule_start};
use super::statement::AggregatePublic;
use crate::layouts::HEAD;
use crate::window::WindowProof;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{field_from_hex, field_to_hex, Public};

/// A window that is to be aggregated, with its shard's place in the dataset.
#[derive(Clone, Debug)]
pub struct Member {
    pub window: WindowProof,
    pub path: Path,
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

/// The statement of `previous` continued by `members`, under the own key `key`.
///
/// Errors: `AGGREGATE_EMPTY`, `AGGREGATE_RUN`, `AGGREGATE_RATE`, `AGGREGATE_STEPS`, `AGGREGATE_WEIGHTS`, `AGGREGATE_BASE`,
/// `AGGREGATE_DATASET` (a shard that is not at its place in the tree), `AGGREGATE_KEY`, `PUBLIC_INVALID`, `ETA_RANGE` (a step's own
/// rate); details have the window's number.
pub fn statement(spec: &SgdSpec, key: Fr, previous: Option<&AggregatePublic>, members: &[Member]) -> Result<AggregatePublic, PotError> {
    let Some(first) = members.first() else {
        return Err(PotError::new("AGGREGATE_EMPTY", "no window to aggregate".into()));
    };
    let depth = first.path.siblings.len();
    if depth > MAX_DEPTH {
        return Err(PotError::new("AGGREGATE_DATASET", format!("a dataset's tree has at most {MAX_DEPTH} levels, not {depth}")));
    }
    let leaf = |m: &Member| field_from_hex("data", &m.window.public.data);
    let root = field_to_hex(&first.path.root(leaf(first)?));
    let key = field_to_hex(&key);
    let p = &first.window.public;
    let zero = field_to_hex(&Fr::zero());
    let base = |b: &str| if b.is_empty() { zero.clone() } else { b.to_string() };
    let mut state = previous.cloned().unwrap_or_else(|| AggregatePublic {
        key: key.clone(),
        run_id: p.run_id.clone(),
        eta: p.eta.clone(),
        first_step: p.first_step,
        end_step: p.first_step,
        weights_in: p.weights_in.clone(),
        weights_out: p.weights_in.clone(),
        dataset_root: root.clone(),
        schedule: field_to_hex(&schedule_start(if spec.scheduled() { spec.steps } else { 0 })),
        base: base(&p.base),
        depth: depth as u64,
    });
    if state.key != key {
        return Err(PotError::new("AGGREGATE_KEY", "the previous aggregate was made with another aggregation key".into()));
    }
    let columns = spec.shape()?.weight_columns * 32;
    for (i, m) in members.iter().enumerate() {
        let w = &m.window.public;
        if w.run_id != state.run_id {
            return refuse("AGGREGATE_RUN", i, "is of another run");
        }
        if w.eta != state.eta {
            return refuse("AGGREGATE_RATE", i, "was made with another learning rate");
        }
        if w.first_step != state.end_step {
            return refuse("AGGREGATE_STEPS", i, &format!("begins at step {}, not {}: missing, doubled or moved", w.first_step, state.end_step));
        }
        if base(&w.base) != state.base {
            return refuse("AGGREGATE_BASE", i, "is not about the run's frozen base");
        }
        let same_points = i == 0 || members[i - 1].window.proof.get(columns..2 * columns) == m.window.proof.get(..columns);
        if w.weights_in != state.weights_out || !same_points {
            return refuse("AGGREGATE_WEIGHTS", i, "does not continue the weights of the window before it");
        }
        let inside = m.path.siblings.len() == depth && m.path.index >> depth == 0;
        if !inside || state.depth != depth as u64 || field_to_hex(&m.path.root(leaf(m)?)) != state.dataset_root {
            return refuse("AGGREGATE_DATASET", i, "its shard is not at the named place of the run's dataset");
        }
        state.end_step = w.first_step.saturating_add(spec.steps as u64);
        state.weights_out = w.weights_out.clone();
        let before = field_from_hex("schedule", &state.schedule)?;
        state.schedule = field_to_hex(&schedule_next(before, w.epoch, m.path.index, &rates_of(spec, w)?));
    }
    Ok(state)
}
