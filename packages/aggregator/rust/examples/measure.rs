//! `measure WINDOWS K plan|prove SRS-FILE`: one aggregate of the smallest windows, timed. Written for two cores.
//!
//! The string in SRS-FILE is the insecure development string; it is made where the file is missing.

#[path = "../tests/common/mod.rs"]
mod common;

use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::aggregator::{decide, Aggregator};
use pot_aggregator::circuit::{succinct_verify, AggregateCircuit};
use pot_aggregator::statement::{accumulator, AggregatePublic, ACCUMULATOR};
use std::time::Instant;

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_string()
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (windows, k, prove, path) = (a[0].parse::<usize>().expect("windows"), a[1].parse::<u32>().expect("k"), a[2] == "prove", &a[3]);
    let mut at = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.1} s, {}", at.elapsed().as_secs_f64(), peak());
        at = Instant::now();
    };
    let spec = common::spec();
    let need = if prove { k } else { spec.shape.expect("planned").k };
    let srs = match std::fs::read(path) {
        Ok(bytes) if prove => pot_halo2::srs::from_bytes(&bytes).expect("a string"),
        _ => {
            let srs = pot_halo2::srs::development(need).expect("a string");
            if prove {
                std::fs::write(path, pot_halo2::srs::to_bytes(&srs)).expect("a file");
            }
            srs
        }
    };
    lap("reference string");
    let mut prover = common::prover(&srs);
    let proofs = common::windows(&mut prover, &spec, windows);
    let key = common::key(&mut prover);
    println!("window: {:?}, {} bytes, {} terms", spec.shape, key.proof_bytes(), key.terms());
    let snarks: Vec<_> = proofs.iter().map(|w| key.snark(w).expect("a window")).collect();
    for s in &snarks {
        decide(&srs, succinct_verify(&key, s).expect("readable")).expect("a true window");
    }
    lap("windows");
    if !prove {
        let c = AggregateCircuit::plan(CircuitBuilderStage::Keygen, &key, &snarks, k as usize).expect("a circuit");
        let s = c.builder.statistics();
        println!("{:?} cells, {:?} look-ups, {:?}", s.gate.total_advice_per_phase, s.total_lookup_advice_per_phase, c.builder.config_params);
        lap("plan");
        let (limbs, statement) = c.instance.split_at(ACCUMULATOR);
        decide(&srs, accumulator(limbs).expect("canonical")).expect("all windows hold");
        let public = AggregatePublic::of(&spec, &proofs).expect("a chain");
        assert_eq!(statement, public.instance(&spec, windows).expect("a statement"));
        println!("the circuit's public inputs are the statement's, and its accumulator holds");
        return;
    }
    let aggregator = Aggregator::new(&srs, key, windows).expect("keys");
    println!("{:?}, key {}", aggregator.shape().params, aggregator.digest());
    lap("keys");
    let aggregate = aggregator.prove(&srs, &mut prover, &proofs).expect("an aggregate");
    lap("prove");
    aggregator.verify(&srs, &aggregate).expect("it verifies");
    lap("verify");
    let start = Instant::now();
    (0..10).for_each(|_| aggregator.verify(&srs, &aggregate).expect("it verifies"));
    println!("verify again: {:.1} ms; proof {} bytes; {:?}", start.elapsed().as_secs_f64() * 100.0, aggregate.proof.len(), aggregate.public);
}
