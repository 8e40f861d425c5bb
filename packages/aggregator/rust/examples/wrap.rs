//! `wrap SRS-FILE OUT-DIR [plan]`: two smallest windows aggregated, and the aggregate wrapped for a contract, timed. The string (2^20 points or more) is
//! that of the wrapper. Writes aggregate.json, Verifier.sol and wrapped.json. "plan" counts the wrapper's cells.

#[path = "../tests/common/mod.rs"]
mod common;

use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::recursion::api::{Aggregation, OnChain};
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_halo2::srs::MAX_K;
use pot_sgd::statement::field_to_hex;
use std::time::Instant;

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_string()
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (path, out) = (&a[0], std::path::Path::new(&a[1]));
    let mut at = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.1} s, {}", at.elapsed().as_secs_f64(), peak());
        at = Instant::now();
    };
    let bytes = std::fs::read(path).expect("a reference string");
    let srs = pot_halo2::srs::from_bytes(&bytes).expect("a string");
    let spec = common::spec();
    if a.get(2).is_some_and(|v| v == "plan") {
        use halo2_axiom::poly::commitment::Params as _;
        let mut prover = common::prover(&srs);
        let key = common::key(&mut prover);
        let inner = pot_aggregator::recursion::aggregator::Aggregator::new(&srs, key, 4).expect("keys").inner().expect("a layout");
        let k = srs.k() as usize;
        let c = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &inner.placeholder(), k).expect("a circuit");
        let s = c.builder.statistics();
        println!(
            "{} terms, {:?} cells, {:?} look-ups, {:?}",
            inner.terms(),
            s.gate.total_advice_per_phase,
            s.total_lookup_advice_per_phase,
            c.builder.config_params
        );
        return lap("plan");
    }
    let mut prover = common::prover(&srs);
    let members = common::members(&common::windows(&mut prover, &spec, 2));
    let json: Vec<_> = members
        .iter()
        .map(|m| {
            use base64::Engine as _;
            let proof = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&m.window.proof);
            let siblings: Vec<String> = m.path.siblings.iter().map(field_to_hex).collect();
            serde_json::json!({ "public": m.window.public, "proof": proof, "shard": m.path.index, "siblings": siblings })
        })
        .collect();
    let mut aggregation = Aggregation::new(&bytes, &spec.to_json(), 0, MAX_K).expect("keys");
    println!("{}", aggregation.info());
    lap("aggregation key");
    let aggregate = aggregation.prove(None, &serde_json::Value::from(json).to_string()).expect("an aggregate");
    lap("aggregate");
    drop(aggregation);
    let chain = OnChain::new(&bytes, &spec.to_json(), 0).expect("keys");
    lap("wrapper key");
    let wrapped = chain.wrap(&aggregate).expect("a proof");
    lap("wrapping and its verification");
    std::fs::create_dir_all(out).expect("a folder");
    for (name, text) in [("aggregate.json", &aggregate), ("Verifier.sol", &chain.contract().expect("a contract")), ("wrapped.json", &wrapped)] {
        std::fs::write(out.join(name), text).expect("a file");
    }
    lap("contract");
    println!("{}", &wrapped[..200.min(wrapped.len())]);
}
