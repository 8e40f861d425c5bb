//! Digests bind what makes a network's function; TypeScript computes the same ones (packages/core/test/columnDigests.test.ts).
//!
//! After an intended change: `POT_UPDATE=1 cargo test --release -p pot-sgd digests::`, a new version (VERSIONING.md), and a
//! commit of `vectors/digests.json`.

use crate::common::{layer_local, public, spec, with_adapters, with_optimizer, Case};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::Prover;
use pot_sgd::spec::{Activation::*, Adapter, Kind, Loss::*, SgdSpec};
use pot_sgd::statement::{base_digest, bind, data_digest, field_to_hex, weights_digest};
use serde_json::{json, Value};

fn planned(s: &SgdSpec) -> SgdSpec {
    plan(s, Constraints::default()).expect("a small window has a shape").0
}

/// Some points of the curve, compressed.
fn points(from: usize, n: usize) -> Vec<u8> {
    (from..from + n).flat_map(|i| (G1Affine::generator() * Fr::from(i as u64 + 1)).to_affine().to_bytes().as_ref().to_vec()).collect()
}

/// A network, and the same base with adapters.
fn networks() -> [SgdSpec; 2] {
    let dense = spec(&[6, 5, 4, 3], &[Relu, Linear], MeanSquaredError, 2, 2);
    [planned(&dense), planned(&with_adapters(dense, &[Some((2, 4)), None, Some((1, 1))]))]
}

/// Changes that leave the layout's places as they are.
type Change = (&'static str, fn(&mut SgdSpec));
const FUNCTION: [Change; 7] = [
    ("an activation", |s| s.layers[0].activation = Linear),
    ("another activation", |s| s.layers[1].activation = Relu),
    ("two activations exchanged", |s| (s.layers[0].activation, s.layers[1].activation) = (Linear, Relu)),
    ("softmax", |s| (s.layers[2].activation, s.loss) = (Softmax, SoftmaxCrossEntropy)),
    ("a bias", |s| s.layers[1].bias = false),
    // As many bits of weights as before.
    ("bits of activations", |s| (s.scales.a, s.scales.d) = (s.scales.a + 1, s.scales.d - 1)),
    ("bits of exponentials", |s| s.scales.p += 1),
];
const TRAINING: [Change; 4] = [
    ("a genesis proof", |s| s.kind = Kind::Genesis),
    ("batch", |s| s.batch = 1),
    ("steps", |s| s.steps = 1),
    ("offsets", |s| (s.x_offset, s.y_offset) = (3, 5)),
];

#[test]
fn what_makes_the_function_is_in_the_digests_and_what_trains_it_is_not() {
    for s in networks() {
        let bytes = points(0, 2);
        let (weights, base) = (|s: &SgdSpec| weights_digest(s, &bytes).unwrap(), |s: &SgdSpec| base_digest(s, &bytes).ok());
        let changed = |change: &Change| {
            let mut other = s.clone();
            change.1(&mut other);
            other
        };
        let mut seen = vec![weights(&s)];
        for change in &FUNCTION {
            let digest = weights(&changed(change));
            assert!(!seen.contains(&digest), "weights: {}", change.0);
            seen.push(digest);
        }
        for change in &TRAINING {
            assert_eq!(weights(&changed(change)), seen[0], "weights: {}", change.0);
            assert_eq!(base(&changed(change)), base(&s), "base: {}", change.0);
        }
        if s.lora.is_some() {
            let mut seen = vec![base(&s)];
            for change in &FUNCTION[..5] {
                let digest = base(&changed(change));
                assert!(!seen.contains(&digest), "base: {}", change.0);
                seen.push(digest);
            }
            let adapters: [Change; 4] = [
                ("alpha", |s| s.lora.as_mut().unwrap().adapters[0].as_mut().unwrap().alpha = 3),
                ("rank", |s| s.lora.as_mut().unwrap().adapters[0].as_mut().unwrap().rank = 1),
                ("no adapter", |s| s.lora.as_mut().unwrap().adapters[0] = None),
                ("another adapter", |s| s.lora.as_mut().unwrap().adapters[1] = Some(Adapter { rank: 1, alpha: 1 })),
            ];
            for change in &adapters {
                // A base is the same under all adapters, and they are not the same weights.
                assert_ne!(weights(&changed(change)), weights(&s), "weights: {}", change.0);
                assert_eq!(base(&changed(change)), seen[0], "base: {}", change.0);
            }
            let coarse: Change = ("bits of the base", |s| s.lora.as_mut().unwrap().base_bits -= 1);
            let coarse = changed(&coarse);
            assert!(base(&coarse) != seen[0] && weights(&coarse) != weights(&s));
        }
    }
}

/// Cross-entropy counts logits as softmax, so that a base of logits is not the same one under both losses.
#[test]
fn a_loss_is_in_the_digests_as_the_last_activation_alone() {
    let bytes = points(0, 2);
    let adapters = [Some((1, 1)), None];
    let under = |loss| planned(&with_adapters(spec(&[4, 3, 2], &[Relu], loss, 1, 1), &adapters));
    let [squared, entropy] = [MeanSquaredError, SoftmaxCrossEntropy].map(under);
    assert_eq!((squared.layers[1].activation, entropy.layers[1].activation), (Linear, Softmax));
    assert_ne!(base_digest(&squared, &bytes).unwrap(), base_digest(&entropy, &bytes).unwrap());
    assert_ne!(weights_digest(&squared, &bytes).unwrap(), weights_digest(&entropy, &bytes).unwrap());
    // And no specification has one without the other.
    for (loss, last) in [(MeanSquaredError, Softmax), (SoftmaxCrossEntropy, Linear)] {
        let mut other = squared.clone();
        (other.loss, other.layers[1].activation) = (loss, last);
        assert_eq!(other.check().unwrap_err().code, "SPEC_INVALID");
    }
}

/// The same commitments, shown as those of a network that computes something else.
#[test]
fn a_proof_is_not_about_a_network_with_another_activation() {
    let c = Case::random(with_adapters(spec(&[4, 3, 2], &[Relu], MeanSquaredError, 1, 1), &[Some((1, 1)), None]), 71);
    let mut p = Prover::new(pot_proof_system::srs::development(c.spec.shape.unwrap().k).unwrap());
    let wk = c.after();
    let statement = public(&mut p, &c, &wk);
    let groups = [
        p.commit_weights(&c.spec, &c.w0, &[1; 32]).unwrap(),
        p.commit_weights(&c.spec, &wk, &[2; 32]).unwrap(),
        p.commit_base(&c.spec, &c.input().base).unwrap(),
        p.commit_data(&c.spec, &c.x, &c.y, &[3; 32]).unwrap(),
    ];
    bind(&c.spec, &statement, &groups.concat(), &[]).unwrap();
    let mut linear = c.spec.clone();
    linear.layers[0].activation = Linear;
    assert_eq!(bind(&linear, &statement, &groups.concat(), &[]).unwrap_err().code, "VERIFY_DIGEST");
    // Of each digest alone.
    let digests = |s: &SgdSpec| [weights_digest(s, &groups[0]), weights_digest(s, &groups[1]), base_digest(s, &groups[2])].map(Result::unwrap);
    for (one, other) in digests(&c.spec).iter().zip(digests(&linear)) {
        assert_ne!(*one, other);
    }
}

/// A checkpoint with states is not one without, nor one of more; a rule that has none trains the same weights as plain SGD.
#[test]
fn states_are_in_the_digest_and_the_rule_is_not() {
    let [dense, _] = networks();
    let of = |rule: Option<&str>| {
        let s = SgdSpec { optimizer: rule.map(|r| serde_json::from_str(r).unwrap()), ..dense.clone() };
        [weights_digest(&s, &points(0, 2)).unwrap(), data_digest(&s, &points(0, 2)).unwrap()]
    };
    let [plain, decay] = [None, Some(r#"{"rule":"sgd","decay":3}"#)].map(of);
    let [momentum, other] = [58, 57].map(|m| of(Some(&format!(r#"{{"rule":"momentum","momentum":{m},"decay":0}}"#))));
    let adam = of(Some(r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#));
    assert_eq!([plain, momentum], [decay, other]);
    (0..2).for_each(|i| assert!(plain[i] != momentum[i] && momentum[i] != adam[i] && adam[i] != plain[i]));
}

#[test]
fn digests_are_as_stored() {
    let adam: pot_sgd::optimizer::Optimizer = serde_json::from_str(r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#).unwrap();
    let [dense, adapted] = networks();
    let change = |s: &SgdSpec, change: fn(&mut SgdSpec)| {
        let mut other = s.clone();
        change(&mut other);
        other
    };
    let wide = planned(&spec(&[40, 30, 3], &[Relu], SoftmaxCrossEntropy, 4, 1));
    let momentum: pot_sgd::optimizer::Optimizer = serde_json::from_str(r#"{"rule":"momentum","momentum":58,"decay":0}"#).unwrap();
    // Nothing equal to anything else, more columns than fill an element with last bytes, more secret rows than the least.
    let uneven: fn(&mut SgdSpec) = |s| {
        (s.scales.a, s.scales.d, s.scales.e, s.scales.b, s.scales.p) = (5, 9, 10, 8, 6);
        (s.x_offset, s.y_offset) = (3, 7);
        (s.layers[0].bias, s.layers[2].bias) = (false, false);
        let shape = s.shape.as_mut().unwrap();
        (shape.k, shape.weight_columns, shape.data_columns) = (12, 33, 34);
        shape.base_columns = if s.lora.is_some() { 35 } else { 0 };
    };
    let specs = [
        change(&dense, uneven),
        change(&adapted, uneven),
        change(&planned(&with_optimizer(adapted.clone(), momentum)), uneven),
        planned(&layer_local(6, 5, 2, 3, 2, 2)),
        change(&dense, |s| s.layers[0].activation = Linear),
        change(&adapted, |s| s.layers[0].activation = Linear),
        planned(&with_optimizer(adapted.clone(), adam)),
        SgdSpec { kind: Kind::Genesis, ..wide.clone() },
        wide,
        dense.clone(),
        adapted,
        planned(&with_optimizer(dense.clone(), adam)),
        planned(&with_optimizer(dense.clone(), momentum)),
        planned(&with_optimizer(dense, serde_json::from_str(r#"{"rule":"sgd","decay":3}"#).unwrap())),
    ];
    let cases: Vec<Value> = specs
        .iter()
        .map(|s| {
            let shape = s.shape.unwrap();
            let [w, b, d] = [points(0, shape.weight_columns), points(40, shape.base_columns), points(80, shape.data_columns)];
            let base = s.base_bits().map(|_| json!({"points": hex::encode(&b), "digest": field_to_hex(&base_digest(s, &b).unwrap())}));
            let spec: Value = serde_json::from_str(&s.to_json()).unwrap();
            json!({
                "spec": spec,
                "weights": {"points": hex::encode(&w), "digest": field_to_hex(&weights_digest(s, &w).unwrap())},
                "base": base,
                "data": {"points": hex::encode(&d), "digest": field_to_hex(&data_digest(s, &d).unwrap())},
            })
        })
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/digests.json");
    let now = Value::from(cases);
    if std::env::var_os("POT_UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors")).expect("a folder");
        std::fs::write(path, serde_json::to_string_pretty(&now).expect("JSON") + "\n").expect("written");
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("digests.json")).expect("JSON");
    assert_eq!(now, stored);
}
