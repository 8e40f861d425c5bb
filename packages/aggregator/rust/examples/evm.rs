//! `evm OUT-DIR [K [statement|window|COLUMNS [plan|prove]]]`: the wrapper of a small real proof, its Solidity verifier, and calldata.
//!
//! Writes Verifier.sol, Generated.sol (snark-verifier's text that it is made from) and wrapped.json. Without more arguments the inner circuit is the tests' `statement` (an accumulator
//! and eleven public inputs) and k = 19; COLUMNS makes it as wide. Everything is made with the insecure development SRS. "plan" counts cells.

mod common;
#[path = "../tests/statement/mod.rs"]
mod statement;
#[path = "../tests/common/mod.rs"]
mod windows;

use common::{string_in, window_inside, Laps};
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::window::Snark;
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_aggregator::wrapper::contract::calldata;
use pot_aggregator::wrapper::inner::Inner;
use pot_aggregator::wrapper::keys::Wrapper;
use pot_proof_system::engine::Srs;
use pot_sgd::statement::field_to_hex;
use std::path::Path;

fn development(k: u32) -> Srs {
    pot_proof_system::srs::development(k).expect("a string")
}

fn inner(kind: &str) -> (Inner, Snark) {
    if kind != "window" {
        let wide = if kind == "statement" { 0 } else { kind.parse().expect("columns") };
        let srs = development(statement::K);
        let (pk, inner) = statement::keys(&srs, wide);
        let snark = statement::prove(&srs, &pk, &inner, wide, statement::instance(&srs, 1));
        return (inner, snark);
    }
    let spec = windows::spec();
    let srs = development(spec.shape.expect("planned").k);
    let mut prover = windows::prover(&srs);
    let window = windows::windows(&mut prover, &spec, 1).remove(0);
    window_inside(&mut prover, &spec, window)
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let out = Path::new(a.first().map(String::as_str).expect("an output folder"));
    let k = a.get(1).map_or(19, |k| k.parse::<u32>().expect("k"));
    let kind = a.get(2).map_or("statement", String::as_str);
    let mut laps = Laps::begin();
    let (inner, snark) = inner(kind);
    println!("inner {kind}: {} bytes {:?}, {} points to multiply", inner.proof_bytes(), inner.parts(), inner.terms());
    if a.get(3).is_some_and(|v| v == "plan") {
        let c = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &snark, k as usize).expect("a circuit");
        let s = c.builder.statistics();
        println!("{:?} cells, {:?} look-ups, {:?}", s.gate.total_advice_per_phase, s.total_lookup_advice_per_phase, c.builder.config_params);
        return laps.lap("plan");
    }
    // The string is the same on every machine and takes a while: kept where the caller says.
    let cache = std::env::var("POT_SRS_CACHE").ok().map(|d| Path::new(&d).join(format!("development-{k}")));
    let srs = cache.map_or_else(|| development(k), |path| string_in(&path, k));
    laps.lap("inner proof and string");
    let wrapper = Wrapper::new(&srs, inner).expect("keys");
    println!("{:?}", wrapper.shape().params);
    laps.lap("keys");
    let wrapped = wrapper.prove(&srs, &snark).expect("a proof");
    laps.lap("proof");
    wrapper.verify(&srs, &wrapped).expect("it verifies");
    laps.lap("verification");
    let data = calldata(&wrapped);
    std::fs::create_dir_all(out).expect("a folder");
    std::fs::write(out.join("Verifier.sol"), wrapper.solidity(&srs).expect("a contract")).expect("a file");
    std::fs::write(out.join("Generated.sol"), wrapper.generated_solidity(&srs).expect("a contract")).expect("a file");
    let json = serde_json::json!({
        "key": wrapper.digest(),
        "k": k,
        "reference": pot_proof_system::srs::info(&srs),
        "instances": wrapped.instance.iter().map(field_to_hex).collect::<Vec<_>>(),
        "proofBytes": wrapped.proof.len(),
        "calldata": format!("0x{}", hex::encode(&data)),
    });
    std::fs::write(out.join("wrapped.json"), serde_json::to_string_pretty(&json).expect("JSON") + "\n").expect("a file");
    println!("proof {} bytes, calldata {} bytes, key {}", wrapped.proof.len(), data.len(), wrapper.digest());
    laps.lap("contract");
}
