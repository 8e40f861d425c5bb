//! `recursive PLACES WINDOWS plan|prove SRS-FILE`: WINDOWS smallest windows aggregated, PLACES a proof, timed.
//!
//! The string in SRS-FILE is the insecure development SRS; it is made where the file is missing.

mod common;
#[path = "../tests/common/mod.rs"]
mod windows;

use common::{string_in, Laps};
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::verifier::AggregateKey;
use std::time::Instant;

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (places, windows, prove, path) = (a[0].parse::<usize>().expect("places"), a[1].parse::<usize>().expect("windows"), a[2] == "prove", &a[3]);
    let mut laps = Laps::begin();
    let spec = windows::spec();
    let srs = string_in(path.as_ref(), 18);
    laps.lap("reference string");
    let mut prover = windows::prover(&srs);
    let proofs = windows::members(&windows::windows(&mut prover, &spec, windows));
    let key = windows::key(&mut prover);
    println!("window: {:?}, {} bytes, {} terms", spec.shape, key.proof_bytes(), key.terms());
    laps.lap("windows");
    if !prove {
        println!("{:?}", Aggregator::plan(&srs, &key, places).expect("a circuit"));
        laps.lap("plan");
        return;
    }
    let aggregator = Aggregator::new(&srs, key, places).expect("keys");
    println!("k = {}, {} bytes, key {}", aggregator.k(), aggregator.proof_bytes(), aggregator.digest());
    laps.lap("keys");
    let mut aggregate = None;
    for chunk in proofs.chunks(places) {
        let next = aggregator.prove(&mut prover, aggregate.as_ref(), chunk).expect("an aggregate");
        laps.lap("prove");
        aggregator.verify(&next).expect("it verifies");
        laps.lap("verify");
        aggregate = Some(next);
    }
    let aggregate = aggregate.expect("at least one window");
    let key = AggregateKey::from_bytes(&aggregator.verifying_key().to_bytes()).expect("a key");
    let small = pot_proof_system::srs::cut(&srs, 4).expect("a string");
    let start = Instant::now();
    (0..10).for_each(|_| key.verify(&small, &spec, &aggregate).expect("it verifies"));
    println!("verify again: {:.1} ms; proof {} bytes; {:?}", start.elapsed().as_secs_f64() * 100.0, aggregate.proof.len(), aggregate.public);
}
