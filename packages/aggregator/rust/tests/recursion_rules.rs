//! The rules of the recursive circuit: an honest input satisfies them, and each rule broken alone does not.
//!
//! Points and public inputs stand for those of proofs; the proofs themselves are another test's (recursion.rs).

use crate::common;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
use pot_aggregator::form::Form;
use pot_aggregator::layouts::{Layouts, HEAD};
use pot_aggregator::recursion::circuit::{constrain, Choices, Input, Seen, Slot};
use pot_aggregator::recursion::path::Path;
use pot_aggregator::recursion::state::{schedule_next, schedule_start, State};
use pot_aggregator::recursion::verifier::KeyValues;
use pot_aggregator::window::Snark;
use pot_chip::{Builder, ChipCircuit};
use pot_mock::MockProver;
use pot_proof_system::digest::column_group;
use pot_proof_system::poseidon::{hash2, merkle_leaf, merkle_path, merkle_root};
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{base_digest, data_digest, weights_digest, BASE_DOMAIN, DATA_DOMAIN, WEIGHTS_DOMAIN};
use std::sync::Arc;

// Public inputs of a window, by place; from the epoch on they stand behind the steps' own rates, where there are any.
pub const ETA: usize = 0;
pub const RUN: usize = 1;
pub const FIRST: usize = 2;
const STEPS: usize = 3;
pub const EPOCH: usize = 4;
pub const IN: usize = 5;
const OUT: usize = 6;
pub const DATA: usize = 7;
pub const BASE: usize = 8;

/// What the rules see: the previous aggregate's public inputs, windows' public inputs and points, and the private rest.
#[derive(Clone)]
pub struct World {
    pub layouts: Layouts,
    pub key: Fr,
    pub previous: Vec<Fr>,
    pub windows: Vec<(Vec<Fr>, Vec<G1Affine>)>,
    pub input: Input,
    pub choices: Choices,
}

pub fn point(i: u64) -> G1Affine {
    (G1Affine::generator() * Fr::from(1000 + i)).to_affine()
}

pub fn digest(domain: u64, layout: &[u64], points: &[G1Affine]) -> Fr {
    let bytes: Vec<u8> = points.iter().flat_map(|p| p.to_bytes().as_ref().to_vec()).collect();
    column_group(domain, layout, &bytes).expect("points")
}

const KEY: u64 = 77;
const END: u64 = 40;
/// The rate of the first step where each has its own; the next ones count on.
pub const RATE: u64 = 600;

/// `active` windows of three places, in a dataset of four shards, after an aggregate or not.
fn honest(active: usize, previous: bool) -> World {
    of_windows(&common::spec(), active, previous)
}

fn of_windows(spec: &SgdSpec, active: usize, previous: bool) -> World {
    of_layouts(Layouts::new(spec, Form::default()).expect("supported"), active, previous)
}

pub fn of_layouts(layouts: Layouts, active: usize, previous: bool) -> World {
    let at = |place: usize| if place < HEAD { place } else { place - HEAD + layouts.epoch() };
    let frozen: Vec<G1Affine> = (0..layouts.base_columns as u64).map(|c| point(9000 + c)).collect();
    let (w, d) = (layouts.weight_columns as u64, layouts.data_columns as u64);
    let weights = |i: u64| (0..w).map(|c| point(100 * i + c)).collect::<Vec<_>>();
    let shard = |i: u64| (0..d).map(|c| point(5000 + 100 * i + c)).collect::<Vec<_>>();
    let leaves: Vec<Fr> = (0..4).map(|i| digest(DATA_DOMAIN, &layouts.data, &shard(i))).collect();
    let path = |i: usize| Path { index: i as u64, siblings: merkle_path(&leaves, i).expect("a leaf") };
    // Not in the order of the tree.
    let order = [2usize, 0, 3];
    let (mut windows, mut slots) = (vec![], vec![]);
    for i in 0..3u64 {
        let n = if (i as usize) < active { i } else { 0 };
        let s = order[n as usize];
        let points = [weights(n), weights(n + 1), frozen.clone(), shard(s as u64)];
        let mut instance = vec![Fr::zero(); layouts.instances()];
        // Where each window has its own, no two are the same, nor any the run's.
        instance[ETA] = Fr::from(if layouts.form.rates { 38 + n } else { 37 });
        instance[RUN] = Fr::from(7);
        instance[FIRST] = Fr::from(END + n * layouts.steps);
        instance[STEPS] = Fr::from(layouts.steps);
        for (i, place) in (0..).zip(&layouts.rates) {
            instance[*place] = Fr::from(RATE + n * layouts.steps + i);
        }
        instance[at(EPOCH)] = Fr::from(3);
        instance[at(IN)] = digest(WEIGHTS_DOMAIN, &layouts.weights, &points[0]);
        instance[at(OUT)] = digest(WEIGHTS_DOMAIN, &layouts.weights, &points[1]);
        instance[at(DATA)] = leaves[s];
        if let Some(base) = instance.get_mut(at(BASE)) {
            *base = digest(BASE_DOMAIN, &layouts.base, &frozen);
        }
        windows.push((instance.clone(), points.concat()));
        slots.push(Slot { snark: Snark { instance, proof: vec![] }, path: path(s) });
    }
    let state = State {
        run_id: Fr::from(7),
        eta: Fr::from(37),
        first_step: Fr::from(8),
        end_step: Fr::from(END),
        weights_in: Fr::from(11),
        weights_out: windows[0].0[at(IN)],
        dataset_root: merkle_root(&leaves),
        schedule: Fr::from(12),
        base: windows[0].0.get(at(BASE)).copied().unwrap_or_default(),
        depth: Fr::from(2),
    };
    let input = Input {
        key: KeyValues { initial: Fr::zero(), points: vec![] },
        previous: Snark { instance: vec![], proof: vec![] },
        has_previous: previous,
        accumulator: [G1Affine::generator(); 2],
        slots,
        active,
        dataset_root: state.dataset_root,
        depth: 2,
        eta: state.eta,
        base: state.base,
        own_key: Fr::from(KEY),
    };
    let previous = [vec![Fr::zero(); 8], vec![Fr::from(KEY)], state.array().to_vec()].concat();
    let choices = Choices::of(&input);
    World { layouts, key: Fr::from(KEY), previous, windows, input, choices }
}

/// The constraints, with the public inputs that they leave.
pub fn constrained(w: &World) -> Builder {
    let mut b = Builder::default();
    let key = b.witness(w.key);
    let previous = Seen { instance: w.previous.iter().map(|v| b.witness(*v)).collect(), points: vec![] };
    let windows: Vec<Seen> = w
        .windows
        .iter()
        .map(|(instance, points)| Seen {
            instance: instance.iter().map(|v| b.witness(*v)).collect(),
            points: points.iter().map(|p| b.point(*p)).collect(),
        })
        .collect();
    let chained = constrain(&mut b, &w.layouts, &w.input, &w.choices, key, &previous, &windows);
    b.expose(&[chained.own_key]);
    b.expose(&chained.state.array());
    b
}

/// Whether the constraints hold, and the public inputs that they leave.
pub fn run(w: &World) -> (bool, Vec<Fr>) {
    let b = constrained(w);
    let instance = b.instance();
    (satisfied(b, &instance), instance)
}

/// Whether the constraints hold of these public inputs.
pub fn satisfied(b: Builder, instance: &[Fr]) -> bool {
    let k = b.min_k();
    let mock = MockProver::run(k, &ChipCircuit::new(Arc::new(b), k).expect("room"), vec![instance.to_vec()]).expect("a circuit");
    mock.verify().is_ok()
}

pub fn refused(what: &str, base: &World, change: impl FnOnce(&mut World)) {
    let mut w = base.clone();
    change(&mut w);
    assert!(!run(&w).0, "accepted: {what}");
}

/// Another root, to which every path leads as the (false) bits in `choices` say: nothing else is left to refuse them.
fn lead_to_the_root(w: &mut World) {
    let Choices { levels, sides, .. } = &w.choices;
    let choose = |bit: Fr, x: Fr, y: Fr| y + bit * (x - y);
    let root = |slot: usize| {
        let places = levels.iter().zip(&sides[slot]).enumerate();
        places.fold(merkle_leaf(w.windows[slot].0[DATA]), |node, (l, (level, side))| {
            let sibling = w.input.slots[slot].path.siblings.get(l).copied().unwrap_or_default();
            choose(*level, hash2(choose(*side, sibling, node), choose(*side, node, sibling)), node)
        })
    };
    w.input.dataset_root = root(0);
    assert!((1..w.windows.len()).all(|i| root(i) == w.input.dataset_root), "one root");
}

#[test]
fn honest_inputs_leave_the_right_state() {
    for (active, previous) in [(1, false), (3, false), (1, true), (2, true)] {
        let w = honest(active, previous);
        let (holds, public) = run(&w);
        assert!(holds, "{active} windows, previous: {previous}");
        let state = State::from_array(public[1..].try_into().expect("a state"));
        let schedule = [2, 0, 3][..active]
            .iter()
            .fold(if previous { Fr::from(12) } else { schedule_start(0, Form::default()) }, |h, s| schedule_next(h, 3, *s, &[]));
        assert_eq!(public[0], Fr::from(KEY));
        assert_eq!(state.first_step, Fr::from(if previous { 8 } else { END }));
        assert_eq!(state.end_step, Fr::from(END + active as u64 * w.layouts.steps));
        assert_eq!(state.weights_in, if previous { Fr::from(11) } else { w.windows[0].0[IN] });
        assert_eq!(state.weights_out, w.windows[active - 1].0[OUT]);
        assert_eq!(state.schedule, schedule);
        assert_eq!((state.run_id, state.eta, state.depth), (Fr::from(7), Fr::from(37), Fr::from(2)));
        assert_eq!(state.dataset_root, w.input.dataset_root);
    }
}

#[test]
fn links_between_windows() {
    let w = honest(2, false);
    let one = Fr::one();
    refused("a gap in the steps", &w, |w| w.windows[1].0[FIRST] += one);
    refused("two runs", &w, |w| w.windows[1].0[RUN] += one);
    refused("two rates", &w, |w| w.windows[1].0[ETA] += one);
    refused("windows swapped", &w, |w| {
        w.windows.swap(0, 1);
        w.input.slots.swap(0, 1);
    });
    refused("other weights, with their digest", &w, |w| {
        let columns = w.layouts.weight_columns;
        w.windows[1].1[0] = point(9999);
        w.windows[1].0[IN] = digest(WEIGHTS_DOMAIN, &w.layouts.weights, &w.windows[1].1[..columns]);
    });
    refused("another number of steps", &w, |w| w.windows[1].0[STEPS] += one);
}

#[test]
fn digests_are_those_of_the_points() {
    let w = honest(1, false);
    for (place, what) in [(IN, "weights in"), (OUT, "weights out"), (DATA, "data")] {
        refused(what, &w, |w| w.windows[0].0[place] += Fr::one());
    }
    refused("data of another shard's points", &w, |w| {
        let first = 2 * w.layouts.weight_columns;
        w.windows[0].1[first] = point(1);
    });
    refused("a point's other sign", &w, |w| w.windows[0].1[0] = -w.windows[0].1[0]);
}

#[test]
fn shards_are_at_their_places() {
    let w = honest(1, false);
    refused("another index", &w, |w| w.choices.sides[0][0] += Fr::one());
    refused("an index beyond the tree", &w, |w| w.choices.sides[0][2] = Fr::one());
    refused("another sibling", &w, |w| w.input.slots[0].path.siblings[1] += Fr::one());
    refused("another root", &w, |w| w.input.dataset_root += Fr::one());
    refused("another depth", &w, |w| w.choices.levels[1] = Fr::zero());
    let other = honest(2, false).input.slots[1].path.clone();
    refused("another shard's place", &w, |w| {
        w.input.slots[0].path = other;
        w.choices = Choices::of(&w.input);
    });
}

/// A tree in which the digest of the window's data is a node: the root follows from it, and so does every path, as the circuit walks them.
#[test]
fn no_inner_node_is_a_leaf() {
    let w = honest(1, false);
    for depth in 0..=2usize {
        refused(&format!("a node with {depth} levels above it"), &w, |w| {
            let (data, siblings) = (w.windows[0].0[DATA], w.input.slots[0].path.siblings[2 - depth..].to_vec());
            w.input.slots.iter_mut().for_each(|s| s.path = Path { index: 0, siblings: siblings.clone() });
            w.input.dataset_root = siblings.iter().fold(data, |node, sibling| hash2(node, *sibling));
            w.input.depth = depth;
            w.choices = Choices::of(&w.input);
            assert_ne!(w.input.slots[0].path.root(data), w.input.dataset_root, "native: {depth} levels");
            // What is refused is the missing tag alone.
            let mut tagged = w.clone();
            tagged.input.dataset_root = w.input.slots[0].path.root(data);
            assert!(run(&tagged).0, "a leaf with {depth} levels above it");
        });
    }
}

#[test]
fn the_previous_aggregate_is_continued() {
    let w = honest(1, true);
    let state = 9;
    for (place, what) in [(0, "run"), (1, "rate"), (3, "end step"), (5, "weights out"), (6, "root"), (8, "base"), (9, "depth")] {
        refused(what, &w, |w| w.previous[state + place] += Fr::one());
    }
    refused("a previous proof of another key", &w, |w| w.key += Fr::one());
    refused("a previous aggregate that exposes another key", &w, |w| w.previous[8] += Fr::one());
    refused("another own key", &w, |w| w.input.own_key += Fr::one());
}

/// Values that an honest prover never writes, with everything that follows from them computed.
#[test]
fn bits_are_bits() {
    let (two, zero) = (Fr::from(2), Fr::zero());
    refused("a flag of 2: a previous aggregate", &honest(1, true), |w| w.choices.previous = two);
    refused("a flag of 2: a window that counts twice", &honest(2, false), |w| w.choices.active[0] = two);
    let w = honest(1, false);
    let sides = |w: &mut World, level: usize, v: Fr| w.choices.sides.iter_mut().for_each(|s| s[level] = v);
    refused("a level of 2", &w, |w| {
        (w.choices.levels[0], w.choices.levels[1]) = (two, zero);
        sides(w, 1, zero);
        lead_to_the_root(w);
    });
    refused("a side of 2", &w, |w| {
        sides(w, 0, two);
        lead_to_the_root(w);
    });
}

#[test]
fn flags_and_levels_fall() {
    let (one, zero) = (Fr::one(), Fr::zero());
    refused("a window after one that does not count", &honest(2, false), |w| {
        // 1, 0, 1: the last continues the first, by step, weights and points.
        w.windows.swap(1, 2);
        w.input.slots.swap(1, 2);
        w.choices.sides.swap(1, 2);
        w.choices.active = vec![zero, one];
    });
    refused("a level above one that is missing", &honest(1, false), |w| {
        w.choices.levels[..3].copy_from_slice(&[one, zero, one]);
        w.choices.sides.iter_mut().for_each(|s| s[..3].copy_from_slice(&[zero; 3]));
        lead_to_the_root(w);
    });
}

/// The numbers that the circuit has as constants are those that a window's public inputs were made with.
#[test]
fn digests_are_those_that_windows_are_bound_to() {
    for spec in [common::spec(), common::spec_with_base()] {
        let layouts = Layouts::new(&spec, Form::default()).expect("windows");
        let points: Vec<G1Affine> = (0..2).map(point).collect();
        let bytes: Vec<u8> = points.iter().flat_map(|p| p.to_bytes().as_ref().to_vec()).collect();
        assert_eq!(digest(WEIGHTS_DOMAIN, &layouts.weights, &points), weights_digest(&spec, &bytes).unwrap());
        assert_eq!(digest(DATA_DOMAIN, &layouts.data, &points), data_digest(&spec, &bytes).unwrap());
        if spec.lora.is_some() {
            assert_eq!(digest(BASE_DOMAIN, &layouts.base, &points), base_digest(&spec, &bytes).unwrap());
        }
    }
}

#[test]
fn one_frozen_base() {
    let w = of_windows(&common::spec_with_base(), 2, true);
    assert!(run(&w).0, "honest windows with a base");
    refused("a base that is not its points' digest", &w, |w| {
        // Of all windows and the previous aggregate: no link is broken.
        w.windows.iter_mut().for_each(|(instance, _)| instance[BASE] += Fr::one());
        w.previous[9 + 8] += Fr::one();
    });
    refused("another base in the second window, with its digest", &w, |w| {
        let first = 2 * w.layouts.weight_columns;
        let end = first + w.layouts.base_columns;
        w.windows[1].1[first] = point(1);
        w.windows[1].0[BASE] = digest(BASE_DOMAIN, &w.layouts.base, &w.windows[1].1[first..end]);
    });
    refused("another base than the previous aggregate's", &w, |w| w.previous[9 + 8] += Fr::one());
}
