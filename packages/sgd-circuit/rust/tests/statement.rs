//! What ties a proof to its public inputs outside of the circuit: digests of its own commitments, and ranges.

use crate::common::{public, spec, with_adapters, with_optimizer, Case, ETA, FIRST};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_sgd::executor::Executor;
use pot_sgd::network::Network;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::Prover;
use pot_sgd::spec::{Activation::*, Kind, Loss::*, Scales, SgdSpec, MAX_ADAM_ETA, MAX_ETA, MAX_STEPS};
use pot_sgd::statement::{bind, field_from_hex, field_to_hex, Public};

/// r, the modulus: the first number that is no canonical element.
const MODULUS: &str = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

fn planned(s: &SgdSpec) -> SgdSpec {
    plan(s, Constraints::default()).expect("a small window has a shape").0
}

/// Each digest is claimed falsely, and each group of commitments replaced, while everything else of the statement is true.
#[test]
fn each_digest_is_that_of_its_own_commitments() {
    let c = Case::random(with_adapters(spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((2, 4)), Some((3, 3))]), 61);
    let mut p = Prover::new(pot_proof_system::srs::development(c.spec.shape.unwrap().k).unwrap());
    let wk = c.after();
    let statement = public(&mut p, &c, &wk);
    // A proof begins with these.
    let groups = [
        ("weightsIn", p.commit_weights(&c.spec, &c.w0, &[1; 32]).unwrap()),
        ("weightsOut", p.commit_weights(&c.spec, &wk, &[2; 32]).unwrap()),
        ("base", p.commit_base(&c.spec, &c.input().base).unwrap()),
        ("data", p.commit_data(&c.spec, &c.x, &c.y, &[3; 32]).unwrap()),
    ];
    let points = |altered: Option<usize>| -> Vec<u8> {
        let other = p_other();
        groups.iter().enumerate().flat_map(|(i, (_, g))| if altered == Some(i) { [&other[..], &g[32..]].concat() } else { g.clone() }).collect()
    };
    bind(&c.spec, &statement, &points(None), &[]).unwrap();
    let other = field_to_hex(&12345u64.into());
    for (i, (name, _)) in groups.iter().enumerate() {
        let refused = |q: &Public, points: &[u8]| {
            let e = bind(&c.spec, q, points, &[]).expect_err(name);
            assert_eq!(e.code, "VERIFY_DIGEST", "{name}");
            assert!(e.message.starts_with(&format!("{name} ")), "{name}: {}", e.message);
        };
        refused(&statement, &points(Some(i)));
        let mut q = statement.clone();
        *[&mut q.weights_in, &mut q.weights_out, &mut q.base, &mut q.data][i] = other.clone();
        refused(&q, &points(None));
    }
    let all = points(None);
    assert_eq!(bind(&c.spec, &statement, &all[..all.len() - 1], &[]).unwrap_err().code, "VERIFY_TRUNCATED");
}

/// A point of the curve that is in no group.
fn p_other() -> Vec<u8> {
    use halo2_axiom::halo2curves::{bn256::G1Affine, group::GroupEncoding};
    G1Affine::generator().to_bytes().as_ref().to_vec()
}

fn toy() -> Public {
    let field = |v: u64| field_to_hex(&v.into());
    Public {
        run_id: field(7),
        first_step: FIRST,
        epoch: 3,
        eta: ETA.to_string(),
        etas: vec![],
        weights_in: field(11),
        weights_out: field(12),
        data: field(13),
        base: String::new(),
    }
}

fn refusal(spec: &SgdSpec, change: impl FnOnce(&mut Public)) -> Option<&'static str> {
    let mut q = toy();
    change(&mut q);
    q.instance(spec, &[]).err().map(|e| e.code)
}

#[test]
fn steps_epoch_and_rate_are_in_range() {
    let s = planned(&spec(&[6, 5, 3], &[Relu], MeanSquaredError, 2, 2));
    let expected = [ETA as u64, 7, FIRST, 2, 3, 11, 12, 13].map(Fr::from);
    assert_eq!(toy().instance(&s, &[]).unwrap(), expected);
    // The step after the last is below MAX_STEPS.
    let last = MAX_STEPS - 1 - s.steps as u64;
    assert_eq!(refusal(&s, |q| q.first_step = last), None);
    for step in [last + 1, MAX_STEPS, u64::MAX - 1, u64::MAX] {
        assert_eq!(refusal(&s, |q| q.first_step = step), Some("PUBLIC_INVALID"), "step {step}");
    }
    assert_eq!(refusal(&s, |q| q.epoch = (1 << 32) - 1), None);
    for epoch in [1 << 32, u64::MAX] {
        assert_eq!(refusal(&s, |q| q.epoch = epoch), Some("PUBLIC_INVALID"), "epoch {epoch}");
    }
    for eta in [1, MAX_ETA - 1] {
        assert_eq!(refusal(&s, |q| q.eta = eta.to_string()), None, "eta {eta}");
    }
    assert_eq!(refusal(&s, |q| q.eta = MAX_ETA.to_string()), Some("ETA_RANGE"));
    let number = MAX_ADAM_ETA.to_string();
    for eta in ["", "0", "-1", "+37", "037", " 37", "37.0", "0x25", &number, "18446744073709551653"] {
        assert_eq!(refusal(&s, |q| q.eta = eta.into()), Some("PUBLIC_INVALID"), "eta {eta}");
    }
}

#[test]
fn rates_of_adam_and_of_adapters_have_ranges_of_their_own() {
    let adapted = with_adapters(spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 3)), None]);
    let based = |q: &mut Public, eta: i64| (q.eta, q.base) = (eta.to_string(), field_to_hex(&14u64.into()));
    // eta (3/2)^2 is an integer for multiples of 4 alone.
    let s = planned(&adapted);
    assert_eq!(refusal(&s, |q| based(q, 36)), None);
    assert_eq!(refusal(&s, |q| based(q, 37)), Some("ETA_RANGE"));
    let adam = serde_json::from_str(r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#).unwrap();
    let s = planned(&with_optimizer(adapted, adam));
    assert_eq!(refusal(&s, |q| based(q, MAX_ETA)), None);
    assert_eq!(refusal(&s, |q| based(q, MAX_ADAM_ETA - 1)), None);
    assert_eq!(refusal(&s, |q| based(q, MAX_ADAM_ETA)), Some("PUBLIC_INVALID"));
}

/// No two of the public inputs, of which Adam's rates are some, stand in one place: each changes the instance.
#[test]
fn each_public_input_has_a_place_of_its_own() {
    let adam = serde_json::from_str(r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#).unwrap();
    let adapted = with_adapters(spec(&[6, 5, 4], &[Relu], SoftmaxCrossEntropy, 2, 6), &[Some((2, 4)), None]);
    for s in [adapted.clone(), with_optimizer(adapted, adam)] {
        let s = planned(&s);
        let rows = Network::new(&s).unwrap().parts.layout.rates.clone();
        let instance = |change: &dyn Fn(&mut Public)| {
            let mut q = Public { base: field_to_hex(&14u64.into()), eta: "36".into(), ..toy() };
            change(&mut q);
            q.instance(&s, &rows).unwrap()
        };
        let honest = instance(&|_| {});
        let other = || field_to_hex(&99u64.into());
        let changes: [&dyn Fn(&mut Public); 8] = [
            &|q| q.run_id = other(),
            &|q| q.first_step += 1,
            &|q| q.epoch += 1,
            &|q| q.eta = "72".into(),
            &|q| q.weights_in = other(),
            &|q| q.weights_out = other(),
            &|q| q.data = other(),
            &|q| q.base = other(),
        ];
        for (i, change) in changes.iter().enumerate() {
            let changed = instance(change);
            assert_eq!(changed.len(), honest.len());
            assert_ne!(changed, honest, "input {i}");
        }
        if s.scheduled() {
            // What gates read in these rows is each step's rate.
            for (row, step) in rows.iter().zip(FIRST..) {
                assert_eq!(honest[*row], Fr::from(s.step_rate(36, step) as u64));
            }
            assert_eq!(rows.len(), 6);
        }
    }
}

/// A step's rate that moves B', here 1024 times as far, further than the circuit's bounds assume is no public input, nor does the
/// executor take that step.
#[test]
fn a_scheduled_rate_of_an_adapter_has_a_range() {
    let rule = r#"{"rule":"adam","beta1":4095,"beta2":1,"epsilon":7,"decay":0}"#;
    let mut s = crate::common::layer_local(4, 3, 1, 1024, 2, 1);
    s.scales = Scales { a: 8, d: 14, e: 14, b: 12, p: 12 };
    s.lora.as_mut().unwrap().optimizer = Some(serde_json::from_str(rule).unwrap());
    let s = planned(&s);
    let rows = Network::new(&s).unwrap().parts.layout.rates.clone();
    // The first step's rate is about 4096 eta, so 2^36 are 2^14 eta.
    for (eta, code) in [(1i64 << 13, None), (1 << 15, Some("ETA_RANGE"))] {
        let q = Public { eta: eta.to_string(), first_step: 0, ..toy() };
        assert_eq!(q.instance(&s, &rows).err().map(|e| e.code), code, "eta {eta}");
        let mut executor = Executor::on(&s, vec![0; s.checkpoint()], vec![]).unwrap();
        let step = executor.step(&vec![0; s.batch * s.inputs()], &vec![0; s.batch * s.outputs()], eta, Some(0));
        assert_eq!(step.err().map(|e| e.code), code, "eta {eta}");
    }
}

#[test]
fn field_elements_are_canonical_and_a_base_is_there_where_it_belongs() {
    let s = planned(&spec(&[6, 5, 3], &[Relu], MeanSquaredError, 2, 2));
    let genesis = SgdSpec { kind: Kind::Genesis, ..s.clone() };
    let upper = field_to_hex(&Fr::from(0xabc)).to_uppercase().replace("0X", "0x");
    for bad in ["", "0x", "7", MODULUS, &MODULUS[2..], &upper, &format!("{} ", toy().run_id), &format!("{}00", toy().run_id)] {
        assert_eq!(field_from_hex("x", bad).unwrap_err().code, "PUBLIC_INVALID", "{bad}");
        let places: [fn(&mut Public) -> &mut String; 4] = [|q| &mut q.run_id, |q| &mut q.weights_in, |q| &mut q.weights_out, |q| &mut q.data];
        for (i, place) in places.iter().enumerate() {
            assert_eq!(refusal(&s, |q| *place(q) = bad.into()), Some("PUBLIC_INVALID"), "place {i}: {bad}");
            // A genesis proof has neither weights after nor data.
            assert_eq!(refusal(&genesis, |q| *place(q) = bad.into()), (i < 2).then_some("PUBLIC_INVALID"), "genesis, place {i}: {bad}");
        }
    }
    for s in [&s, &genesis] {
        assert_eq!(refusal(s, |q| q.base = field_to_hex(&Fr::from(0))), Some("PUBLIC_INVALID"), "a base where there is none");
    }
    let s = planned(&with_adapters(s, &[Some((1, 1)), None]));
    assert_eq!(refusal(&s, |q| q.base = field_to_hex(&Fr::from(5))), None);
    for bad in ["", MODULUS] {
        assert_eq!(refusal(&s, |q| q.base = bad.into()), Some("PUBLIC_INVALID"), "base {bad}");
    }
}

/// Base rates of steps: as many as there are, each in range, and each in a place of its own that no list but this one fills alike.
#[test]
fn rates_of_steps_are_a_list_of_their_own() {
    let adam = serde_json::from_str(r#"{"rule":"adam","beta1":57,"beta2":62,"epsilon":7,"decay":3}"#).unwrap();
    let momentum = serde_json::from_str(r#"{"rule":"momentum","momentum":57,"decay":0}"#).unwrap();
    let network = || SgdSpec { rates_per_step: true, ..spec(&[6, 5, 3], &[Relu], MeanSquaredError, 2, 3) };
    assert!(network().to_json().contains(r#""ratesPerStep":true"#) && !SgdSpec { rates_per_step: false, ..network() }.to_json().contains("rates"));
    for s in [network(), with_optimizer(network(), momentum), with_optimizer(network(), adam)] {
        let s = planned(&s);
        let rows = Network::new(&s).unwrap().parts.layout.rates.clone();
        assert_eq!(rows.len(), 3);
        let of = |eta: &str, etas: &[&str]| {
            let q = Public { eta: eta.into(), etas: etas.iter().map(|e| e.to_string()).collect(), ..toy() };
            q.instance(&s, &rows).map_err(|e| e.code)
        };
        let honest = of("0", &["30", "40", "50"]).unwrap();
        // No two of them stand in one place, nor where anything else does, nor does their order not matter.
        let lists = [["31", "40", "50"], ["30", "41", "50"], ["30", "40", "51"], ["40", "30", "50"], ["50", "40", "30"]];
        let mut seen = vec![honest.clone()];
        for list in lists {
            let other = of("0", &list).unwrap();
            assert!(other.len() == honest.len() && !seen.contains(&other), "{list:?}");
            seen.push(other);
        }
        let public: [fn(&mut Public); 6] = [
            |q| q.run_id = field_to_hex(&99u64.into()),
            |q| q.first_step += 1,
            |q| q.epoch += 1,
            |q| q.weights_in = field_to_hex(&99u64.into()),
            |q| q.weights_out = field_to_hex(&99u64.into()),
            |q| q.data = field_to_hex(&99u64.into()),
        ];
        for change in public {
            let mut q = Public { eta: "0".into(), etas: ["30", "40", "50"].map(String::from).to_vec(), ..toy() };
            change(&mut q);
            let other = q.instance(&s, &rows).unwrap();
            assert!(!seen.contains(&other));
            seen.push(other);
        }
        for (row, (step, eta)) in rows.iter().zip((FIRST..).zip([30, 40, 50])) {
            assert!(*row >= 4);
            assert_eq!(honest[*row], Fr::from(s.step_rate(eta, step) as u64));
        }
        let bad = Err("PUBLIC_INVALID");
        assert_eq!(
            [of("37", &[]), of("0", &[]), of("0", &["30", "40"]), of("0", &["30"; 4]), of("30", &["30"; 3]), of("", &["30"; 3])],
            [(); 6].map(|()| bad.clone())
        );
        for wrong in ["0", "-1", "030", " 30", "", "1048576"] {
            assert_eq!(of("0", &["30", wrong, "50"]), bad, "{wrong}");
        }
        assert_eq!(of("0", &["30", "131072", "50"]).is_ok(), s.divides());
        // Of a specification without.
        let plain = planned(&SgdSpec { rates_per_step: false, shape: None, ..s.clone() });
        let listed = Public { etas: vec!["30".into()], ..toy() };
        assert_eq!(listed.instance(&plain, &rows).map_err(|e| e.code), bad);
    }
    let refused = |s: SgdSpec| s.check().unwrap_err().code;
    assert_eq!(refused(SgdSpec { rates_per_step: true, ..crate::common::layer_local(4, 3, 1, 1, 2, 2) }), "SPEC_INVALID");
    let tolerant = SgdSpec { steps: 1, mode: pot_sgd::spec::Mode::Tolerance, tolerance_limbs: 1, ..network() };
    assert_eq!(refused(tolerant), "SPEC_INVALID");
}
