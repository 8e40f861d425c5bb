//! Real aggregates: chains of one, two and five windows, and what a prover who does not check gets. Ignored by default: each
//! proof takes ten seconds or more. `cargo test --release -p pot-aggregator recursion:: -- --ignored`

use crate::common;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::GroupEncoding;
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::recursion::circuit::Input;
use pot_aggregator::recursion::rules::Member;
use pot_aggregator::recursion::statement::{halves_of_points, Aggregate, AggregatePublic};
use pot_aggregator::recursion::verifier::{AggregateKey, MIN_K};
use pot_aggregator::window::WindowKey;
use pot_proof_system::engine::Srs;
use pot_sgd::prover::Prover;
use pot_sgd::statement::field_to_hex;

struct World {
    srs: Srs,
    prover: Prover,
    aggregator: Aggregator,
    members: Vec<Member>,
}

fn world(windows: usize) -> World {
    let srs = pot_proof_system::srs::development(MIN_K).expect("a string");
    let mut prover = common::prover(&srs);
    let members = common::members(&common::windows(&mut prover, &common::spec(), windows));
    let key = common::key(&mut prover);
    World { aggregator: Aggregator::new(&srs, key, 2).expect("keys"), srs, prover, members }
}

impl World {
    fn prove(&mut self, previous: Option<&Aggregate>, range: std::ops::Range<usize>) -> Aggregate {
        let aggregate = self.aggregator.prove(&mut self.prover, previous, &self.members[range]).expect("an aggregate");
        self.aggregator.verify(&aggregate).expect("it verifies");
        aggregate
    }
    fn statement(&self, previous: Option<&Aggregate>, members: &[Member]) -> AggregatePublic {
        self.aggregator.statement(previous.map(|p| &p.public), members).expect("a statement")
    }
    /// Whether an aggregate that was made of this input without a look at it verifies.
    fn holds(&self, input: &Input, public: &AggregatePublic) -> bool {
        // A circuit that is not satisfied may already fail while it is proven.
        self.aggregator.prove_unchecked(input, public).is_ok_and(|a| self.aggregator.verify(&a).is_ok())
    }
}

#[test]
#[ignore = "a minute: real proofs"]
fn chains_of_one_two_and_five() {
    let mut w = world(5);
    let one = w.prove(None, 0..1);
    assert_eq!((one.public.first_step, one.public.end_step), (common::FIRST, common::FIRST + 1));
    let two = w.prove(None, 0..2);
    let four = w.prove(Some(&two), 2..4);
    let five = w.prove(Some(&four), 4..5);
    assert_eq!(five.public, w.statement(None, &w.members));
    assert_eq!(one.proof.len(), five.proof.len(), "constant size");
    // Another way to the same statement: the chain is not in it.
    let other = w.prove(Some(&one), 1..3);
    assert_eq!(other.public, w.statement(None, &w.members[..3]));
    // A verifier has the key alone, and a string of any size.
    let key = AggregateKey::from_bytes(&w.aggregator.verifying_key().to_bytes()).expect("a key");
    let small = pot_proof_system::srs::cut(&w.srs, 4).expect("a string");
    key.verify(&small, &common::spec(), &five).expect("it verifies");
    let mut said = five.clone();
    said.public.weights_in = field_to_hex(&Fr::one());
    assert_eq!(key.verify(&small, &common::spec(), &said).expect_err("altered").code, "VERIFY_FAILED");
    said = five.clone();
    said.accumulator = halves_of_points(&[G1Affine::generator(); 2]).iter().map(field_to_hex).collect();
    assert_eq!(key.verify(&small, &common::spec(), &said).expect_err("altered").code, "VERIFY_FAILED");
}

#[test]
#[ignore = "a minute: real proofs"]
fn a_prover_who_does_not_check_gets_nothing() {
    let mut w = world(3);
    let first = w.prove(None, 0..1);
    let honest = w.aggregator.input(Some(&first), &w.members[1..2]).expect("an input");
    let public = w.statement(Some(&first), &w.members[1..2]);
    assert!(w.holds(&honest, &public), "the honest input");

    // The previous aggregate says something else than its proof does.
    let mut said = first.clone();
    said.public.weights_in = field_to_hex(&Fr::one());
    let input = w.aggregator.input(Some(&said), &w.members[1..2]).expect("an input");
    assert!(!w.holds(&input, &w.statement(Some(&said), &w.members[1..2])), "a previous aggregate with a changed public input");

    // Its accumulator is another one, of true points.
    let mut input = honest.clone();
    input.accumulator = [G1Affine::generator(); 2];
    input.previous.instance.splice(..8, halves_of_points(&input.accumulator));
    assert!(!w.holds(&input, &public), "a previous aggregate with another accumulator");

    // One byte of a window's proof: an evaluation in its middle.
    let mut input = honest.clone();
    for slot in &mut input.slots {
        let middle = slot.snark.proof.len() / 2 / 32 * 32;
        slot.snark.proof[middle] ^= 1;
    }
    assert!(!w.holds(&input, &public), "an altered window proof");

    // The last window again where the next one belongs: every proof in it is true.
    let input = w.aggregator.input(Some(&first), &w.members[..1]).expect("an input");
    assert!(!w.holds(&input, &public), "a window used twice");
    let input = w.aggregator.input(Some(&first), &w.members[2..3]).expect("an input");
    assert!(!w.holds(&input, &w.statement(None, &w.members[2..3])), "a gap in the steps");
}

/// A true proof of false windows leaves a false pairing open. Who continues it honestly must not lose it.
#[test]
#[ignore = "a minute: real proofs"]
fn what_is_left_open_is_carried_on() {
    let mut w = world(2);
    let honest = w.prove(None, 0..1);
    // The last point of the window's proof is another one: nothing that the rules see changes.
    let mut forged = w.members[..1].to_vec();
    let proof = &mut forged[0].window.proof;
    let at = proof.len() - 32;
    proof[at..].copy_from_slice(G1Affine::generator().to_bytes().as_ref());
    let input = w.aggregator.input(None, &forged).expect("an input");
    let first = w.aggregator.prove_unchecked(&input, &w.statement(None, &forged)).expect("its circuit is satisfied");
    let refusal = w.aggregator.verify(&first).expect_err("a false window");
    assert!(refusal.message.contains("accumulator"), "the proof itself is true: {}", refusal.message);
    for (previous, holds) in [(&honest, true), (&first, false)] {
        let input = w.aggregator.input(Some(previous), &w.members[1..]).expect("an input");
        let next = w.aggregator.prove_unchecked(&input, &w.statement(Some(previous), &w.members[1..])).expect("its circuit is satisfied");
        assert_eq!(w.aggregator.verify(&next).is_ok(), holds);
    }
}

/// Windows whose steps have rates of their own, one a proof: the second goes on with the chain of the first.
#[test]
#[ignore = "half a minute: real proofs"]
fn a_chain_of_windows_with_rates_of_their_own() {
    let spec = common::spec_with_rates();
    let srs = pot_proof_system::srs::development(MIN_K).expect("a string");
    let mut prover = common::prover_of(&srs, &spec);
    let members = common::members(&common::windows(&mut prover, &spec, 2));
    let key = WindowKey::new(&mut prover, &spec).expect("a window's key");
    let aggregator = Aggregator::new(&srs, key, 1).expect("keys");
    let first = aggregator.prove(&mut prover, None, &members[..1]).expect("an aggregate");
    let both = aggregator.prove(&mut prover, Some(&first), &members[1..]).expect("an aggregate");
    aggregator.verify(&both).expect("it verifies");
    assert_eq!(both.public, aggregator.statement(None, &members).expect("a statement"));
    // The chain of the second window alone is not that of both.
    let mut said = both.clone();
    said.public.schedule = aggregator.statement(None, &members[1..]).expect("a statement").schedule;
    assert_eq!(aggregator.verify(&said).expect_err("altered").code, "VERIFY_FAILED");
    // A window whose proof is of other rates: its first step is said to be another.
    let mut moved = members[1].clone();
    moved.window.public.first_step += 2;
    let input = aggregator.input(Some(&first), &[moved]).expect("an input");
    assert!(!aggregator.prove_unchecked(&input, &both.public).is_ok_and(|a| aggregator.verify(&a).is_ok()));
}
