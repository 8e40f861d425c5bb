//! Circuits of graphs that go forward: honest ones hold, and each lie is refused by the constraint that is about it.

mod honest;
mod lies;
mod networks;
mod proof;
mod refusals;
mod solve;

use crate::common::Numbers;
use halo2_axiom::dev::{MockProver, VerifyFailure};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::circuit::Parts;
use pot_circuit::execute::{run, Fault, Run};
use pot_circuit::graph::Graph;
use pot_circuit::layout::Shape;
use pot_circuit::plan::plan;
use pot_circuit::prove::{GraphCircuit, Tamper};
use pot_circuit::tensor::{Formats, Role};
use pot_circuit::witness::{Blinding, Witness};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Small tables, so that the mock prover stays small.
pub const FORMATS: Formats = Formats { limb_bits: 6, table_bits: 6 };
/// Fractional bits of data and activations, and of weights: four limbs are rounded away.
pub const BITS: u32 = 6;
pub const WEIGHT_BITS: u32 = 24;

/// A graph's circuit and the entries of its tensors.
pub struct Case {
    pub parts: Arc<Parts>,
    pub tensors: Vec<Vec<i128>>,
}

impl Case {
    pub fn new(graph: &Graph, seed: u64) -> Self {
        Self::shaped(graph, plan(graph).expect("a shape"), seed)
    }

    pub fn shaped(graph: &Graph, shape: Shape, seed: u64) -> Self {
        let parts = Parts::new(graph, shape).expect("a circuit");
        let mut n = Numbers(seed);
        let entries = |(i, t): (usize, &pot_circuit::tensor::Tensor)| {
            let limit = if matches!(t.role, Role::Data | Role::Label) { 15 } else { 1 << t.bits };
            (0..graph.facts(i).len()).map(|_| i128::from(n.signed(limit)).max(-i128::from(t.offset).min(i128::from(limit)))).collect()
        };
        let tensors = graph.tensors().iter().enumerate().map(entries).collect();
        Self { parts, tensors }
    }

    /// What the executor gives; none where a lie leaves the ranges.
    pub fn run(&self, fault: Option<&Fault>) -> Option<Run<i128>> {
        run(&self.parts.graph, &self.tensors, fault).ok()
    }

    pub fn witness(&self, fault: Option<&Fault>) -> Option<Witness> {
        self.run(fault).map(|r| Witness::new(self.parts.clone(), &r, Blinding::default()))
    }

    pub fn honest(&self) -> Witness {
        self.witness(None).expect("in range")
    }
}

/// What a witness violates: gate and constraint, or `copy`. Empty where it is accepted.
pub fn violated(witness: Witness, tamper: &[Tamper]) -> BTreeSet<String> {
    let parts = witness.parts().clone();
    let mut circuit = GraphCircuit::new(parts.clone(), Some(Arc::new(witness)));
    circuit.tamper = tamper.to_vec();
    let prover = MockProver::run(parts.layout.shape.k, &circuit, vec![vec![Fr::from(7)]]).expect("it runs");
    let failures = prover.verify().err().unwrap_or_default();
    failures.iter().map(named).collect()
}

/// Gate and constraint of a failure. halo2's text: `Constraint 0 ('name') in gate 1 ('name') is not satisfied`.
fn named(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            let text = constraint.to_string();
            let quoted: Vec<&str> = text.split(['(', ')']).filter(|s| s.starts_with('\'')).map(|s| s.trim_matches('\'')).collect();
            format!("{}: {}", quoted.last().unwrap_or(&""), quoted.first().unwrap_or(&""))
        }
        VerifyFailure::Permutation { .. } => "copy".into(),
        other => format!("{other}"),
    }
}
