//! What an aggregate leaves open is the sum of what its windows leave, weighted by a challenge: no proof is made here, the sum is computed
//! by the circuit's own code and its pairing decided.

use crate::common;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
use halo2_axiom::poly::commitment::ParamsProver;
use pot_aggregator::form::Form;
use pot_aggregator::recursion::aggregator::placeholders;
use pot_aggregator::recursion::circuit::{build, Input, Slot};
use pot_aggregator::recursion::key::form;
use pot_aggregator::recursion::rules::{statement, Member, Named};
use pot_aggregator::recursion::statement::{points_of_halves, ACCUMULATOR, OWN_KEY};
use pot_aggregator::recursion::verifier::{decide, MIN_K};
use pot_aggregator::window::WindowKey;
use pot_chip::{Builder, ChipCircuit};
use pot_mock::MockProver;
use pot_proof_system::digest::parse_points;
use pot_proof_system::engine::Srs;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{field_from_hex, field_to_hex};
use std::sync::Arc;

struct World {
    srs: Srs,
    key: WindowKey,
    members: Vec<Member>,
}

fn world(windows: usize) -> World {
    world_of(&common::spec(), windows)
}

fn world_of(spec: &SgdSpec, windows: usize) -> World {
    world_in(spec, Form::default(), &vec![common::ETA; windows])
}

/// Windows at these rates, of a run that names its own of what they may differ in.
fn world_in(spec: &SgdSpec, form: Form, etas: &[i64]) -> World {
    let srs = pot_proof_system::srs::development(MIN_K).expect("a string");
    let mut prover = common::prover_of(&srs, spec);
    let mut members = common::members(&common::windows_at(&mut prover, spec, etas));
    if form != Form::default() {
        let base = members[0].window.public.base.clone();
        let named = Named { eta: common::ETA.to_string(), dataset_root: field_to_hex(&Fr::from(77)), depth: 3, base };
        members.iter_mut().for_each(|m| m.named = Some(named.clone()));
    }
    World { key: WindowKey::with_form(&mut prover, spec, form).expect("a window's key"), srs, members }
}

impl World {
    /// A first aggregate of these windows, all places taken.
    fn input(&self, members: &[Member]) -> Input {
        let own = form(&self.srs, MIN_K).expect("a form");
        let mut input = placeholders(&self.key, &own, members.len());
        let slot = |m: &Member| Slot { snark: self.key.snark(&m.window).expect("of the right form"), path: m.path.clone() };
        input.slots = members.iter().map(slot).collect();
        let first = &input.slots[0];
        (input.dataset_root, input.depth) = (first.path.root(first.snark.instance[self.key.layouts.shard()]), first.path.siblings.len());
        if let Some(named) = &members[0].named {
            (input.eta, input.base) = (named.eta().expect("a rate"), named.base().expect("a digest"));
            if self.key.layouts.form.renewed {
                (input.dataset_root, input.depth) = named.tree().expect("a root");
            }
        }
        input
    }
    fn build(&self, input: &Input) -> (Builder, Vec<Fr>) {
        build(&self.key, &form(&self.srs, MIN_K).expect("a form"), input).expect("proofs that can be read")
    }
    /// What an aggregate of these windows leaves open. Every rule holds of them.
    fn open(&self, members: &[Member]) -> [G1Affine; 2] {
        let (builder, instance) = self.build(&self.input(members));
        assert!(builder.refusal().is_none(), "{:?}", builder.refusal());
        points_of_halves(&instance[..ACCUMULATOR]).expect("two points")
    }
    fn holds(&self, open: &[G1Affine; 2]) -> bool {
        decide(&self.srs, open).is_ok()
    }
}

/// The window with this added to the last point of its proof, after which nothing is drawn but the packing's challenge.
fn shifted(member: &Member, by: G1Affine) -> Member {
    let mut out = member.clone();
    let proof = &mut out.window.proof;
    let at = proof.len() - 32;
    let last = parse_points(&proof[at..]).expect("a point")[0];
    let sum = (last + by).to_affine();
    proof[at..].copy_from_slice(sum.to_bytes().as_ref());
    out
}

fn minus(a: G1Affine, b: G1Affine) -> G1Affine {
    (a - b).to_affine()
}

#[test]
fn a_false_window_in_any_place_is_left_open() {
    let w = world(3);
    assert!(w.holds(&w.open(&w.members)), "true windows");
    for place in 0..3 {
        let mut members = w.members.clone();
        members[place] = shifted(&members[place], G1Affine::generator());
        assert!(!w.holds(&w.open(&members)), "a false window in place {place}");
    }
}

/// Of a shift D of its last point, a proof that was drawn to z is false by (z - tau) D. So two shifts cancel in a plain sum.
#[test]
fn two_false_windows_do_not_cancel() {
    let w = world(2);
    let g = G1Affine::generator();
    let tau = w.srs.get_g()[1];
    let drawn = |m: &Member| minus(w.open(&[shifted(m, g)])[0], w.open(std::slice::from_ref(m))[0]);
    let [z, y] = [0, 1].map(|i| minus(drawn(&w.members[i]), tau));
    let members = [shifted(&w.members[0], y), shifted(&w.members[1], -z)];
    let [a, b] = [0, 1].map(|i| w.open(&members[i..=i]));
    assert!(!w.holds(&a) && !w.holds(&b), "each is false");
    assert!(w.holds(&[0, 1].map(|side| (a[side] + b[side]).to_affine())), "their plain sum is not");
    assert!(!w.holds(&w.open(&members)), "a challenge that they cannot know");
}

#[test]
fn the_previous_accumulator_is_that_of_the_previous_instance() {
    let w = world(1);
    let mut input = w.input(&w.members);
    let other = w.open(&w.members);
    for (side, point) in other.into_iter().enumerate() {
        input.accumulator = [G1Affine::generator(); 2];
        input.accumulator[side] = point;
        let (builder, instance) = w.build(&input);
        let k = builder.min_k();
        let mock = MockProver::run(k, &ChipCircuit::new(Arc::new(builder), k).expect("room"), vec![instance]).expect("a circuit");
        assert!(mock.verify().is_err(), "another point on side {side} than the public inputs say");
    }
}

/// Windows whose steps have rates of their own: the circuit reads each rate where the window's proof has it, and says of it what the rule
/// says.
#[test]
fn a_window_has_the_rates_that_it_was_proven_with() {
    let spec = common::spec_with_rates();
    let w = world_of(&spec, 2);
    let input = w.input(&w.members);
    let (builder, instance) = w.build(&input);
    assert!(builder.refusal().is_none(), "{:?}", builder.refusal());
    assert!(w.holds(&points_of_halves(&instance[..ACCUMULATOR]).expect("two points")), "true windows");
    let public = statement(&spec, Form::default(), input.own_key, None, &w.members).expect("a statement");
    assert_eq!(instance[OWN_KEY..], public.instance(&spec).expect("in range"));
    // In parts it is the same statement.
    let first = statement(&spec, Form::default(), input.own_key, None, &w.members[..1]).expect("a statement");
    assert_eq!(statement(&spec, Form::default(), input.own_key, Some(&first), &w.members[1..]).expect("a statement"), public);
    for place in w.key.layouts.rates.clone() {
        let mut input = input.clone();
        input.slots[1].snark.instance[place] += Fr::one();
        let (builder, instance) = w.build(&input);
        assert!(builder.refusal().is_none(), "no rule of the circuit knows the right one");
        assert_ne!(instance[OWN_KEY + 8], field_from_hex("schedule", &public.schedule).expect("a digest"), "it is in the statement");
        assert!(!w.holds(&points_of_halves(&instance[..ACCUMULATOR]).expect("two points")), "another rate than the proof's");
    }
}

/// Windows at different rates, and such as are under no tree: the circuit says of them what the rule says, and a window's rate is the one
/// that it was proven with.
#[test]
fn windows_that_differ_are_what_they_were_proven_to_be() {
    for (spec, form) in [(common::spec(), Form { rates: true, renewed: false }), (common::spec_with_rates(), Form { rates: true, renewed: true })] {
        let w = world_in(&spec, form, &[common::ETA, common::ETA - 3]);
        let input = w.input(&w.members);
        let (builder, instance) = w.build(&input);
        assert!(builder.refusal().is_none(), "{:?}", builder.refusal());
        assert!(w.holds(&points_of_halves(&instance[..ACCUMULATOR]).expect("two points")), "true windows");
        let of = |previous: Option<&_>, members: &[Member]| statement(&spec, form, input.own_key, previous, members);
        let public = of(None, &w.members).expect("a statement");
        assert_eq!(instance[OWN_KEY..], public.instance(&spec).expect("in range"));
        // In parts it is the same statement.
        let first = of(None, &w.members[..1]).expect("a statement");
        assert_eq!(of(Some(&first), &w.members[1..]).expect("a statement"), public);
        let named: &[(fn(&mut Named), &str)] = &[(|n| n.eta = "38".into(), "AGGREGATE_RATE"), (|n| n.depth = 4, "AGGREGATE_DATASET")];
        for (change, code) in &named[..if form.renewed { 2 } else { 1 }] {
            let mut other = w.members.clone();
            change(other[1].named.as_mut().expect("named"));
            assert_eq!(of(None, &other).expect_err("of another run").code, *code);
        }
        let mut input = input.clone();
        input.slots[1].snark.instance[0] += Fr::one();
        let (builder, instance) = w.build(&input);
        assert!(builder.refusal().is_none(), "no rule of the circuit knows the right one");
        assert_ne!(instance[OWN_KEY + 8], field_from_hex("schedule", &public.schedule).expect("a digest"), "it is in the statement");
        assert!(!w.holds(&points_of_halves(&instance[..ACCUMULATOR]).expect("two points")), "another rate than the proof's");
    }
}
