//! The key of the smallest aggregation circuit: no rule of the recursion may appear, change or go unannounced.
//!
//! After an intended change: `POT_UPDATE=1 cargo test --release -p pot-aggregator recursion_key::`, a new version
//! (VERSIONING.md), and a commit of `aggregation_key.json`.

use crate::common;
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::verifier::MIN_K;
use serde_json::{json, Value};

/// Windows a proof: the fewest that have links between them.
const PLACES: usize = 2;

#[test]
fn the_aggregation_key_is_as_stored() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aggregation_key.json");
    let srs = pot_proof_system::srs::development(MIN_K).expect("a string");
    let window = common::key(&mut common::prover(&srs));
    let key = Aggregator::only_verifying_key(&srs, &window, PLACES).expect("a key");
    let spec: Value = serde_json::from_str(&common::spec().to_json()).expect("a specification");
    let now = json!({"spec": spec, "places": PLACES, "windowKey": window.digest, "k": key.k(), "digest": key.digest()});
    if std::env::var_os("POT_UPDATE").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&now).expect("JSON") + "\n").expect("written");
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("aggregation_key.json")).expect("JSON");
    assert_eq!(now, stored);
}
