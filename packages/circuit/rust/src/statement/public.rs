//! What one proof says: digests of what is committed, or the values themselves.

use super::field::from_hex;
use super::{Group, Kind, Spec};
use crate::circuit::Parts;
use crate::layout::Rows;
use crate::limits::{CORRECTED_RATE_BITS, RATE_BITS, STEP_BITS};
use crate::scalar::output_offset_bits;
use crate::tensor::{Role, Tensor};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How inputs or outputs are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shown {
    /// There are none.
    Nothing,
    /// By the digest of their commitments.
    Committed(String),
    /// As they are: of each value its entries, data and labels in the order of the tensors, outputs in the order of the nodes.
    Public(Vec<Vec<i64>>),
}

/// Field elements are `0x` and 64 hexadecimal digits; what a circuit does not have is an empty text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    /// Whatever the proof is to be bound to: a run and a step, a request. A proof verifies with its own alone.
    pub context: String,
    /// Of a step of training, as an integer; else 0.
    pub rate: i64,
    pub weights: String,
    pub weights_after: String,
    pub frozen: String,
    /// Of an optimiser; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state_after: String,
    /// The number of the first step in its run, where rates depend on it; else 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_step: u64,
    pub inputs: Shown,
    pub outputs: Shown,
}

fn is_zero(v: &u64) -> bool {
    *v == 0
}

/// What a statement says of a group.
#[derive(Clone, Copy, Debug)]
pub enum Claimed<'a> {
    Nothing,
    Digest(&'a str),
    Values(&'a [Vec<i64>]),
}

fn invalid(m: String) -> PotError {
    PotError::new("PUBLIC_INVALID", m)
}

impl Statement {
    /// Errors: `PUBLIC_INVALID`.
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        serde_json::from_str(json).map_err(|e| invalid(format!("public inputs: {e}")))
    }
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a statement always serialises")
    }

    pub fn claimed(&self, group: Group) -> Claimed<'_> {
        fn digest(text: &str) -> Claimed<'_> {
            match text {
                "" => Claimed::Nothing,
                text => Claimed::Digest(text),
            }
        }
        let shown = match group {
            Group::Weights => return digest(&self.weights),
            Group::After => return digest(&self.weights_after),
            Group::Frozen => return digest(&self.frozen),
            Group::State => return digest(&self.state),
            Group::StateAfter => return digest(&self.state_after),
            Group::Inputs => &self.inputs,
            Group::Outputs => &self.outputs,
        };
        match shown {
            Shown::Nothing => Claimed::Nothing,
            Shown::Committed(d) => Claimed::Digest(d),
            Shown::Public(v) => Claimed::Values(v),
        }
    }

    /// That there is what the circuit has, and nothing else; that values and rate are in range. Errors: `PUBLIC_INVALID`.
    pub fn check(&self, spec: &Spec, parts: &Parts) -> Result<(), PotError> {
        let rates = match spec.settings().kind {
            Kind::Scheduled { .. } => return Err(invalid("a statement of a graph has one rate, and this circuit one a step".into())),
            Kind::Infer | Kind::Genesis => 0..=0,
            Kind::Train { .. } | Kind::Local { .. } | Kind::Step { .. } => 1..=(1i64 << spec.optimizer().rate_bits()) - 1,
        };
        if !rates.contains(&self.rate) {
            return Err(invalid(format!("rate must lie in {}..={} in this circuit", rates.start(), rates.end())));
        }
        self.check_first_step(spec)?;
        self.check_rates(spec)?;
        for group in Group::ALL {
            match (group.columns(parts), self.claimed(group)) {
                (0, Claimed::Nothing) => {}
                (0, _) => return Err(invalid(format!("{}: this circuit has none", group.name()))),
                (_, Claimed::Nothing) => return Err(invalid(format!("{}: this circuit has them", group.name()))),
                (_, Claimed::Digest(_)) => {}
                (_, Claimed::Values(values)) => check_values(parts, group, values)?,
            }
        }
        Ok(())
    }

    /// Each trained tensor moves by an integer in the range that bounds assume.
    fn check_rates(&self, spec: &Spec) -> Result<(), PotError> {
        let corrected = spec.optimizer().corrects();
        let rates = spec.rates(self.rate, self.first_step);
        let whole = |t: &Tensor| match corrected {
            false => t.rate_factor.of(self.rate.into()).is_some(),
            true => rates.iter().all(|r| t.rate_factor.root().and_then(|f| f.of_corrected((*r).into())).is_some()),
        };
        let moved = |t: &&Tensor| spec.settings().kind.training().is_some() && t.role == Role::Trained;
        let Some(t) = spec.graph().tensors().iter().filter(moved).find(|t| !whole(t)) else { return Ok(()) };
        let [n, d]: [u64; 2] = t.rate_factor.into();
        let (factor, range) = match corrected {
            false => (format!("{n}/{d}"), format!("1..2^{RATE_BITS}")),
            true => (format!("the root of {n}/{d}"), format!("0..2^{CORRECTED_RATE_BITS}")),
        };
        Err(invalid(format!("rate times {factor}, by which {} moves, must be an integer in {range}", t.name)))
    }

    /// Fewer than 2^53 steps keep a run within its bounds.
    fn check_first_step(&self, spec: &Spec) -> Result<(), PotError> {
        let steps = spec.settings().kind.training().map_or(0, |t| t.1);
        let most = if spec.optimizer().corrects() { (1 << STEP_BITS) - 1 - steps as u64 } else { 0 };
        if self.first_step > most {
            return Err(invalid(format!("firstStep must lie in 0..={most} in this circuit")));
        }
        Ok(())
    }

    /// The instance column, of a length that the specification fixes: the rate, where a gate reads it; specification, context; where rates
    /// are corrected the first step, and behind these four the rates, each in the row where a gate reads it; digests (0 of what is not there), of
    /// states only where there may be such.
    pub fn instance(&self, spec: &Spec, parts: &Parts, digests: &[Fr; 7]) -> Result<Vec<Fr>, PotError> {
        let rate = Fr::from(u64::try_from(self.rate).map_err(|_| invalid("rate must not be negative".into()))?);
        let mut all = vec![rate, spec.digest(), from_hex("context", &self.context)?];
        let optimizer = spec.optimizer();
        if optimizer.corrects() {
            all.push(Fr::from(self.first_step));
            let rates = spec.rates(self.rate, self.first_step);
            let rows = &parts.layout.rates;
            all.resize(rows.iter().max().map_or(all.len(), |last| last + 1), Fr::zero());
            rows.iter().zip(rates).for_each(|(row, r)| all[*row] = Fr::from(r as u64));
        }
        let there = |g: &Group| optimizer.states() > 0 || !g.is_state();
        all.extend(Group::ALL.into_iter().filter(there).map(|g| digests[g as usize]));
        Ok(all)
    }
}

/// The values of a group, in their order, each with the range of its entries: what the circuit holds in the range of its limbs.
pub fn ranges(parts: &Parts, group: Group) -> Vec<(&Rows, RangeInclusive<i64>)> {
    let graph = &parts.graph;
    match group {
        Group::Inputs => {
            let range = |r: &Rows| {
                let offset = graph.tensors()[r.value].offset;
                -offset..=(1 << graph.formats().limb_bits) - 1 - offset
            };
            parts.layout.data.iter().map(|r| (r, range(r))).collect()
        }
        Group::Outputs => {
            let most = 1i64 << output_offset_bits(graph);
            parts.layout.outputs.iter().map(|r| (r, -most..=most)).collect()
        }
        _ => vec![],
    }
}

fn check_values(parts: &Parts, group: Group, values: &[Vec<i64>]) -> Result<(), PotError> {
    let wanted = ranges(parts, group);
    if wanted.len() != values.len() {
        return Err(invalid(format!("{}: {} values, expected {}", group.name(), values.len(), wanted.len())));
    }
    for ((rows, range), entries) in wanted.into_iter().zip(values) {
        let (name, len) = (parts.graph.name(rows.value), parts.graph.facts(rows.value).len());
        if entries.len() != len {
            return Err(invalid(format!("{}: {name}: {} entries, expected {len}", group.name(), entries.len())));
        }
        if let Some(i) = entries.iter().position(|v| !range.contains(v)) {
            let message = format!("{}: {name}: entry {i} must lie in {}..={}", group.name(), range.start(), range.end());
            return Err(invalid(message).with("index", i));
        }
    }
    Ok(())
}
