//! The key of the smallest aggregation circuit: no rule of the recursion may appear, change or go unannounced.
//!
//! After an intended change: `POT_UPDATE=1 cargo test --release -p pot-aggregator recursion_key::`, a new version
//! (VERSIONING.md), and a commit of the files `aggregation_key*.json`.

use crate::common;
use pot_aggregator::form::Form;
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::verifier::MIN_K;
use pot_aggregator::window::WindowKey;
use pot_sgd::spec::SgdSpec;
use serde_json::{json, Value};

#[test]
fn the_aggregation_key_is_as_stored() {
    // The fewest windows a proof that have links between them.
    as_stored(&common::spec(), Form::default(), 2, "aggregation_key.json");
}

#[test]
fn the_aggregation_key_of_windows_with_rates_of_their_own_is_as_stored() {
    // Two of these take twice the rows; how windows are linked the other key has.
    as_stored(&common::spec_with_rates(), Form::default(), 1, "aggregation_key_rates.json");
}

#[test]
fn the_aggregation_key_of_windows_that_differ_is_as_stored() {
    as_stored(&common::spec_with_base(), Form { rates: true, renewed: true }, 1, "aggregation_key_forms.json");
}

fn as_stored(of: &SgdSpec, form: Form, places: usize, file: &str) {
    let path = &format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"));
    let srs = pot_proof_system::srs::development(MIN_K).expect("a string");
    let window = WindowKey::with_form(&mut common::prover_of(&srs, of), of, form).expect("a window's key");
    let key = Aggregator::only_verifying_key(&srs, &window, places).expect("a key");
    let spec: Value = serde_json::from_str(&of.to_json()).expect("a specification");
    let now = json!({"spec": spec, "places": places, "windowKey": window.digest, "k": key.k(), "digest": key.digest()});
    if std::env::var_os("POT_UPDATE").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&now).expect("JSON") + "\n").expect("written");
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).expect(file)).expect("JSON");
    assert_eq!(now, stored);
}
