//! The on-chain wrapper: its gadget under the mock prover, its whole circuit as a witness (seconds), its contract's text; and
//! one real wrapping (minutes; ignored by default).

use crate::statement;
use crate::statement::{INSTANCES, OWN_KEY};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_axiom::halo2curves::ff::PrimeField;
use halo2_axiom::halo2curves::group::Curve;
use halo2_base::gates::circuit::builder::BaseCircuitBuilder;
use halo2_base::gates::circuit::CircuitBuilderStage;
use halo2_base::utils::{decompose_biguint, fe_to_biguint};
use halo2_ecc::bn254::FpChip;
use halo2_ecc::ecc::BaseFieldEccChip;
use pot_aggregator::recursion::verifier::decide;
use pot_aggregator::stock::points::check_strict;
use pot_aggregator::stock::{ACCUMULATOR, BITS, LIMBS};
use pot_aggregator::window::Snark;
use pot_aggregator::wrapper::accumulator::{assigned_halves, halves, HALVES};
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_aggregator::wrapper::contract::{calldata, generated, rewritten, solidity};
use pot_aggregator::wrapper::inner::{Inner, Layout};
use pot_aggregator::wrapper::keys::accumulator;
use pot_aggregator::wrapper::keys::Wrapper;
use pot_aggregator::wrapper::wrapped::Wrapped;
use pot_mock::MockProver;
use pot_proof_system::engine::{self, Pk, Srs, Transcript};
use rand_core::OsRng;

const K: usize = 19;

struct Case {
    srs: Srs,
    pk: Pk,
    inner: Inner,
}

fn case() -> Case {
    let srs = pot_proof_system::srs::development(statement::K).expect("a string");
    let (pk, inner) = statement::keys(&srs, 0);
    Case { srs, pk, inner }
}

impl Case {
    fn instance(&self) -> Vec<Fr> {
        statement::instance(&self.srs, 1)
    }

    fn prove(&self, instance: Vec<Fr>) -> Snark {
        statement::prove(&self.srs, &self.pk, &self.inner, 0, instance)
    }

    /// The public inputs that the circuit computes, and whether their accumulator holds.
    fn computed(&self, snark: &Snark) -> Result<(Vec<Fr>, bool), &'static str> {
        let circuit = WrapperCircuit::plan(CircuitBuilderStage::Mock, &self.inner, snark, K).map_err(|e| e.code)?;
        let (limbs, exposed) = circuit.instance.split_at(ACCUMULATOR);
        Ok((exposed.to_vec(), accumulator(limbs).is_ok_and(|a| decide(&self.srs, &a).is_ok())))
    }
}

#[test]
fn a_true_proof_with_a_true_accumulator_holds_and_no_other() {
    let c = case();
    let snark = c.prove(c.instance());
    assert_eq!(c.computed(&snark).expect("readable"), (c.instance()[OWN_KEY + 1..].to_vec(), true));

    for (side, instance) in statement::false_accumulators(&c.srs, &c.instance()).into_iter().enumerate() {
        assert!(!c.computed(&c.prove(instance)).expect("readable").1, "side {side}");
    }
    let altered = statement::another_accumulator(&c.srs, &snark);
    assert!(!c.computed(&altered).expect("readable").1, "an accumulator that was not proven");
    // Every public input that is exposed, and some of every part of the proof.
    for i in OWN_KEY..INSTANCES {
        let mut altered = snark.clone();
        altered.instance[i] += Fr::one();
        assert!(!c.computed(&altered).expect("readable").1, "public input {i}");
    }
    let [points, evaluations, _] = c.inner.parts();
    for i in [points, points + evaluations - 1] {
        let mut altered = snark.clone();
        altered.proof[32 * i] ^= 1;
        assert!(!c.computed(&altered).expect("readable").1, "word {i}");
    }
    for i in [0, points - 1, points + evaluations, points + evaluations + 1] {
        let mut altered = snark.clone();
        altered.proof[32 * i + 31] ^= 0x40;
        assert!(!c.computed(&altered).expect("readable").1, "mirrored point {i}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_code() {
    let c = case();
    let snark = c.prove(c.instance());
    let code = |snark: &Snark| c.computed(snark).expect_err("refused");
    let mut altered = snark.clone();
    altered.instance[0] += Fr::one();
    assert_eq!(code(&altered), "WRAPPER_ACCUMULATOR");
    let mut altered = snark.clone();
    altered.instance[..4].fill(Fr::zero());
    assert_eq!(code(&altered), "WRAPPER_ACCUMULATOR");
    let mut altered = snark.clone();
    altered.proof[..32].fill(0xff);
    assert_eq!(code(&altered), "WRAPPER_PROOF");

    let refused = |r: Result<Snark, pot_proof_system::error::PotError>| r.map(|_| ()).expect_err("refused").code;
    assert_eq!(refused(c.inner.snark(snark.instance[1..].to_vec(), snark.proof.clone())), "WRAPPER_PROOF");
    assert_eq!(refused(c.inner.snark(snark.instance.clone(), [&snark.proof[..], &[0]].concat())), "WRAPPER_PROOF");
    let vk = c.pk.get_vk();
    for layout in [
        Layout { exposed: vec![INSTANCES], ..statement::layout() },
        Layout { constants: vec![(INSTANCES, Fr::zero())], ..statement::layout() },
        Layout { accumulator: Some(INSTANCES - HALVES + 1), ..statement::layout() },
    ] {
        assert_eq!(Inner::new(&c.srs, vk, layout).map(|_| ()).expect_err("refused").code, "WRAPPER_LAYOUT");
    }
}

#[test]
fn the_circuit_is_the_same_for_a_placeholder() {
    let c = case();
    let plan = |snark: &Snark| {
        let circuit = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &c.inner, snark, K).expect("a circuit");
        let s = circuit.builder.statistics();
        let params = circuit.builder.config_params.clone();
        (s.gate.total_advice_per_phase, s.total_lookup_advice_per_phase, params.num_advice_per_phase, params.num_lookup_advice_per_phase)
    };
    let placeholder = plan(&c.inner.placeholder());
    assert_eq!(plan(&c.prove(c.instance())), placeholder);
    // What the fixture's contract was made for.
    assert_eq!((placeholder.2, placeholder.3), (vec![5], vec![1, 0, 0]));
}

/// Halves of a point against `claimed`, with the gadget's cell number `prank` one too large. `None` where there is no such cell.
fn halves_hold(p: G1Affine, claimed: [Fr; 4], prank: Option<isize>) -> Option<bool> {
    const K: usize = 13;
    let mut builder = BaseCircuitBuilder::<Fr>::new(false).use_k(K).use_lookup_bits(K - 1).use_instance_columns(1);
    let range = builder.range_chip();
    let fp = FpChip::<Fr>::new(&range, BITS, LIMBS);
    let ecc = BaseFieldEccChip::<G1Affine>::new(&fp);
    let ctx = builder.main(0);
    let point = ecc.assign_point::<G1Affine>(ctx, p);
    check_strict(ctx, &ecc, &point);
    let length = |ctx: &halo2_base::Context<Fr>| ctx.get(-1).cell.expect("not for the prover").offset;
    let start = length(ctx) + 1;
    let cells = assigned_halves(ctx, &range, &point);
    if let Some(prank) = prank {
        let at = start as isize + prank;
        if at > length(ctx) as isize {
            return None;
        }
        let cell = ctx.get(at);
        cell.debug_prank(ctx, *cell.value() + Fr::one());
    }
    builder.assigned_instances = vec![cells.to_vec()];
    builder.calculate_params(Some(20));
    let mock = MockProver::run(K as u32, &builder, vec![claimed.to_vec()]).expect("a circuit");
    // halo2's reporter may panic over a constraint that failed.
    Some(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mock.verify().is_ok())).unwrap_or(false))
}

#[test]
fn halves_are_those_of_the_limbs() {
    let p = (G1::generator() * Fr::from(987_654_321)).to_affine();
    let h = halves(&p);
    assert_eq!(halves_hold(p, h, None), Some(true));
    let two128 = Fr::from_u128(1 << 127).double();
    for i in 0..4 {
        let mut other = h;
        other[i] += Fr::one();
        assert_eq!(halves_hold(p, other, None), Some(false), "half {i}");
    }
    for i in [0, 2] {
        let mut carried = h;
        (carried[i], carried[i + 1]) = (h[i] + two128, h[i + 1] - Fr::one());
        assert_eq!(halves_hold(p, carried, None), Some(false), "the same number in other halves");
    }
    let mut cells = 0;
    while let Some(held) = halves_hold(p, h, Some(cells)) {
        assert!(!held, "cell {cells} of the gadget is free");
        cells += 1;
    }
    assert!(cells > 40, "{cells} cells were tried");
}

#[test]
fn the_contract_is_a_function_of_the_key_and_takes_one_encoding() {
    let c = case();
    let text = solidity(&c.srs, c.pk.get_vk(), INSTANCES).expect("a contract");
    let (again, _) = statement::keys(&c.srs, 0);
    assert_eq!(solidity(&c.srs, again.get_vk(), INSTANCES).expect("a contract"), text);
    let (other, _) = statement::keys(&c.srs, 1);
    assert_ne!(solidity(&c.srs, other.get_vk(), INSTANCES).expect("a contract"), text);

    let instance = c.instance();
    let circuit = statement::Statement(instance.clone(), 0);
    let proof = engine::prove_circuit(&c.srs, &c.pk, &circuit, &instance, &mut OsRng, Transcript::Keccak).expect("a proof");
    engine::verify(&c.srs, c.pk.get_vk(), &instance, &proof, Transcript::Keccak).expect("it verifies");
    for (what, altered) in [("longer", [&proof[..], &[0]].concat()), ("shorter", proof[1..].to_vec())] {
        assert!(engine::verify(&c.srs, c.pk.get_vk(), &instance, &altered, Transcript::Keccak).is_err(), "{what}");
    }
    assert!(engine::verify(&c.srs, c.pk.get_vk(), &instance, &proof, Transcript::Poseidon).is_err());
    let data = calldata(&Wrapped { instance, proof });
    let [points, evaluations, last] = c.inner.parts();
    let bytes = 32 * INSTANCES + 64 * points + 32 * evaluations + 64 * last;
    assert_eq!(data.len(), bytes);
    for (line, times) in [
        (format!("if iszero(eq(calldatasize(), {bytes})) {{ revert(0, 0) }}"), 1),
        // Of 88 and of 80 bits.
        ("success := and(lt(or(calldataload(".into(), 2),
        ("success := and(and(and(lt(x, f_p), lt(y, f_p)), eq(mulmod(y, y, f_p), ".into(), points + last + 2),
        ("staticcall(gas(), 5, ".into(), 1),
        ("staticcall(gas(), 8, ".into(), 1),
        ("if iszero(success) { revert(0, 0) }".into(), 2),
    ] {
        assert_eq!(text.matches(&line).count(), times, "{line}");
    }
    for word in (ACCUMULATOR..INSTANCES).map(|i| 32 * i).chain((0..evaluations).map(|i| 32 * (INSTANCES + i) + 64 * points)) {
        assert_eq!(text.matches(&format!("lt(calldataload({word:#x}), f_q)")).count(), 1, "word at {word}");
    }
    every_check_is_whole(&text);
}

/// A call of a precompile whose answer has the length that is read.
fn whole_call(check: &str) -> bool {
    let Some(rest) = check.strip_prefix("and(eq(returndatasize(), ") else { return false };
    let Some((length, call)) = rest.split_once("), staticcall(gas(), ") else { return false };
    let arguments: Vec<_> = call.strip_suffix("))").map_or(vec![], |a| a.split(", ").collect());
    arguments.len() == 5 && arguments[1] == arguments[3] && arguments[4] == length && ["0x20", "0x40"].contains(&length)
}

/// Of a written text: every call counts, and has its answer's length, the inversion's result is not 0, and "or" stands nowhere but where limbs are joined.
fn every_check_is_whole(text: &str) {
    let limb = |i: usize| format!("calldataload({:#x})", 32 * i);
    let any = |limbs: &[usize]| limbs.iter().rev().map(|i| limb(*i)).reduce(|inner, l| format!("or({l}, {inner})")).expect("limbs");
    let joined = |i: usize| format!("or({}, or(shl({BITS}, {}), shl({}, {})))", limb(i), limb(i + 1), 2 * BITS, limb(i + 2));
    let (high, low): (Vec<_>, Vec<_>) = (0..ACCUMULATOR).partition(|i| i % LIMBS == LIMBS - 1);
    let bounds = [(&low, BITS), (&high, 256 - 2 * BITS)];
    let bounds = bounds.map(|(limbs, bits)| format!("lt({}, {:#x})", any(limbs), 1u128 << bits));
    let curve = "eq(mulmod(y, y, f_p), addmod(mulmod(mulmod(x, x, f_p), x, f_p), 3, f_p))";
    let point = format!("and(and(lt(x, f_p), lt(y, f_p)), {curve})");

    let mut limbs = vec![];
    let (mut calls, mut inversions, mut bounded) = (0, 0, 0);
    for line in text.lines().map(str::trim) {
        if let Some(check) = line.strip_prefix("success := and(").and_then(|l| l.strip_suffix(", success)")) {
            let call = whole_call(check);
            let scalars = check.split(['(', ' ', ',', ')']).all(|t| ["", "and", "lt", "calldataload", "f_q"].contains(&t) || t.starts_with("0x"));
            let inverted = check == "iszero(iszero(v))";
            let bound = bounds.iter().any(|b| b == check);
            let paired = check.starts_with("eq(mload(0x") && check.ends_with("), 1)");
            assert!(call || scalars || inverted || bound || paired || check == point, "{line}");
            (calls, inversions, bounded) = (calls + usize::from(call), inversions + usize::from(inverted), bounded + usize::from(bound));
        } else if let Some(of) = line.strip_prefix("let x := or").or(line.strip_prefix("let y := or")) {
            limbs.push(format!("or{of}"));
        } else {
            assert!(!line.starts_with("success") && !line.contains("or("), "{line}");
        }
    }
    assert_eq!(limbs, (0..ACCUMULATOR).step_by(LIMBS).map(joined).collect::<Vec<_>>());
    assert_eq!((calls, inversions, bounded), (text.matches("staticcall(").count(), 1, 2));
    assert_eq!(text.matches("iszero(").count(), 6, "two of the inversion, two of success, of the memory and of the length");
}

#[test]
fn a_generated_text_that_is_not_of_the_known_form_makes_no_contract() {
    let c = case();
    let (text, bytes) = generated(&c.srs, c.pk.get_vk(), INSTANCES).expect("a text");
    rewritten(&(text.clone(), bytes)).expect("a contract");
    let refused = |text: String, what: &str| assert!(rewritten(&(text, bytes)).is_err(), "{what}");
    // Without a check: of a point, of a limb, of the pairing. Every one of them.
    let (mut points, mut limbs) = (0, 0);
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let point = line.contains("success := and(validate_ec_point");
        let limb = line.contains("success := and(lt(mload(");
        if point || limb || line.contains("success := and(eq(mload(") {
            refused([&lines[..i], &lines[i + 1..]].concat().join("\n"), line);
        }
        points += usize::from(point);
        limbs += usize::from(limb);
    }
    let [first, _, last] = c.inner.parts();
    assert_eq!((points, limbs), (first + last + 2, ACCUMULATOR));
    // With something else than expected, once.
    for (old, new) in [
        ("let success := true", "let success := 1"),
        ("let y_lt_p := lt(y,", "let y_lt_p := lt(x,"),
        ("mod(calldataload(0x0), f_q)", "calldataload(0x0)"),
        ("mod(calldataload(0x20), f_q)", "mod(calldataload(0x0), f_q)"),
        ("let x := calldataload(", "let x := 1 let z := calldataload("),
        (", shl(88, 1))", ", shl(89, 1))"),
        (", shl(80, 1))", ", shl(81, 1))"),
        (", shl(80, 1))", ", shl(256, 1))"),
        ("x := add(x, shl(88,", "x := add(x, shl(87,"),
        ("let prod := ", "let prod := 1 let q := "),
        ("inv := mulmod(v, inv, f_q)", "inv := mulmod(inv, inv, f_q)"),
        ("575808495615)", "575808495614)"),
        ("(gas(), 0x5,", "(gas(), 0x4,"),
        (", 0xc0, ", ", 0xa0, "),
        (", 0x80, ", ", 0x60, "),
        ("success := and(eq(staticcall(", "success := or(eq(staticcall("),
        ("return(0, 0)", "return(0, 32)"),
        ("mstore8(", "mstore("),
        ("mstore(0xa0,", "sstore(0xa0,"),
    ] {
        assert!(text.contains(old), "{old}");
        refused(text.replacen(old, new, 1), new);
    }
    for (what, altered) in meaning_something_else(&text) {
        refused(altered, what);
    }
    for other in [bytes - 32, bytes + 32] {
        assert!(rewritten(&(text.clone(), other)).is_err());
    }
}

/// Texts in the known statements that compute something else.
fn meaning_something_else(text: &str) -> Vec<(&'static str, String)> {
    let once = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    };
    // The first batch's last step, and where its inverse lies.
    let (steps, behind) = text.split_at(text.find(", inv)").expect("a batch"));
    let (before, last) = steps.rsplit_once("inv := mulmod(v, inv, f_q)").expect("a step");
    let (_, result) = steps.rsplit_once("let inv := ").expect("an inverse");
    let (result, _) = result.split_once('\n').expect("a line");
    let stored = steps.lines().find(|l| l.contains("), inv, f_q))")).expect("an inverse that is kept");
    let (_, key) = text.split_once("mstore(0x80, ").expect("the key's hash");
    let (key, _) = key.split_once(')').expect("the key's hash");
    let (first, limbs) = text.split_at(text.find("x := add(x, ").expect("a point in limbs"));
    let checked = "validate_ec_point(x, y), success)";
    vec![
        ("another value in the place of a product", once(", prod)", ", 1)")),
        ("a product that is stored twice", once(", prod)", ", prod) mstore(0x0, prod)")),
        ("a block inside a block", once(", result)", ", result) { result := 1 }")),
        ("a byte inside a word", once("mstore8(", "mstore8(161, 1) mstore8(")),
        ("a step that is not kept", format!("{before}mstore(0x0, mulmod(v, inv, f_q)){last}{behind}")),
        ("a step that is left out", format!("{before}{last}{behind}")),
        ("the whole batch's inverse for one", format!("{steps}{}", behind.replacen("inv", result, 1))),
        ("an inverse that is not looked at", once(stored, "")),
        ("a hash of the modulus", once(key, "sub(f_q, 0)")),
        (
            "a hash of half a point",
            [first, &limbs.replacen(checked, &format!("{checked} mstore(0x0, x) mstore(0x20, keccak256(0x0, 0x20))"), 1)].concat(),
        ),
    ]
}

#[test]
#[ignore = "half a minute to minutes: the whole circuit under the mock prover, three times"]
fn the_whole_circuit_is_satisfied_by_the_constant_alone() {
    let c = case();
    let satisfied = |instance: Vec<Fr>| {
        let circuit = WrapperCircuit::plan(CircuitBuilderStage::Mock, &c.inner, &c.prove(instance), K).expect("a circuit");
        let mock = MockProver::run(K as u32, &circuit.builder, vec![circuit.instance.clone()]).expect("a circuit");
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mock.verify().is_ok())).unwrap_or(false)
    };
    assert!(satisfied(c.instance()));
    // True proofs of statements about another key.
    for value in [Fr::zero(), statement::own_key() + Fr::one()] {
        let mut instance = c.instance();
        instance[OWN_KEY] = value;
        assert!(!satisfied(instance));
    }
}

/// The contract in the test fixtures of packages/blockchain.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../blockchain/test/fixtures/wrapper/Verifier.sol");
/// The text that it is made from.
const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../blockchain/test/fixtures/wrapper/Generated.sol");
/// A proof for it.
const WRAPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../blockchain/test/fixtures/wrapper/wrapped.json");

#[test]
fn the_fixture_is_written_from_its_generated_text() {
    let read = |path: &str| std::fs::read_to_string(path).expect("the fixture");
    let wrapped: serde_json::Value = serde_json::from_str(&read(WRAPPED)).expect("json");
    let bytes = wrapped["calldata"].as_str().expect("hex").len() / 2 - 1;
    let text = rewritten(&(read(GENERATED), bytes)).expect("a contract");
    assert_eq!(text, read(FIXTURE));
    every_check_is_whole(&text);
}

#[test]
#[ignore = "minutes and 3 GB: a real wrapping"]
fn a_real_wrapping_verifies_and_its_contract_is_the_fixture() {
    let c = case();
    let srs = pot_proof_system::srs::development(K as u32).expect("a string");
    let wrapper = Wrapper::new(&srs, c.inner.clone()).expect("keys");
    assert_eq!(wrapper.solidity(&srs).expect("a contract"), std::fs::read_to_string(FIXTURE).expect("the fixture"));
    assert_eq!(wrapper.generated_solidity(&srs).expect("a text"), std::fs::read_to_string(GENERATED).expect("the fixture"));
    let wrapped = wrapper.prove(&srs, &c.prove(c.instance())).expect("a proof");
    wrapper.verify(&srs, &wrapped).expect("it verifies");
    assert_eq!(wrapped.instance[ACCUMULATOR..], c.instance()[OWN_KEY + 1..]);
    let refused = |change: &dyn Fn(&mut Wrapped)| {
        let mut altered = wrapped.clone();
        change(&mut altered);
        wrapper.verify(&srs, &altered).expect_err("refused").code
    };
    assert_eq!(refused(&|w| w.proof[700] ^= 1), "VERIFY_FAILED");
    assert_eq!(refused(&|w| w.proof.push(0)), "VERIFY_FAILED");
    assert_eq!(refused(&|w| w.instance[ACCUMULATOR] += Fr::one()), "VERIFY_FAILED");
    assert_eq!(refused(&|w| w.instance[0] += Fr::one()), "AGGREGATE_ACCUMULATOR");
    assert_eq!(refused(&|w| w.instance.truncate(ACCUMULATOR)), "VERIFY_FAILED");
    let others: Vec<G1Affine> = statement::accumulator(&srs, 5).to_vec();
    assert_eq!(
        refused(&|w| {
            let limbs = |p: &G1Affine| [p.x, p.y].map(|v| decompose_biguint::<Fr>(&fe_to_biguint(&v), LIMBS, BITS)).concat();
            w.instance[..ACCUMULATOR].copy_from_slice(&others.iter().flat_map(limbs).collect::<Vec<_>>());
        }),
        "VERIFY_FAILED"
    );
}
