//! Rows, columns, proof length and verifying key of stored circuits: none may change unannounced.
//!
//! After an intended change: `POT_UPDATE=1 cargo test --release -p pot-sgd regression::`, a new version
//! (VERSIONING.md), and a commit of `regression.json`.

use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::Prover;
use pot_sgd::spec::SgdSpec;
use serde_json::{json, Value};

/// Specifications without a shape.
fn specs() -> Vec<Value> {
    let layer = |i: usize, o: usize, a: &str| json!({"inputs": i, "outputs": o, "activation": a, "bias": true});
    let spec = |kind: &str, mode: &str, layers: Value, loss: &str, batch: usize, steps: usize, b: u32, limbs: usize| {
        json!({"kind": kind, "mode": mode, "layers": layers, "loss": loss, "batch": batch, "steps": steps,
            "scales": {"a": 8, "d": 14, "e": 14, "b": b, "p": b}, "xOffset": 0, "yOffset": 0, "toleranceLimbs": limbs})
    };
    let digits = json!([layer(784, 32, "relu"), layer(32, 10, "softmax")]);
    let adapters = |mut spec: Value, adapters: Value, base_bits: u32, local: bool| {
        spec["lora"] = json!({"adapters": adapters, "baseBits": base_bits, "local": local});
        spec
    };
    let adapter = json!({"rank": 4, "alpha": 8});
    let on_digits =
        |kind: &str| adapters(spec(kind, "exact", digits.clone(), "softmaxCrossEntropy", 16, 4, 12, 0), json!([adapter, adapter]), 20, false);
    let one = json!([{"inputs": 64, "outputs": 48, "activation": "linear", "bias": false}]);
    let local = adapters(spec("window", "exact", one, "meanSquaredError", 4, 1, 9, 0), json!([adapter]), 0, true);
    let optimised = |mut spec: Value, rule: Value| {
        spec["lora"]["optimizer"] = rule;
        spec
    };
    let mut genesis = local.clone();
    genesis["kind"] = "genesis".into();
    let adam = json!({"rule": "adam", "beta1": 461, "beta2": 511, "epsilon": 86, "decay": 2});
    let momentum = json!({"rule": "momentum", "momentum": 461, "decay": 0});
    let small = json!([layer(8, 6, "relu"), layer(6, 4, "linear"), layer(4, 2, "linear")]);
    let whole = |kind: &str, rule: Value| {
        let mut spec = spec(kind, "exact", small.clone(), "meanSquaredError", 4, 2, 9, 0);
        spec["optimizer"] = rule;
        spec
    };
    let each = |mut spec: Value| {
        spec["ratesPerStep"] = true.into();
        spec
    };
    vec![
        on_digits("window"),
        on_digits("genesis"),
        optimised(local.clone(), adam.clone()),
        optimised(genesis, adam.clone()),
        optimised(local.clone(), momentum.clone()),
        local,
        spec("window", "exact", digits.clone(), "softmaxCrossEntropy", 16, 4, 12, 0),
        spec("genesis", "exact", digits.clone(), "softmaxCrossEntropy", 16, 4, 12, 0),
        spec("window", "tolerance", digits, "softmaxCrossEntropy", 16, 1, 12, 2),
        spec("window", "exact", small.clone(), "meanSquaredError", 4, 2, 9, 0),
        whole("window", json!({"rule": "sgd", "decay": 300})),
        whole("window", momentum.clone()),
        whole("window", adam.clone()),
        whole("genesis", adam.clone()),
        whole("window", json!({"rule": "nesterov", "momentum": 461, "decay": 0})),
        whole("window", json!({"rule": "rmsprop", "rho": 461, "momentum": 400, "epsilon": 30_000_000, "decay": 0})),
        each(whole("window", momentum)),
        each(whole("window", adam)),
    ]
}

#[test]
fn circuits_are_as_stored() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regression.json");
    let mut prover = Prover::new(pot_proof_system::srs::development(15).unwrap());
    let now: Vec<Value> = specs()
        .into_iter()
        .map(|s| {
            let spec = SgdSpec::from_json(&s.to_string()).unwrap();
            let (spec, info) = plan(&spec, Constraints::default()).unwrap();
            json!({"spec": serde_json::from_str::<Value>(&spec.to_json()).unwrap(), "info": info, "vkDigest": prover.vk_digest(&spec).unwrap()})
        })
        .collect();
    if std::env::var_os("POT_UPDATE").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("regression.json")).unwrap();
    assert_eq!(Value::from(now), stored);
}
