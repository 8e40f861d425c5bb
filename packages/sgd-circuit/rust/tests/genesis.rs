//! The genesis circuit: honest weights pass, weights out of range are refused before proving, and a state is 0.

use crate::common::{layer_local, public, satisfied, spec, with_adapters, with_optimizer, Case};
use pot_circuit::prove::Executed;
use pot_proof_system::error::PotError;
use pot_sgd::network::{Content, Network};
use pot_sgd::optimizer::Optimizer;
use pot_sgd::prover::Prover;
use pot_sgd::spec::{genesis_limbs, Activation::*, Kind, Loss::*};
use pot_sgd::statement::{field_to_hex, weights_digest};
use std::sync::Arc;

fn genesis(mut c: Case) -> Case {
    c.spec.kind = Kind::Genesis;
    c
}

/// Whether the circuit holds for these first weights; none are refused before.
fn held(c: &Case, w: &[i64]) -> Result<(), PotError> {
    let network = Arc::new(Network::new(&c.spec)?);
    let content = Content { weights: &w[..c.spec.weights()], base: &c.base, x: &[], y: &[], taken: &[] };
    let executed = Executed::new(&network.described, &network.parts, &network.tensors(&c.spec, &content), (0, 0))?;
    satisfied(c, &network, &executed, 1);
    Ok(())
}

#[test]
fn weights_out_of_range_are_refused_before_proving() {
    let dense = Case::random(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), 31);
    let adapters = Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 4)), None]), 32);
    for c in [genesis(dense), genesis(adapters)] {
        held(&c, &c.w0).expect("in range");
        let half = 1i64 << (genesis_limbs(&c.spec, c.spec.scales.w()) as u32 * c.spec.scales.b - 1);
        for (v, ok) in [(half - 1, true), (-half, true), (half, false), (-half - 1, false)] {
            let mut w = c.w0.clone();
            w[3] = v;
            assert_eq!(held(&c, &w).err().map(|e| e.code), (!ok).then_some("WEIGHT_RANGE"), "{v}");
        }
    }
}

/// A genesis proof has no columns of states: its digest is of states that are 0 and blinded by zeros, which a verifier commits to itself.
#[test]
fn a_run_begins_with_a_state_of_0_and_with_no_other() {
    let momentum = Optimizer::Momentum { momentum: 57, decay: 0 };
    let adam = Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 0 };
    let whole = || spec(&[4, 3], &[], MeanSquaredError, 2, 1);
    let local = || layer_local(4, 3, 2, 4, 2, 1);
    for (of, o, states) in [(local(), momentum, 1), (local(), adam, 2), (whole(), momentum, 1), (whole(), adam, 2)] {
        let mut window = Case::random(with_optimizer(of, o), 33);
        let n = window.spec.weights();
        assert_eq!(window.w0.len(), (1 + states) * n);
        let moved = window.w0.clone();
        window.w0[n..].fill(0);
        let mut p = Prover::new(pot_proof_system::srs::development(window.spec.shape.unwrap().k).unwrap());
        let statement = public(&mut p, &window, &window.w0);
        let c = genesis(window);
        let proof = p.prove_genesis(&c.spec, &statement, &c.w0, &[1; 32], &c.input().base).expect("a proof");
        p.verify(&c.spec, &statement, &proof).expect("holds");
        assert_eq!(p.prove_genesis(&c.spec, &statement, &moved, &[1; 32], &c.input().base).unwrap_err().code, "STATE_NOT_ZERO");
        // The same weights with another state: an honest proof of their range is none for this checkpoint.
        let mut other = statement.clone();
        let points = p.commit_weights(&c.spec, &moved, &[1; 32]).unwrap();
        other.weights_in = field_to_hex(&weights_digest(&c.spec, &points).unwrap());
        assert_ne!(other.weights_in, statement.weights_in);
        assert_eq!(p.verify(&c.spec, &other, &proof).unwrap_err().code, "VERIFY_DIGEST");
        // Nor is one whose first points are those of another group.
        let own = points.len() / (1 + states);
        let moved_around = [&points[own..2 * own], &proof[own..]].concat();
        assert_eq!(p.verify(&c.spec, &other, &moved_around).unwrap_err().code, "VERIFY_DIGEST");
    }
}
