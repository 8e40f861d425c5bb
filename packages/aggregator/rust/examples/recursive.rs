//! `recursive PLACES WINDOWS plan|prove SRS-FILE`: WINDOWS smallest windows aggregated, PLACES a proof, timed.
//!
//! The string in SRS-FILE is the insecure development string; it is made where the file is missing.

#[path = "../tests/common/mod.rs"]
mod common;

use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::verifier::AggregateKey;
use std::time::Instant;

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_string()
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (places, windows, prove, path) = (a[0].parse::<usize>().expect("places"), a[1].parse::<usize>().expect("windows"), a[2] == "prove", &a[3]);
    let mut at = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.1} s, {}", at.elapsed().as_secs_f64(), peak());
        at = Instant::now();
    };
    let spec = common::spec();
    let srs = match std::fs::read(path) {
        Ok(bytes) => pot_halo2::srs::from_bytes(&bytes).expect("a string"),
        _ => {
            let srs = pot_halo2::srs::development(18).expect("a string");
            std::fs::write(path, pot_halo2::srs::to_bytes(&srs)).expect("a file");
            srs
        }
    };
    lap("reference string");
    let mut prover = common::prover(&srs);
    let proofs = common::members(&common::windows(&mut prover, &spec, windows));
    let key = common::key(&mut prover);
    println!("window: {:?}, {} bytes, {} terms", spec.shape, key.proof_bytes(), key.terms());
    lap("windows");
    if !prove {
        println!("{:?}", Aggregator::plan(&srs, &key, places).expect("a circuit"));
        lap("plan");
        return;
    }
    let aggregator = Aggregator::new(&srs, key, places).expect("keys");
    println!("k = {}, {} bytes, key {}", aggregator.k(), aggregator.proof_bytes(), aggregator.digest());
    lap("keys");
    let mut aggregate = None;
    for chunk in proofs.chunks(places) {
        let next = aggregator.prove(&mut prover, aggregate.as_ref(), chunk).expect("an aggregate");
        lap("prove");
        aggregator.verify(&next).expect("it verifies");
        lap("verify");
        aggregate = Some(next);
    }
    let aggregate = aggregate.expect("at least one window");
    let key = AggregateKey::from_bytes(&aggregator.verifying_key().to_bytes()).expect("a key");
    let small = pot_halo2::srs::cut(&srs, 4).expect("a string");
    let start = Instant::now();
    (0..10).for_each(|_| key.verify(&small, &spec, &aggregate).expect("it verifies"));
    println!("verify again: {:.1} ms; proof {} bytes; {:?}", start.elapsed().as_secs_f64() * 100.0, aggregate.proof.len(), aggregate.public);
}
