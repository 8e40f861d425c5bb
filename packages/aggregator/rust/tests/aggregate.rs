//! The whole circuit: as witnesses (seconds), and one real aggregate (minutes; ignored by default).
//!
//! `cargo test -p pot-aggregator -- --ignored` makes the real one: 2^20 rows, two windows.

mod common;

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::aggregator::{decide, Aggregator};
use pot_aggregator::circuit::{succinct_verify, AggregateCircuit};
use pot_aggregator::statement::{accumulator, AggregatePublic, ACCUMULATOR};
use pot_aggregator::window::{Snark, WindowKey, WindowProof};
use pot_halo2::engine::Srs;
use pot_sgd::prover::Prover;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::field_to_hex;

const K: usize = 20;

struct Chain {
    spec: SgdSpec,
    srs: Srs,
    prover: Prover,
    key: WindowKey,
    windows: Vec<WindowProof>,
}

fn chain(n: usize) -> Chain {
    let spec = common::spec();
    let srs = pot_halo2::srs::development(spec.shape.expect("planned").k).expect("a string");
    let mut prover = common::prover(&srs);
    let windows = common::windows(&mut prover, &spec, n);
    let key = common::key(&mut prover);
    Chain { spec, srs, prover, key, windows }
}

/// The public inputs that the circuit computes from two proofs, and whether their accumulator holds.
fn computed(c: &Chain, snarks: &[Snark]) -> Result<(Vec<Fr>, bool), &'static str> {
    let circuit = AggregateCircuit::plan(CircuitBuilderStage::Mock, &c.key, snarks, K).map_err(|e| e.code)?;
    let (limbs, statement) = circuit.instance.split_at(ACCUMULATOR);
    let holds = accumulator(limbs).is_ok_and(|a| decide(&c.srs, a).is_ok());
    Ok((statement.to_vec(), holds))
}

#[test]
fn a_chain_computes_its_statement_and_altered_proofs_hold_no_more() {
    let c = chain(2);
    let snarks: Vec<Snark> = c.windows.iter().map(|w| c.key.snark(w).expect("a window")).collect();
    let (statement, holds) = computed(&c, &snarks).expect("readable");
    assert!(holds);
    assert_eq!(statement, AggregatePublic::of(&c.spec, &c.windows).expect("a chain").instance(&c.spec, 2).expect("a statement"));

    // One byte: of an evaluation, and of a public input that no rule is about.
    let [points, evaluations, _] = c.key.parts();
    let mut altered = snarks.clone();
    altered[0].proof[32 * (points + evaluations / 2)] ^= 1;
    assert!(!computed(&c, &altered).expect("readable").1, "an evaluation");
    assert!(decide(&c.srs, succinct_verify(&c.key, &altered[0]).expect("readable")).is_err());
    let mut altered = snarks.clone();
    altered[1].instance[4] += Fr::one();
    assert!(!computed(&c, &altered).expect("readable").1, "an epoch");
    let mut altered = snarks.clone();
    altered[1].proof[32 * points] ^= 1;
    assert!(!computed(&c, &altered).expect("readable").1, "the second window's");
    // A point that is none is not even read; a mirrored one is.
    let mut altered = snarks.clone();
    altered[0].proof[31] ^= 0x40;
    assert!(!computed(&c, &altered).expect("readable").1, "a mirrored commitment");
    let mut altered = snarks;
    altered[0].proof[..32].fill(0xff);
    assert_eq!(computed(&c, &altered).expect_err("unreadable"), "AGGREGATE_PROOF");
}

#[test]
fn another_circuits_window_does_not_hold() {
    let c = chain(1);
    let mut other = c.spec.clone();
    (other.scales.a, other.scales.d) = (5, 11);
    let mut prover = common::prover(&c.srs);
    let windows = common::windows(&mut prover, &other, 1);
    let snark = c.key.snark(&windows[0]).expect("of the same length");
    assert!(decide(&c.srs, succinct_verify(&c.key, &snark).expect("readable")).is_err());
    assert!(!computed(&c, &[snark]).expect("readable").1);
    assert_ne!(key_digest(&mut prover, &other), c.key.digest);
}

fn key_digest(prover: &mut Prover, spec: &SgdSpec) -> String {
    WindowKey::new(prover, spec).expect("a key").digest
}

#[test]
fn a_key_needs_no_proof() {
    let c = chain(2);
    let real: Vec<Snark> = c.windows.iter().map(|w| c.key.snark(w).expect("a window")).collect();
    let shape = |snarks: &[Snark]| {
        let circuit = AggregateCircuit::plan(CircuitBuilderStage::Mock, &c.key, snarks, K).expect("readable");
        let s = circuit.builder.statistics();
        (s.gate.total_advice_per_phase, s.gate.total_fixed, s.total_lookup_advice_per_phase)
    };
    assert_eq!(shape(&real), shape(&[c.key.placeholder(0), c.key.placeholder(1)]));
    assert_eq!(real[0].proof.len(), c.key.proof_bytes());
}

#[test]
fn an_honest_prover_stops_early() {
    let c = chain(3);
    let code = |change: &dyn Fn(&mut Vec<WindowProof>)| {
        let mut windows = c.windows.clone();
        change(&mut windows);
        AggregatePublic::of(&c.spec, &windows).expect_err("refused").code
    };
    assert_eq!(code(&|w| w.clear()), "AGGREGATE_EMPTY");
    assert_eq!(code(&|w| drop(w.remove(1))), "AGGREGATE_STEPS");
    assert_eq!(code(&|w| w.swap(0, 1)), "AGGREGATE_STEPS");
    assert_eq!(code(&|w| w[2].public.run_id = field_to_hex(&Fr::from(8))), "AGGREGATE_RUN");
    assert_eq!(code(&|w| w[1].public.eta = "38".into()), "AGGREGATE_RATE");
    assert_eq!(code(&|w| w[1].public.weights_in = w[0].public.weights_in.clone()), "AGGREGATE_WEIGHTS");
    assert_eq!(code(&|w| w[1].proof[31] ^= 0x40), "AGGREGATE_WEIGHTS");
    // Statements out of range are no public inputs.
    let public = AggregatePublic::of(&c.spec, &c.windows).expect("a chain");
    let bad = |change: &dyn Fn(&mut AggregatePublic)| {
        let mut p = public.clone();
        change(&mut p);
        p.instance(&c.spec, 3).expect_err("refused").code
    };
    assert_eq!(bad(&|p| p.end_step += 1), "PUBLIC_INVALID");
    assert_eq!(bad(&|p| p.eta = "037".into()), "PUBLIC_INVALID");
    assert_eq!(bad(&|p| p.eta = (1u64 << 20).to_string()), "ETA_RANGE");
    assert_eq!(bad(&|p| p.run_id = "0x7".into()), "PUBLIC_INVALID");
}

#[test]
fn transcripts_do_not_mix() {
    let mut c = chain(1);
    let w = &c.windows[0];
    c.prover.verify(&c.spec, &w.public, &w.proof).expect("with its own transcript");
    let mut blake = Prover::new(c.srs.clone());
    assert_eq!(blake.verify(&c.spec, &w.public, &w.proof).expect_err("with another").code, "VERIFY_FAILED");
    assert_eq!(blake.vk_digest(&c.spec).expect("a key"), c.prover.vk_digest(&c.spec).expect("a key"));
}

#[test]
fn accumulators_out_of_range_are_none() {
    let wide = Fr::from_raw([0, 1 << 24, 0, 0]);
    for limbs in [vec![Fr::zero(); ACCUMULATOR], vec![wide; ACCUMULATOR], vec![Fr::one(); ACCUMULATOR - 1], vec![Fr::one(); ACCUMULATOR]] {
        assert_eq!(accumulator(&limbs).map(|_| ()).expect_err("none").code, "AGGREGATE_ACCUMULATOR");
    }
}

#[test]
#[ignore = "minutes, and about 8 GB"]
fn two_windows_in_one_proof() {
    let srs = pot_halo2::srs::development(K as u32).expect("a string");
    let mut prover = common::prover(&srs);
    let spec = common::spec();
    let windows = common::windows(&mut prover, &spec, 2);
    let aggregator = Aggregator::new(&srs, common::key(&mut prover), 2).expect("keys");
    let aggregate = aggregator.prove(&srs, &mut prover, &windows).expect("an aggregate");
    aggregator.verify(&srs, &aggregate).expect("it verifies");
    let refused = |change: &dyn Fn(&mut pot_aggregator::statement::Aggregate)| {
        let mut a = aggregate.clone();
        change(&mut a);
        aggregator.verify(&srs, &a).expect_err("refused").code
    };
    let last = aggregate.proof.len() - 1;
    assert_eq!(refused(&|a| a.proof[last / 2] ^= 1), "VERIFY_FAILED");
    assert_eq!(
        refused(&|a| {
            a.proof.pop();
        }),
        "VERIFY_FAILED"
    );
    assert_eq!(refused(&|a| a.proof.push(0)), "VERIFY_FAILED");
    assert_eq!(refused(&|a| (a.public.first_step, a.public.end_step) = (6, 8)), "VERIFY_FAILED");
    assert_eq!(refused(&|a| a.public.weights_out = a.public.weights_in.clone()), "VERIFY_FAILED");
    assert_eq!(refused(&|a| a.public.data = a.public.run_id.clone()), "VERIFY_FAILED");
    assert_eq!(refused(&|a| a.accumulator.swap(0, 6)), "AGGREGATE_ACCUMULATOR");
}
