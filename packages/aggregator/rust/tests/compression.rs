//! The compression circuit between an aggregate and the wrapper: what it computes from true and false proofs (seconds), and a real proof of one (a minute
//! or more; ignored by default). The aggregate is a small circuit with the same public inputs.

use crate::statement;
use crate::statement::{INSTANCES, OWN_KEY};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_aggregator::compression::circuit::build;
use pot_aggregator::compression::keys::{Compression, PACKING};
use pot_aggregator::recursion::statement::{points_of_halves, ACCUMULATOR};
use pot_aggregator::recursion::verifier::{decide, KeyValues};
use pot_aggregator::window::Snark;
use pot_proof_system::engine::{Pk, Srs};
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkProtocol;
use std::sync::Arc;

struct Case {
    srs: Srs,
    pk: Pk,
    protocol: PlonkProtocol<halo2_axiom::halo2curves::bn256::G1Affine>,
    digest: Fr,
}

fn case() -> Case {
    let srs = pot_proof_system::srs::development(statement::K).expect("a string");
    let (pk, _) = statement::keys(&srs, 0);
    let protocol = compile(&srs, pk.get_vk(), Config::kzg().with_num_instance(vec![INSTANCES]));
    Case { digest: KeyValues::of(pk.get_vk()).digest(), srs, pk, protocol }
}

impl Case {
    /// True public inputs: a true accumulator, the key's own digest.
    fn instance(&self) -> Vec<Fr> {
        let mut instance = statement::instance(&self.srs, 1);
        instance[OWN_KEY] = self.digest;
        instance
    }

    fn prove(&self, instance: Vec<Fr>) -> Snark {
        let (_, inner) = statement::keys(&self.srs, 0);
        statement::prove(&self.srs, &self.pk, &inner, 0, instance)
    }

    /// The public inputs that the circuit computes after the accumulator, and whether this holds. The code of what refuses otherwise.
    fn computed(&self, snark: &Snark) -> Result<(Vec<Fr>, bool), &'static str> {
        let (builder, instance) = build(&self.protocol, self.digest, snark).map_err(|e| e.code)?;
        if let Some(refusal) = builder.refusal() {
            return Err(refusal.code);
        }
        let (accumulator, rest) = instance.split_at(ACCUMULATOR);
        let points = points_of_halves(accumulator).expect("points");
        Ok((rest.to_vec(), decide(&self.srs, &points).is_ok()))
    }
}

#[test]
fn a_true_proof_with_a_true_accumulator_holds_and_no_other() {
    let c = case();
    let snark = c.prove(c.instance());
    assert_eq!(c.computed(&snark), Ok((c.instance()[OWN_KEY + 1..].to_vec(), true)));

    for (side, instance) in statement::false_accumulators(&c.srs, &c.instance()).into_iter().enumerate() {
        assert!(!c.computed(&c.prove(instance)).expect("readable").1, "side {side}");
    }
    let altered = statement::another_accumulator(&c.srs, &snark);
    assert!(!c.computed(&altered).expect("readable").1, "an accumulator that was not proven");
    // Every public input that is exposed, and some of every part of the proof.
    for i in OWN_KEY + 1..INSTANCES {
        let mut altered = snark.clone();
        altered.instance[i] += Fr::one();
        assert!(!c.computed(&altered).expect("readable").1, "public input {i}");
    }
    for i in [0, 1] {
        let mut altered = snark.clone();
        let at = altered.proof.len() - 32 * i - 1;
        altered.proof[at] ^= 0x40;
        assert!(!c.computed(&altered).expect("readable").1, "mirrored point {i} from the end");
    }
}

#[test]
fn another_key_and_what_cannot_be_read_are_refused() {
    let c = case();
    // A true proof, of an aggregate that names another key as its own.
    let mut instance = c.instance();
    instance[OWN_KEY] += Fr::one();
    assert_eq!(c.computed(&c.prove(instance)), Err("CHIP_UNEQUAL"));

    let snark = c.prove(c.instance());
    let mut altered = snark.clone();
    altered.instance[0] += Fr::one();
    assert_eq!(c.computed(&altered), Err("AGGREGATE_ACCUMULATOR"));
    let mut altered = snark.clone();
    altered.proof[..32].fill(0xff);
    assert_eq!(c.computed(&altered), Err("AGGREGATE_PROOF"));
}

#[test]
#[ignore = "a minute or more and 2 GB: a real proof, of 2^19 rows or more"]
fn a_real_compression_proof() {
    let c = case();
    // The form of the circuit does not depend on the inner circuit, its size hardly.
    let srs = Arc::new(pot_proof_system::srs::development(20).expect("a string"));
    let compression = Compression::new(&srs, c.pk.get_vk()).expect("keys");
    println!("{PACKING:?}, k = {}", compression.k());
    let snark = c.prove(c.instance());
    let proof = compression.prove(&snark).expect("a proof");
    compression.verify(&proof).expect("it verifies");
    assert_eq!(proof.instance[ACCUMULATOR..], snark.instance[OWN_KEY + 1..]);
    let refused = |proof: &Snark| compression.verify(proof).expect_err("refused").code;
    for i in 0..proof.instance.len() {
        let mut altered = proof.clone();
        altered.instance[i] += Fr::one();
        assert!(["VERIFY_FAILED", "AGGREGATE_ACCUMULATOR"].contains(&refused(&altered)), "public input {i}");
    }
    let mut altered = proof.clone();
    altered.instance.push(Fr::zero());
    assert_eq!(refused(&altered), "VERIFY_FAILED");
    // A prover who does not check gets nothing: a true proof over a false accumulator.
    let [instance, _] = statement::false_accumulators(&c.srs, &c.instance());
    let false_one = compression.prove(&c.prove(instance)).expect("a proof");
    assert_eq!(refused(&false_one), "VERIFY_FAILED");
}
