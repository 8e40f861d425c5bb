//! `wrap SRS-FILE OUT-DIR [FOLD [plan]]`: two smallest windows aggregated, and the aggregate wrapped for a contract, timed stage by stage.
//! The string (2^20 points or more) is that of the wrapper; the insecure development string is made where the file is missing (of 2^N points for a
//! name that ends with -N, else 2^20). Writes aggregate.json (read
//! where it is there), Verifier.sol and calldata.hex. FOLD: another form of the narrow circuit. "plan" counts the wrapper's cells.

#[path = "../tests/common/mod.rs"]
mod common;

use halo2_axiom::poly::commitment::Params as _;
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::narrow::keys::{Narrow, FOLDING};
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::statement::Aggregate;
use pot_aggregator::window::Snark;
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_aggregator::wrapper::contract::calldata;
use pot_aggregator::wrapper::keys::Wrapper;
use pot_chip::Folding;
use pot_halo2::srs;
use std::time::Instant;

/// Windows a proof.
const PLACES: usize = 4;

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|l| l.starts_with(name)).unwrap_or("").replace('\t', " ");
    format!("{}, {}", line("VmHWM"), line("VmRSS"))
}

/// Processor time of all threads, in seconds.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.split_whitespace().skip(13).take(2).filter_map(|v| v.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (path, out) = (&a[0], std::path::Path::new(&a[1]));
    let number = |i: usize| a.get(i).map(|v| v.parse::<usize>().expect("a number"));
    let folding = number(2).map_or(FOLDING, |fold| Folding { fold });
    let (mut at, mut used) = (Instant::now(), 0.0);
    let mut lap = |what: &str| {
        println!("{what}: {:.1} s, {:.1} s of processor time, {}", at.elapsed().as_secs_f64(), processor() - used, memory());
        (at, used) = (Instant::now(), processor());
    };
    let srs = match std::fs::read(path) {
        Ok(bytes) => srs::from_bytes(&bytes).expect("a string"),
        _ => {
            let k = path.rsplit_once('-').and_then(|(_, k)| k.parse().ok()).unwrap_or(20);
            let srs = srs::development(k).expect("a string");
            std::fs::write(path, srs::to_bytes(&srs)).expect("a file");
            srs
        }
    };
    let srs = std::sync::Arc::new(srs);
    lap("reference string");
    std::fs::create_dir_all(out).expect("a folder");
    let (spec, mut prover) = (common::spec(), common::prover(&srs));
    let file = out.join("aggregate.json");
    let key = common::key(&mut prover);
    if !file.exists() {
        let members = common::members(&common::windows(&mut prover, &spec, 2));
        let aggregator = Aggregator::new(&srs, common::key(&mut prover), PLACES).expect("keys");
        lap("aggregation key");
        let aggregate = aggregator.prove(&mut prover, None, &members).expect("an aggregate");
        std::fs::write(&file, serde_json::json!(aggregate).to_string()).expect("a file");
        lap("aggregate");
    }
    let aggregate: Aggregate = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("an aggregate");
    drop(prover);
    let key = Aggregator::only_verifying_key(&srs, &key, PLACES).expect("a key");
    key.verify(&srs, &spec, &aggregate).expect("it verifies");
    lap("aggregation's verifying key");
    let narrow = Narrow::folded(&srs, key.vk(), folding).expect("a key");
    let inner = narrow.inner().expect("a layout");
    let (k, rows, bytes, terms) = (narrow.k(), narrow.rows(), inner.proof_bytes(), inner.terms());
    println!("{folding:?}: k = {k}, {rows:?}, {:?} parts, {bytes} bytes, {terms} terms", inner.parts());
    lap("narrow verifying key");
    if a.get(3).is_some_and(|v| v == "plan") {
        let k = srs.k() as usize;
        let c = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &inner.placeholder(), k).expect("a circuit");
        let s = c.builder.statistics();
        println!("{:?} cells, {:?} look-ups, {:?}", s.gate.total_advice_per_phase, s.total_lookup_advice_per_phase, c.builder.config_params);
        return lap("plan");
    }
    let snark = Snark { instance: aggregate.instance(&spec).expect("a statement"), proof: aggregate.proof };
    let proof = narrow.prove(&snark).expect("a proof");
    lap("narrow proving key and proof");
    narrow.verify(&proof).expect("it verifies");
    lap("its verification");
    let wrapper = Wrapper::new(&srs, inner).expect("keys");
    println!("wrapper: {:?}", wrapper.shape().params);
    lap("wrapper keys");
    let snark = wrapper.inner().snark(proof.instance, proof.proof).expect("of the right form");
    let wrapped = wrapper.prove(&srs, &snark).expect("a proof");
    lap("wrapper proof");
    wrapper.verify(&srs, &wrapped).expect("it verifies");
    std::fs::write(out.join("Verifier.sol"), wrapper.solidity(&srs).expect("a contract")).expect("a file");
    std::fs::write(out.join("calldata.hex"), format!("0x{}", hex::encode(calldata(&wrapped)))).expect("a file");
    lap("verification and contract");
}
