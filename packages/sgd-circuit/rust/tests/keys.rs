//! Proving keys as bytes: what was exported proves; what is damaged, cut short or another's is refused, without a panic.

use crate::common::{spec, Case};
use blake2b_simd::Params as Blake2b;
use pot_sgd::prover::{Base, Prover};
use pot_sgd::spec::{Activation::*, Kind, Loss::*, SgdSpec};
use pot_sgd::statement::Public;

const HEADER: usize = 104;

fn case() -> Case {
    Case::random(spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1), 5)
}

fn prover(k: u32) -> Prover {
    Prover::new(pot_proof_system::srs::development(k).unwrap())
}

/// A prover of another reference string.
fn foreign(k: u32) -> Prover {
    use halo2_axiom::poly::commitment::ParamsProver;
    Prover::new(pot_proof_system::engine::Srs::new(k))
}

fn genesis(c: &Case) -> SgdSpec {
    SgdSpec { kind: Kind::Genesis, ..c.spec.clone() }
}

fn public(p: &mut Prover, c: &Case) -> Public {
    crate::common::public(p, c, &c.after())
}

/// The header's hash made right again: what a forger would do.
fn rehashed(mut key: Vec<u8>) -> Vec<u8> {
    let hash = Blake2b::new().hash_length(32).personal(b"pot-key").hash(&key[40..]);
    key[8..40].copy_from_slice(hash.as_bytes());
    key
}

#[test]
fn an_imported_key_proves_and_the_proof_verifies_elsewhere() {
    let c = case();
    let k = c.spec.shape.unwrap().k;
    let (mut maker, mut user) = (prover(k), prover(k));
    let public = public(&mut user, &c);
    for spec in [c.spec.clone(), genesis(&c)] {
        let key = maker.export_key(&spec).unwrap();
        assert_eq!(user.import_key(&spec, &key).unwrap(), maker.vk_digest(&spec).unwrap());
        // What was read is what was written.
        assert!(user.export_key(&spec).unwrap() == key);
        let proof = match spec.kind {
            Kind::Window => user.prove_window(&spec, &public, &c.input()).unwrap(),
            Kind::Genesis => user.prove_genesis(&spec, &public, &c.w0, &[1; 32], &Base::NONE).unwrap(),
        };
        user.check_own(&spec, &public, &proof).unwrap();
        prover(k).verify(&spec, &public, &proof).unwrap();
    }
}

#[test]
fn damaged_and_cut_keys_are_refused() {
    let c = case();
    let k = c.spec.shape.unwrap().k;
    let mut p = prover(k);
    let key = p.export_key(&c.spec).unwrap();
    let mut refused = |what: &str, bytes: &[u8]| {
        let e = p.import_key(&c.spec, bytes).expect_err(what);
        assert_eq!(e.code, "KEY_INVALID", "{what}");
        e.message
    };
    for at in [0, 7, 8, 39, 40, 71, 72, 103, 104, 105, 120, 200, key.len() / 2, key.len() - 1] {
        let mut bad = key.clone();
        bad[at] ^= 1;
        refused(&format!("a bit flipped at {at}"), &bad);
    }
    for length in [0, 1, 8, 40, 103, 104, 105, 110, key.len() / 2, key.len() - 1] {
        refused(&format!("cut at {length}"), &key[..length]);
        if length >= HEADER {
            // Also where the hash fits: nothing is read beyond the end.
            refused(&format!("cut at {length} and hashed again"), &rehashed(key[..length].to_vec()));
        }
    }
    let mut long = key.clone();
    long.push(0);
    assert!(refused("one byte more", &rehashed(long)).contains("follows"));
    // Each field of halo2's form that its reader would trust; the last byte makes a number no field element.
    for at in [104, 105, 106, 109, 110, 113, 120, key.len() - 1] {
        let mut bad = key.clone();
        bad[at] = 0xff;
        refused(&format!("forged at {at}"), &rehashed(bad));
    }
}

#[test]
fn keys_of_others_are_refused() {
    let c = case();
    let k = c.spec.shape.unwrap().k;
    let mut p = prover(k + 1);
    let key = p.export_key(&c.spec).unwrap();
    let mut other = c.spec.clone();
    other.x_offset = 1;
    assert_eq!(p.import_key(&other, &key).unwrap_err().code, "KEY_INVALID");
    assert_eq!(p.import_key(&genesis(&c), &key).unwrap_err().code, "KEY_INVALID");
    assert_eq!(foreign(k).import_key(&c.spec, &key).unwrap_err().code, "KEY_INVALID");
    // A longer string of the same ceremony has the same keys.
    prover(k).import_key(&c.spec, &key).unwrap();
    // The name of circuit sources is part of the id; a key of other sources has another one.
    let mut old = key.clone();
    old[40] ^= 1;
    assert!(p.import_key(&c.spec, &rehashed(old)).unwrap_err().message.contains("another circuit"));
    // A key that names this circuit and is another one's has another digest than it says.
    let mut swapped = p.export_key(&other).unwrap();
    swapped[40..HEADER].copy_from_slice(&key[40..HEADER]);
    assert_ne!(p.vk_digest(&other).unwrap(), p.vk_digest(&c.spec).unwrap());
    assert!(p.import_key(&c.spec, &rehashed(swapped)).unwrap_err().message.contains("digest"));
}

/// A forged key: it names itself right, but a fixed column's commitment is another one's.
fn forged(key: &[u8], p: &mut Prover, spec: &SgdSpec) -> Vec<u8> {
    let mut bad = key.to_vec();
    // Version, k, compression, count: then commitments of 64 bytes. Two that differ change places.
    let at = |i: usize| HEADER + 10 + 64 * i..HEADER + 10 + 64 * (i + 1);
    let n = (1..30).find(|n| key[at(*n)] != key[at(0)]).expect("two columns that differ");
    bad[at(0)].copy_from_slice(&key[at(n)]);
    bad[at(n)].copy_from_slice(&key[at(0)]);
    // The digest that such a key has is found by trying: the refusal does not tell it, so halo2 is asked.
    use halo2_axiom::{plonk::VerifyingKey, SerdeFormat::RawBytes};
    use pot_circuit::prove::{GraphCircuit, Params};
    let params = Params(Some(pot_sgd::network::Network::new(spec).unwrap().parts));
    let vk = VerifyingKey::<halo2_axiom::halo2curves::bn256::G1Affine>::read::<_, GraphCircuit>(&mut &bad[HEADER..], RawBytes, params).unwrap();
    use ff::PrimeField;
    bad[72..HEADER].copy_from_slice(vk.transcript_repr().to_repr().as_ref());
    let bad = rehashed(bad);
    p.import_key(spec, &bad).expect("a forged key cannot be told from a right one by reading it");
    bad
}

#[test]
fn verification_never_uses_an_imported_key() {
    let c = case();
    let k = c.spec.shape.unwrap().k;
    let (mut maker, mut user) = (prover(k), prover(k));
    let key = maker.export_key(&c.spec).unwrap();
    let public = public(&mut maker, &c);
    let proof = maker.prove_window(&c.spec, &public, &c.input()).unwrap();
    forged(&key, &mut user, &c.spec);
    // Digest and verdict are those of the circuit, before and after proving with the forged key.
    for _ in 0..2 {
        assert_eq!(user.vk_digest(&c.spec).unwrap(), maker.vk_digest(&c.spec).unwrap());
        user.verify(&c.spec, &public, &proof).unwrap();
        // The forged key spoils the maker's own proof, which is seen before it is let go.
        if let Ok(own) = user.prove_window(&c.spec, &public, &c.input()) {
            assert_eq!(user.check_own(&c.spec, &public, &own).unwrap_err().code, "VERIFY_FAILED");
            assert_eq!(user.verify(&c.spec, &public, &own).unwrap_err().code, "VERIFY_FAILED");
        }
    }
    user.forget_keys();
    let proof = user.prove_window(&c.spec, &public, &c.input()).unwrap();
    user.check_own(&c.spec, &public, &proof).unwrap();
}

#[test]
fn a_key_holds_nothing_of_what_was_proven() {
    let c = case();
    let mut p = prover(c.spec.shape.unwrap().k);
    let before = p.export_key(&c.spec).unwrap();
    let public = public(&mut p, &c);
    p.prove_window(&c.spec, &public, &c.input()).unwrap();
    assert!(p.export_key(&c.spec).unwrap() == before);
}
