//! `wrap SRS-FILE OUT-DIR [FACTOR [plan]]`: two smallest windows aggregated, and the aggregate wrapped for a contract, timed stage by stage.
//! The string (2^20 points or more) is that of the wrapper; the insecure development SRS is made where the file is missing (of 2^N points for a
//! name that ends with -N, else 2^20). Writes aggregate.json (read
//! where it is there), Verifier.sol and calldata.hex. FACTOR: another packing of the compression circuit. "plan" counts the wrapper's cells.

mod common;
#[path = "../tests/common/mod.rs"]
mod windows;

use common::{string_in, Laps};
use halo2_axiom::poly::commitment::Params as _;
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::compression::keys::{Compression, PACKING};
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::statement::Aggregate;
use pot_aggregator::window::Snark;
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_aggregator::wrapper::contract::calldata;
use pot_aggregator::wrapper::keys::Wrapper;
use pot_chip::Packing;

/// Windows a proof.
const PLACES: usize = 4;

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (path, out) = (&a[0], std::path::Path::new(&a[1]));
    let number = |i: usize| a.get(i).map(|v| v.parse::<usize>().expect("a number"));
    let packing = number(2).map_or(PACKING, |factor| Packing { factor });
    let mut laps = Laps::begin();
    let k = path.rsplit_once('-').and_then(|(_, k)| k.parse().ok()).unwrap_or(20);
    let srs = std::sync::Arc::new(string_in(path.as_ref(), k));
    laps.lap("reference string");
    std::fs::create_dir_all(out).expect("a folder");
    let (spec, mut prover) = (windows::spec(), windows::prover(&srs));
    let file = out.join("aggregate.json");
    let key = windows::key(&mut prover);
    if !file.exists() {
        let members = windows::members(&windows::windows(&mut prover, &spec, 2));
        let aggregator = Aggregator::new(&srs, windows::key(&mut prover), PLACES).expect("keys");
        laps.lap("aggregation key");
        let aggregate = aggregator.prove(&mut prover, None, &members).expect("an aggregate");
        std::fs::write(&file, serde_json::json!(aggregate).to_string()).expect("a file");
        laps.lap("aggregate");
    }
    let aggregate: Aggregate = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("an aggregate");
    drop(prover);
    let key = Aggregator::only_verifying_key(&srs, &key, PLACES).expect("a key");
    key.verify(&srs, &spec, &aggregate).expect("it verifies");
    laps.lap("aggregation's verifying key");
    let compression = Compression::packed(&srs, key.vk(), packing).expect("a key");
    let inner = compression.inner().expect("a layout");
    let (k, rows, bytes, terms) = (compression.k(), compression.rows(), inner.proof_bytes(), inner.terms());
    println!("{packing:?}: k = {k}, {rows:?}, {:?} parts, {bytes} bytes, {terms} terms", inner.parts());
    laps.lap("compression verifying key");
    if a.get(3).is_some_and(|v| v == "plan") {
        let k = srs.k() as usize;
        let c = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &inner.placeholder(), k).expect("a circuit");
        let s = c.builder.statistics();
        println!("{:?} cells, {:?} look-ups, {:?}", s.gate.total_advice_per_phase, s.total_lookup_advice_per_phase, c.builder.config_params);
        return laps.lap("plan");
    }
    let snark = Snark { instance: aggregate.instance(&spec).expect("a statement"), proof: aggregate.proof };
    let proof = compression.prove(&snark).expect("a proof");
    laps.lap("compression proving key and proof");
    compression.verify(&proof).expect("it verifies");
    laps.lap("its verification");
    let wrapper = Wrapper::new(&srs, inner).expect("keys");
    println!("wrapper: {:?}", wrapper.shape().params);
    laps.lap("wrapper keys");
    let snark = wrapper.inner().snark(proof.instance, proof.proof).expect("of the right form");
    let wrapped = wrapper.prove(&srs, &snark).expect("a proof");
    laps.lap("wrapper proof");
    wrapper.verify(&srs, &wrapped).expect("it verifies");
    std::fs::write(out.join("Verifier.sol"), wrapper.solidity(&srs).expect("a contract")).expect("a file");
    std::fs::write(out.join("calldata.hex"), format!("0x{}", hex::encode(calldata(&wrapped)))).expect("a file");
    laps.lap("verification and contract");
}
