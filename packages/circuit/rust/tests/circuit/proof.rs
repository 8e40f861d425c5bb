//! Real proofs, and what verifiers refuse.

use super::networks::{classification, dense, regression, residual};
use super::{Case, RATE};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::execute::Fault;
use pot_circuit::prove::{Columns, GraphCircuit};
use pot_circuit::witness::Witness;
use pot_proof_system::engine::{prove_columns, proving_key, verify, verifying_key, Srs, Transcript, Vk};
use pot_proof_system::srs;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn proof(srs: &Srs, case: &Case, witness: &Witness, instance: &[Fr]) -> (Vk, Vec<u8>) {
    let circuit = GraphCircuit::new(case.parts.clone(), None);
    let vk = verifying_key(srs, &circuit).expect("a key");
    let pk = proving_key(srs, vk.clone(), &circuit).expect("a key");
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let bytes = prove_columns(srs, &pk, &mut Columns::new(witness), instance, &mut rng, Transcript::Blake2b).expect("a proof");
    (vk, bytes)
}

#[test]
fn a_proof_verifies_with_its_own_public_inputs_and_key_alone() {
    let (a, b) = (Case::new(&dense(2, [5, 7, 3]), 1), Case::new(&residual(), 2));
    let k = a.parts.layout.shape.k.max(b.parts.layout.shape.k);
    let srs = srs::development(k).expect("small");
    let cut = |case: &Case| srs::cut(&srs, case.parts.layout.shape.k).expect("smaller");
    let instance = [Fr::from(5), Fr::from(6)];
    let (vk, bytes) = proof(&cut(&a), &a, &a.honest(), &instance);
    verify(&cut(&a), &vk, &instance, &bytes, Transcript::Blake2b).expect("it verifies");
    let refused = |vk: &Vk, instance: &[Fr], bytes: &[u8]| verify(&cut(&a), vk, instance, bytes, Transcript::Blake2b).is_err();
    assert!(refused(&vk, &[Fr::from(5), Fr::from(7)], &bytes), "other public inputs");
    assert!(refused(&vk, &instance, &bytes[..bytes.len() - 32]), "a shorter proof");
    for at in (0..bytes.len()).step_by(bytes.len() / 16) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(refused(&vk, &instance, &changed), "byte {at}");
    }
    let (other, _) = proof(&cut(&b), &b, &b.honest(), &instance);
    assert!(refused(&other, &instance, &bytes), "another graph's key");
}

#[test]
fn a_false_witness_has_no_proof_that_verifies() {
    let case = Case::new(&dense(1, [3, 2, 2]), 9);
    let srs = srs::development(case.parts.layout.shape.k).expect("small");
    let mut witness = case.honest();
    // One limb of the first unit.
    let run = case.parts.layout.units[0].runs[0];
    witness.units[0][run.row(0)] += 1;
    let (vk, bytes) = proof(&srs, &case, &witness, &[]);
    assert_eq!(verify(&srs, &vk, &[], &bytes, Transcript::Blake2b).expect_err("false").code, "VERIFY_FAILED");
}

#[test]
fn a_step_of_training_verifies_with_its_own_rate_alone() {
    let case = Case::training(&regression(2, [5, 7, 3]), 2);
    let srs = srs::development(case.parts.layout.shape.k).expect("small");
    let (vk, bytes) = proof(&srs, &case, &case.honest(), &[Fr::from(RATE as u64), Fr::from(9)]);
    verify(&srs, &vk, &[Fr::from(RATE as u64), Fr::from(9)], &bytes, Transcript::Blake2b).expect("it verifies");
    let e = verify(&srs, &vk, &[Fr::from(RATE as u64 + 1), Fr::from(9)], &bytes, Transcript::Blake2b).expect_err("another rate");
    assert_eq!(e.code, "VERIFY_FAILED");
    // A prover with another rate than he says.
    let mut other = case.honest();
    other.rates[0] += Fr::one();
    let (vk, bytes) = proof(&srs, &case, &other, &[Fr::from(RATE as u64)]);
    assert!(verify(&srs, &vk, &[Fr::from(RATE as u64)], &bytes, Transcript::Blake2b).is_err());
}

/// Under softmax with cross-entropy: what a maximum that is none gives has no proof, whatever follows from it.
#[test]
fn a_step_of_a_classifier_verifies_and_no_other_maximum_does() {
    let case = Case::training(&classification(2, [5, 7, 3]), 3);
    let srs = srs::development(case.parts.layout.shape.k).expect("small");
    let instance = [Fr::from(RATE as u64)];
    let (vk, bytes) = proof(&srs, &case, &case.honest(), &instance);
    verify(&srs, &vk, &instance, &bytes, Transcript::Blake2b).expect("it verifies");
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    assert!(verify(&srs, &vk, &instance, &changed, Transcript::Blake2b).is_err());
    let loss = case.parts.graph.nodes().iter().find(|n| n.op.is_loss()).expect("a loss");
    for rule in loss.op.rules() {
        let lie = case.witness(Some(&Fault { node: &loss.name, rule, entry: 0 })).expect("in range");
        let (vk, bytes) = proof(&srs, &case, &lie, &instance);
        let refused = verify(&srs, &vk, &instance, &bytes, Transcript::Blake2b).expect_err(rule);
        assert_eq!(refused.code, "VERIFY_FAILED", "{rule}");
    }
}
