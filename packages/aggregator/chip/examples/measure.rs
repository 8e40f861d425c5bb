//! `measure TERMS SRS-FILE`: keys and one proof of a sum of that many terms, timed. Half of its points are constants; every term
//! comes with two permutations.
//!
//! The string in SRS-FILE is the insecure development SRS; it is made where the file is missing.

use ff::Field;
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use pot_chip::{Builder, ChipCircuit};
use pot_proof_system::engine::{self, Transcript};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use std::sync::Arc;
use std::time::Instant;

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_string()
}

/// Processor time of all threads, in seconds.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.split_whitespace().skip(13).take(2).filter_map(|v| v.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn circuit(terms: usize, seed: u64) -> Builder {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut constants = ChaCha20Rng::seed_from_u64(7);
    let mut b = Builder::default();
    let terms: Vec<_> = (0..terms)
        .map(|i| {
            let k = b.witness(Fr::random(&mut rng));
            let p = match i % 2 {
                0 => b.point((G1Affine::generator() * Fr::random(&mut rng)).to_affine()),
                _ => b.constant_point((G1Affine::generator() * Fr::random(&mut constants)).to_affine()),
            };
            let [a, c, _] = b.permute([p.x, p.y, k]);
            b.permute([a, c, k]);
            (k, p)
        })
        .collect();
    let sum = b.msm(&terms);
    let expected: G1 = terms.iter().map(|(k, p)| p.value * k.value).sum();
    assert_eq!(sum.value, expected.to_affine());
    b.expose(&[sum.x, sum.y]);
    b
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (terms, path) = (a[0].parse::<usize>().expect("terms"), &a[1]);
    let mut at = Instant::now();
    let mut used = 0.0;
    let mut lap = |what: &str| {
        println!("{what}: {:.2} s, {:.2} s of processor time, {}", at.elapsed().as_secs_f64(), processor() - used, peak());
        (at, used) = (Instant::now(), processor());
    };
    let other = circuit(terms, 1);
    lap("builder");
    let k = other.min_k();
    println!("{terms} terms: {:?}, k = {k}", other.rows());
    let srs = match std::fs::read(path) {
        Ok(bytes) => pot_proof_system::srs::from_bytes(&bytes).expect("a string"),
        _ => {
            let srs = pot_proof_system::srs::development(k).expect("a string");
            std::fs::write(path, pot_proof_system::srs::to_bytes(&srs)).expect("a file");
            srs
        }
    };
    let srs = pot_proof_system::srs::cut(&srs, k).expect("large enough");
    lap("reference string");
    // The key is made from other values than the proof.
    let other = ChipCircuit::new(Arc::new(other), k).expect("room");
    let vk = engine::verifying_key(&srs, &other).expect("a key");
    lap("verifying key");
    let cs = vk.cs();
    println!(
        "{} advice columns, {} fixed, {} evaluations of advice, {} of fixed",
        cs.num_advice_columns(),
        cs.num_fixed_columns(),
        cs.advice_queries().len(),
        cs.fixed_queries().len()
    );
    let pk = engine::proving_key(&srs, vk, &other).expect("a key");
    drop(other);
    lap("proving key");
    for round in 0..2 {
        let builder = circuit(terms, 2 + round);
        let instance = builder.instance();
        let circuit = ChipCircuit::new(Arc::new(builder), k).expect("room");
        lap("builder");
        let mut columns = circuit.columns().expect("a sum");
        let proof = engine::prove_columns(&srs, &pk, &mut columns, &instance, &mut OsRng, Transcript::Blake2b).expect("a proof");
        lap("proof");
        println!("{} bytes", proof.len());
        engine::verify(&srs, pk.get_vk(), &instance, &proof, Transcript::Blake2b).expect("a true proof");
        lap("verification");
        let wrong = [instance[0] + Fr::ONE, instance[1]];
        assert!(engine::verify(&srs, pk.get_vk(), &wrong, &proof, Transcript::Blake2b).is_err());
    }
}
