//! Real proofs: prove, verify, and refuse what differs.

use crate::common::{layer_local, public, spec, with_adapters, with_optimizer, Case, ETA, FIRST};
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, WindowInput, WindowPoints};
use pot_sgd::spec::{Activation::*, Kind, Loss::*, SgdSpec};
use pot_sgd::statement::{base_digest, field_to_hex, weights_digest, Public};

fn srs(k: u32) -> pot_proof_system::engine::Srs {
    use halo2_axiom::poly::commitment::ParamsProver;
    pot_proof_system::engine::Srs::new(k)
}

#[test]
fn a_window_proves_and_verifies() {
    let c = Case::random(spec(&[6, 5, 4, 3], &[Relu, Linear], SoftmaxCrossEntropy, 3, 2), 11);
    let k = c.spec.shape.unwrap().k;
    let mut p = Prover::new(srs(k + 1));
    let after = c.after();
    let public = public(&mut p, &c, &after);
    let proof = p.prove_window(&c.spec, &public, &c.input()).unwrap();
    p.verify(&c.spec, &public, &proof).unwrap();
    let info = pot_sgd::plan::info(&c.spec).unwrap();
    assert_eq!(proof.len(), info.proof_bytes);
    // Proofs are randomised, commitments are not.
    let again = p.prove_window(&c.spec, &public, &c.input()).unwrap();
    assert_ne!(proof, again);
    let shape = c.spec.shape.unwrap();
    let shared = 32 * (2 * shape.weight_columns + shape.data_columns);
    assert_eq!(proof[..shared], again[..shared]);
    // Commitments that are known give the same columns; wrong ones no proof that verifies.
    let [w0, wk, data] = [
        p.commit_weights(&c.spec, &c.w0, &[1; 32]).unwrap(),
        p.commit_weights(&c.spec, &after, &[2; 32]).unwrap(),
        p.commit_data(&c.spec, &c.x, &c.y, &[3; 32]).unwrap(),
    ];
    let known = WindowPoints { w0: &w0, wk: &wk, base: &[], data: &data };
    let third = p.prove_window(&c.spec, &public, &WindowInput { points: known, ..c.input() }).unwrap();
    p.verify(&c.spec, &public, &third).unwrap();
    assert_eq!(proof[..shared], third[..shared]);
    let mut refused = |points: WindowPoints<'_>| p.prove_window(&c.spec, &public, &WindowInput { points, ..c.input() }).unwrap_err().code;
    assert_eq!(refused(WindowPoints { w0: &wk, ..known }), "VERIFY_DIGEST");
    assert_eq!(refused(WindowPoints { data: &data[..31], ..known }), "INPUT_SHAPE");
    assert_eq!(refused(WindowPoints { wk: &[&wk[..], &wk].concat(), ..known }), "INPUT_SHAPE");
    // One encoding: no bit of a proof can be changed, also none that decoding a point would ignore.
    for element in 0..proof.len() / 32 {
        for bit in [0x80, 0x40] {
            let mut other = proof.clone();
            other[32 * element + 31] ^= bit;
            assert!(p.verify(&c.spec, &public, &other).is_err(), "element {element}, bit {bit:#x}");
        }
    }
    // Another step, epoch, rate or run is refused.
    for change in 0..4 {
        let mut q = public.clone();
        match change {
            0 => q.first_step = 2,
            1 => q.epoch = 1,
            2 => q.eta = (ETA + 1).to_string(),
            _ => q.run_id = field_to_hex(&8u64.into()),
        }
        assert_eq!(p.verify(&c.spec, &q, &proof).unwrap_err().code, "VERIFY_FAILED");
    }
    let mut genesis = c.spec.clone();
    genesis.kind = Kind::Genesis;
    let proof = p.prove_genesis(&genesis, &public, &c.w0, &[1; 32], &Base::NONE).unwrap();
    p.verify(&genesis, &public, &proof).unwrap();
    assert_eq!(proof.len(), pot_sgd::plan::info(&genesis).unwrap().proof_bytes);
}

#[test]
fn secret_rows_depend_on_the_layout() {
    let c = Case::random(spec(&[6, 5, 3], &[Relu], SoftmaxCrossEntropy, 3, 2), 12);
    let mut wider = c.spec.clone();
    let shape = wider.shape.as_mut().unwrap();
    shape.weight_columns += 1;
    let mut p = Prover::new(srs(shape.k));
    // Cells of 0 everywhere: column 0 then holds nothing but its secret rows, at the same place in both layouts.
    let empty = vec![-(1 << (c.spec.scales.w() + 3)); c.w0.len()];
    let mut first = |spec| p.commit_weights(spec, &empty, &[1; 32]).unwrap()[..32].to_vec();
    assert_eq!(first(&c.spec), first(&c.spec));
    assert_ne!(first(&c.spec), first(&wider));
}

#[test]
fn adapters_prove_on_their_base_and_on_no_other() {
    let network = |adapters: &[Option<(usize, u64)>]| with_adapters(spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 2), adapters);
    let c = Case::random(network(&[Some((2, 4)), Some((3, 3))]), 13);
    let shape = c.spec.shape.unwrap();
    let mut p = Prover::new(srs(shape.k));
    let after = c.after();
    let statement = public(&mut p, &c, &after);
    let proof = p.prove_window(&c.spec, &statement, &c.input()).unwrap();
    p.verify(&c.spec, &statement, &proof).unwrap();
    assert_eq!(proof.len(), pot_sgd::plan::info(&c.spec).unwrap().proof_bytes);
    // Known commitments to the base are those of the proof.
    let points = p.commit_base(&c.spec, &c.input().base).unwrap();
    let at = 64 * shape.weight_columns;
    assert_eq!(proof[at..at + points.len()], points);
    let known = WindowPoints { base: &points, ..WindowPoints::default() };
    let again = p.prove_window(&c.spec, &statement, &WindowInput { points: known, ..c.input() }).unwrap();
    p.verify(&c.spec, &statement, &again).unwrap();
    // Another base has another digest; the statement holds for neither.
    let mut other = c.base.clone();
    other[3] += 1;
    let base = Base { weights: &other, ..c.input().base };
    assert_eq!(p.prove_window(&c.spec, &statement, &WindowInput { base, ..c.input() }).unwrap_err().code, "VERIFY_DIGEST");
    let elsewhere = p.commit_base(&c.spec, &base).unwrap();
    let mut claimed = statement.clone();
    claimed.base = field_to_hex(&base_digest(&c.spec, &elsewhere).unwrap());
    assert_eq!(p.verify(&c.spec, &claimed, &proof).unwrap_err().code, "VERIFY_DIGEST");
    claimed.base = String::new();
    assert_eq!(p.verify(&c.spec, &claimed, &proof).unwrap_err().code, "PUBLIC_INVALID");
    // Two fine-tunings of one base show the same digest, whatever is trained on it.
    let constraints = Constraints { k: Some(shape.k), base_columns: Some(shape.base_columns), ..Constraints::default() };
    let (second, _) = plan(&network(&[None, Some((1, 1))]), constraints).unwrap();
    assert_eq!(p.commit_base(&second, &c.input().base).unwrap(), points);
    // A private base has another commitment.
    assert_ne!(p.commit_base(&c.spec, &Base { salt: &[9; 32], ..c.input().base }).unwrap(), points);
    // The range of adapters and base.
    let mut genesis = c.spec.clone();
    genesis.kind = Kind::Genesis;
    let proof = p.prove_genesis(&genesis, &statement, &c.w0, &[1; 32], &c.input().base).unwrap();
    p.verify(&genesis, &statement, &proof).unwrap();
    assert_eq!(proof.len(), pot_sgd::plan::info(&genesis).unwrap().proof_bytes);
    assert!(p.prove_genesis(&genesis, &statement, &c.w0, &[1; 32], &base).is_err());
}

#[test]
fn a_layer_local_update_proves_and_verifies() {
    let c = Case::random(layer_local(12, 9, 4, 8, 3, 2), 15);
    let mut p = Prover::new(srs(c.spec.shape.unwrap().k));
    let after = c.after();
    let statement = public(&mut p, &c, &after);
    let proof = p.prove_window(&c.spec, &statement, &c.input()).unwrap();
    p.verify(&c.spec, &statement, &proof).unwrap();
    assert_eq!(proof.len(), pot_sgd::plan::info(&c.spec).unwrap().proof_bytes);
    // With a base in the statement it says something else.
    let mut claimed = statement.clone();
    claimed.base = claimed.data.clone();
    assert_eq!(p.verify(&c.spec, &claimed, &proof).unwrap_err().code, "PUBLIC_INVALID");
    assert_eq!(p.commit_base(&c.spec, &Base::NONE).unwrap_err().code, "SPEC_INVALID");
}

#[test]
fn optimisers_prove_and_verify() {
    let network = || spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 2);
    // Adapters by the first three, whole networks by all that have states.
    for (i, rule) in RULES[..3].iter().chain(&RULES[1..]).enumerate() {
        let s = if i < 3 { with_adapters(network(), &[Some((2, 4)), Some((3, 3))]) } else { network() };
        let c = Case::in_range(with_optimizer(s, serde_json::from_str(rule).unwrap()), 40 + i as u64, ETA);
        let mut p = Prover::new(srs(c.spec.shape.unwrap().k));
        let after = c.after();
        let statement = public(&mut p, &c, &after);
        let proof = p.prove_window(&c.spec, &statement, &c.input()).unwrap();
        p.verify(&c.spec, &statement, &proof).unwrap();
        assert_eq!(proof.len(), pot_sgd::plan::info(&c.spec).unwrap().proof_bytes);
        // What the step's number changes: the absorbed statement, and Adam's rates.
        let mut later = statement.clone();
        later.first_step = FIRST + 1;
        assert_eq!(p.verify(&c.spec, &later, &proof).unwrap_err().code, "VERIFY_FAILED");
        let mut elsewhere = statement.clone();
        elsewhere.epoch = 5;
        assert_eq!(p.verify(&c.spec, &elsewhere, &proof).unwrap_err().code, "VERIFY_FAILED");
        let mut faster = statement.clone();
        faster.eta = (ETA + 1).to_string();
        assert!(["VERIFY_FAILED", "ETA_RANGE"].contains(&p.verify(&c.spec, &faster, &proof).unwrap_err().code));
        let mut other = c.w0.clone();
        if c.spec.optimizer().unwrap().states() > 0 {
            states_are_held(&mut p, &c, (&statement, &proof), &after);
            // Another state is another checkpoint.
            *other.last_mut().unwrap() = 0;
            let reset = WindowInput { w0: &other, ..c.input() };
            assert_eq!(p.prove_window(&c.spec, &statement, &reset).unwrap_err().code, "VERIFY_DIGEST");
        }
        let mut genesis = c.spec.clone();
        genesis.kind = Kind::Genesis;
        let mut zero = c.w0.clone();
        zero[c.spec.weights()..].fill(0);
        let mut start = statement.clone();
        let points = p.commit_weights(&c.spec, &zero, &[1; 32]).unwrap();
        start.weights_in = field_to_hex(&weights_digest(&c.spec, &points).unwrap());
        let proof = p.prove_genesis(&genesis, &start, &zero, &[1; 32], &c.input().base).unwrap();
        p.verify(&genesis, &start, &proof).unwrap();
        assert_eq!(proof.len(), pot_sgd::plan::info(&genesis).unwrap().proof_bytes);
        assert_eq!(p.prove_genesis(&c.spec, &start, &zero, &[1; 32], &c.input().base).unwrap_err().code, "SPEC_INVALID");
        if zero != c.w0 {
            assert_eq!(p.prove_genesis(&genesis, &statement, &c.w0, &[1; 32], &c.input().base).unwrap_err().code, "STATE_NOT_ZERO");
        }
    }
}

/// A checkpoint with states that are others, or elsewhere: a digest that is not the proof's, and no result of its steps.
fn states_are_held(p: &mut Prover, c: &Case, (statement, proof): (&Public, &[u8]), after: &[i64]) {
    let n = c.spec.weights();
    let mut forged = after.to_vec();
    forged[n] += 1;
    let mut moved = after.to_vec();
    moved.swap(n, n + 1);
    for claimed in [forged, moved] {
        let told = WindowInput { wk: Some(&claimed), ..c.input() };
        assert_eq!(p.prove_window(&c.spec, statement, &told).unwrap_err().code, "WITNESS_MISMATCH");
        let points = p.commit_weights(&c.spec, &claimed, &[2; 32]).unwrap();
        let digest = field_to_hex(&weights_digest(&c.spec, &points).unwrap());
        for place in [0, 1] {
            let mut other = statement.clone();
            *[&mut other.weights_in, &mut other.weights_out][place] = digest.clone();
            assert_eq!(p.verify(&c.spec, &other, proof).unwrap_err().code, "VERIFY_DIGEST");
            // With the commitments that have this digest in the place of the proof's own.
            let at = place * points.len();
            let spliced = [&proof[..at], &points, &proof[at + points.len()..]].concat();
            assert_eq!(p.verify(&c.spec, &other, &spliced).unwrap_err().code, "VERIFY_FAILED");
        }
    }
    // Columns of weights shown as those of states.
    let of_weights = 32 * c.spec.shape.unwrap().weight_columns / (1 + c.spec.optimizer().unwrap().states());
    let turned = [&proof[of_weights..2 * of_weights], &proof[..of_weights], &proof[2 * of_weights..]].concat();
    assert_eq!(p.verify(&c.spec, statement, &turned).unwrap_err().code, "VERIFY_DIGEST");
}

const RULES: [&str; 5] = [
    r#"{"rule":"sgd","decay":9}"#,
    r#"{"rule":"momentum","momentum":57,"decay":0}"#,
    r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#,
    r#"{"rule":"nesterov","momentum":57,"decay":0}"#,
    r#"{"rule":"rmsprop","rho":57,"momentum":50,"epsilon":1048576,"decay":0}"#,
];

/// A proof with a list of rates holds for this list alone: not for another order, nor for one that stands where other public inputs do.
#[test]
fn a_list_of_rates_proves_and_verifies_as_this_one_alone() {
    for (i, rule) in [None, Some(RULES[2])].into_iter().enumerate() {
        let optimizer = rule.map(|r| serde_json::from_str(r).unwrap());
        let s = SgdSpec { optimizer, rates_per_step: true, ..spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 3) };
        let c = Case::in_range(s, 80 + i as u64, ETA);
        let mut p = Prover::new(srs(c.spec.shape.unwrap().k));
        let after = c.after();
        let statement = public(&mut p, &c, &after);
        assert_eq!((statement.eta.as_str(), statement.etas.len()), ("0", 3));
        let proof = p.prove_window(&c.spec, &statement, &c.input()).unwrap();
        p.verify(&c.spec, &statement, &proof).unwrap();
        let mut code = |change: &dyn Fn(&mut Public)| {
            let mut other = statement.clone();
            change(&mut other);
            p.verify(&c.spec, &other, &proof).unwrap_err().code
        };
        for step in 0..3 {
            assert_eq!(code(&|q| q.etas[step] = (ETA + 1).to_string()), "VERIFY_FAILED", "step {step}");
        }
        assert_eq!(code(&|q| q.etas.swap(0, 1)), "VERIFY_FAILED");
        assert_eq!(code(&|q| q.etas.rotate_left(1)), "VERIFY_FAILED");
        assert_eq!(code(&|q| q.first_step += 1), "VERIFY_FAILED");
        assert_eq!(code(&|q| q.epoch += 1), "VERIFY_FAILED");
        assert_eq!(code(&|q| q.etas.truncate(2)), "PUBLIC_INVALID");
        assert_eq!(code(&|q| (q.eta, q.etas) = (ETA.to_string(), vec![])), "PUBLIC_INVALID");
        // Another list takes other steps.
        let mut other = statement.clone();
        other.etas[1] = (ETA + 1).to_string();
        assert_eq!(p.prove_window(&c.spec, &other, &c.input()).unwrap_err().code, "VERIFY_DIGEST");
    }
}

#[test]
fn optimisers_out_of_range_are_refused() {
    let network = spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 1);
    let base = with_adapters(network.clone(), &[Some((2, 4)), Some((3, 3))]);
    let with = |rule: &str| {
        let mut json = serde_json::to_value(&base).unwrap();
        json["lora"]["optimizer"] = serde_json::from_str(rule).unwrap();
        json
    };
    let whole = |rule: &str| {
        let mut json = serde_json::to_value(&network).unwrap();
        json["optimizer"] = serde_json::from_str(rule).unwrap();
        json
    };
    let code = |json: &serde_json::Value| pot_sgd::spec::SgdSpec::from_json(&json.to_string()).err().map(|e| e.code);
    // Not said where there is none, and read as it is written.
    assert!(!network.to_json().contains("optimizer"));
    for rule in RULES {
        assert_eq!(code(&whole(rule)), None);
        let text = pot_sgd::spec::SgdSpec::from_json(&whole(rule).to_string()).unwrap().to_json();
        assert!(text.contains(&format!(r#""toleranceLimbs":0,"optimizer":{rule}}}"#)), "{text}");
        let mut json = whole(rule);
        (json["mode"], json["toleranceLimbs"]) = ("tolerance".into(), 1.into());
        assert_eq!(code(&json), Some("SPEC_INVALID"));
        let mut json = with(rule);
        json["optimizer"] = serde_json::from_str(rule).unwrap();
        assert_eq!(code(&json), Some("SPEC_INVALID"), "two rules");
        json["lora"].as_object_mut().unwrap().remove("optimizer");
        assert_eq!(code(&json), Some("SPEC_INVALID"), "the network's rule beside adapters");
    }
    for rule in RULES {
        pot_sgd::spec::SgdSpec::from_json(&with(rule).to_string()).unwrap();
        let mut json = with(rule);
        (json["mode"], json["toleranceLimbs"]) = ("tolerance".into(), 1.into());
        assert_eq!(pot_sgd::spec::SgdSpec::from_json(&json.to_string()).unwrap_err().code, "SPEC_INVALID");
    }
    for rule in [
        r#"{"rule":"sgd","decay":0}"#,
        r#"{"rule":"sgd","decay":256}"#,
        r#"{"rule":"momentum","momentum":0,"decay":0}"#,
        r#"{"rule":"momentum","momentum":64,"decay":0}"#,
        r#"{"rule":"adam","beta1":64,"beta2":62,"epsilon":7,"decay":3}"#,
        r#"{"rule":"adam","beta1":57,"beta2":0,"epsilon":7,"decay":3}"#,
        r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":0,"decay":3}"#,
        r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":1099511627776,"decay":3}"#,
        r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":1073741824,"decay":3}"#,
        r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7}"#,
        r#"{"rule":"lion","decay":3}"#,
        r#"{"rule":"nesterov","momentum":0,"decay":0}"#,
        r#"{"rule":"rmsprop","rho":64,"momentum":0,"epsilon":7,"decay":0}"#,
        r#"{"rule":"rmsprop","rho":57,"momentum":64,"epsilon":7,"decay":0}"#,
        r#"{"rule":"rmsprop","rho":57,"momentum":0,"epsilon":0,"decay":0}"#,
        r#"{"rule":"rmsprop","rho":57,"momentum":0,"epsilon":4503599627370496,"decay":0}"#,
        r#"{"rule":"rmsprop","rho":57,"momentum":0,"epsilon":7,"decay":0,"centered":true}"#,
        r#"{"rule":"momentum","momentum":57,"decay":0,"nesterov":true}"#,
    ] {
        assert_eq!([code(&with(rule)), code(&whole(rule))], [Some("SPEC_INVALID"); 2], "{rule}");
    }
    // In range as it is; times rank over alpha, as B' takes it, in range or not.
    let wide = r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":600000000,"decay":3}"#;
    for (alpha, code) in [(3, None), (1, Some("SPEC_INVALID"))] {
        let mut json = with(wide);
        json["lora"]["adapters"][1]["alpha"] = alpha.into();
        assert_eq!(pot_sgd::spec::SgdSpec::from_json(&json.to_string()).err().map(|e| e.code), code, "alpha {alpha}");
    }
}
