//! A finished builder under the mock prover.

#![allow(dead_code)]

use halo2_axiom::dev::{MockProver, VerifyFailure};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::{Builder, Change, ChipCircuit};
use std::sync::Arc;

pub const K: u32 = 18;

/// The point k G.
pub fn point(k: u64) -> G1Affine {
    use group::Curve;
    (G1Affine::generator() * Fr::from(k)).to_affine()
}

/// Asserts that every constraint holds, and that the builder refuses nothing.
pub fn accept(builder: Builder) {
    assert_eq!(builder.refusal(), None);
    let instance = builder.instance();
    let circuit = ChipCircuit::new(Arc::new(builder), K).unwrap();
    let mock = MockProver::run(K, &circuit, vec![instance]).unwrap();
    if let Err(failures) = mock.verify_par() {
        failures.iter().take(5).for_each(|f| println!("{f}"));
        panic!("{} failures", failures.len());
    }
}

/// What fails in a changed witness, looking at the given rows' gates and all copies: gates by name.
pub fn failures(builder: &Arc<Builder>, changes: Vec<Change>, rows: Vec<usize>) -> Vec<String> {
    let mut circuit = ChipCircuit::new(builder.clone(), K).unwrap();
    circuit.changes = changes;
    let mock = MockProver::run(K, &circuit, vec![builder.instance()]).unwrap();
    let mut out: Vec<String> = match mock.verify_at_rows_par(rows.into_iter(), vec![].into_iter()) {
        Ok(()) => vec![],
        Err(failures) => failures.iter().map(name).collect(),
    };
    out.sort();
    out.dedup();
    out
}

fn name(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            // "Constraint 1 in gate 3 ('name')": the name alone.
            let text = constraint.to_string();
            text.split('\'').nth(1).unwrap_or(&text).to_string()
        }
        VerifyFailure::Permutation { .. } => "copy".into(),
        other => other.to_string(),
    }
}
