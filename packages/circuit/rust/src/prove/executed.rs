//! What a proof is made of: the executor's values, and weights after a step that somebody else took.

use crate::circuit::Parts;
use crate::execute::{check_tensor, first_weights, run, Run};
use crate::ops::Value;
use crate::statement::{Kind, Spec};
use pot_proof_system::error::PotError;

/// Values of a proof's circuit.
pub struct Executed {
    pub run: Run<i128>,
    /// Trained tensors after the step, in their order, where they are not what the executor gives.
    pub taken: Option<Vec<Vec<i128>>>,
}

impl Executed {
    /// Errors: those of the executor for tensors and rate; `TOLERANCE_EXCEEDED`.
    pub fn new(spec: &Spec, parts: &Parts, tensors: &[Vec<i128>], (rate, first_step): (i64, u64)) -> Result<Self, PotError> {
        let graph = &parts.graph;
        let alone = |run| Self { run, taken: None };
        match spec.settings().kind {
            Kind::Infer | Kind::Genesis if rate != 0 => Err(PotError::new("ETA_RANGE", "without a step there is no rate: 0".into())),
            Kind::Infer => run(graph, tensors, None).map(alone),
            Kind::Genesis => first_weights(graph, tensors).map(alone),
            kind if kind.tolerance_limbs() > 0 => {
                // The rate is a tensor, and is not among those that are given.
                let (before, after) = tensors.split_at_checked(graph.tensors().len() - 1).unwrap_or((tensors, &[]));
                let run = stepped(parts, before, &[rate])?;
                let me = Self { run, taken: Some(after.to_vec()) };
                me.check(parts, after, kind.tolerance_limbs() as u32 * graph.formats().limb_bits - 1)?;
                Ok(me)
            }
            Kind::Train { optimizer, .. } | Kind::Local { optimizer, .. } => {
                if !(1..1i64 << optimizer.rate_bits()).contains(&rate) {
                    return Err(PotError::new("ETA_RANGE", format!("the rate must lie in 1..2^{} (integer units)", optimizer.rate_bits())));
                }
                stepped(parts, tensors, &spec.rates(rate, first_step)).map(alone)
            }
            Kind::Scheduled { .. } => Err(PotError::new("ETA_RANGE", "each of these steps has a rate of its own".into())),
            Kind::Step { .. } => Err(PotError::new("SPEC_INVALID", "a step with a tolerance of no limbs".into())),
        }
    }

    /// Exact steps at these rates: one for all, or one a step. Errors: those of the executor.
    pub fn at_rates(parts: &Parts, tensors: &[Vec<i128>], rates: &[i64]) -> Result<Self, PotError> {
        stepped(parts, tensors, rates).map(|run| Self { run, taken: None })
    }

    /// Weights after the step deviate by less than `2^bits` from what the executor gives. No message has a value.
    fn check(&self, parts: &Parts, after: &[Vec<i128>], bits: u32) -> Result<(), PotError> {
        let updates = &parts.claims.updates;
        if after.len() != updates.len() {
            let message = format!("{} tensors after the step, behind those before it: expected {}", after.len(), updates.len());
            return Err(PotError::new("INPUT_SHAPE", message));
        }
        for ((weight, next), entries) in updates.iter().zip(after) {
            check_tensor(&parts.graph, *weight, entries)?;
            let within = -(1i128 << bits)..1i128 << bits;
            let exact = &self.run.values[*next];
            if let Some(i) = entries.iter().zip(exact).position(|(a, b)| !within.contains(&(a - b))) {
                let message =
                    format!("{}: entry {i} is more than the tolerance of 2^{bits} (integer units) from the step", parts.graph.name(*weight));
                return Err(PotError::new("TOLERANCE_EXCEEDED", message).with("index", i).with("tensor", parts.graph.name(*weight)));
            }
        }
        Ok(())
    }

    /// A tensor that moves after the steps.
    pub fn after(&self, parts: &Parts, weight: Value) -> &[i128] {
        let i = parts.claims.updates.iter().position(|u| u.0 == weight).expect("all that is trained moves");
        match &self.taken {
            Some(taken) => &taken[i],
            None => &self.run.values[parts.claims.updates[i].1],
        }
    }
}

fn stepped(parts: &Parts, tensors: &[Vec<i128>], rates: &[i64]) -> Result<Run<i128>, PotError> {
    let all: Vec<Vec<i128>> = tensors.iter().cloned().chain(rates.iter().map(|r| vec![i128::from(*r)])).collect();
    run(&parts.graph, &all, None)
}
