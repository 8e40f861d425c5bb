//! Windows whose steps have rates of their own: all of them are in the schedule's hash, in order, and nothing else is.

use crate::common;
use crate::recursion_rules::{constrained, of_layouts, refused, run, satisfied, World, RATE};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_aggregator::form::Form;
use pot_aggregator::layouts::{Layouts, HEAD};
use pot_aggregator::recursion::state::{schedule_next, schedule_start as start_of};
use pot_sgd::spec::Kind;

/// Place of the schedule's hash in the public inputs of a test, and of the previous aggregate's, behind eight halves.
const SCHEDULE: usize = 8;
const BEFORE: usize = 8 + SCHEDULE;
/// What an aggregate's schedule is where it is no hash: any previous one.
const EARLIER: u64 = 12;

fn schedule_start(rates: usize) -> Fr {
    start_of(rates, Form::default())
}

fn layouts() -> Layouts {
    Layouts::new(&common::spec_with_rates(), Form::default()).expect("supported")
}

fn honest(active: usize, previous: bool) -> World {
    of_layouts(layouts(), active, previous)
}

/// The hash after windows with these rates of two steps each.
fn hash(from: Fr, windows: &[[u64; 2]]) -> Fr {
    let shards = [2, 0, 3];
    windows.iter().zip(shards).fold(from, |h, (rates, shard)| schedule_next(h, 3, shard, &rates.map(Fr::from)))
}

fn schedule(w: &World) -> Fr {
    constrained(w).instance()[SCHEDULE]
}

#[test]
fn every_rate_is_in_the_chain_in_order() {
    let rates: Vec<[u64; 2]> = (0..3).map(|i| [RATE + 2 * i, RATE + 2 * i + 1]).collect();
    for (active, previous) in [(1, false), (3, false), (1, true), (2, true)] {
        let (holds, public) = run(&honest(active, previous));
        assert!(holds, "{active} windows, previous: {previous}");
        let from = if previous { Fr::from(EARLIER) } else { schedule_start(2) };
        assert_eq!(public[SCHEDULE], hash(from, &rates[..active]));
    }
}

#[test]
fn each_rate_of_a_window_that_counts_moves_the_hash() {
    let w = honest(2, false);
    let was = schedule(&w);
    for (n, places) in [(0, layouts().rates), (1, layouts().rates), (2, layouts().rates)] {
        for place in places {
            let mut other = w.clone();
            other.windows[n].0[place] += Fr::one();
            assert_eq!(schedule(&other) == was, n == 2, "window {n} of two that count, place {place}");
        }
    }
    let mut swapped = w.clone();
    for place in layouts().rates {
        let (a, b) = (swapped.windows[0].0[place], swapped.windows[1].0[place]);
        (swapped.windows[0].0[place], swapped.windows[1].0[place]) = (b, a);
    }
    assert_eq!(schedule(&swapped), hash(schedule_start(2), &[[RATE + 2, RATE + 3], [RATE, RATE + 1]]));
}

/// Where a chain begins is no prover's to choose: the circuit's constant, or what the previous aggregate says.
#[test]
fn a_chain_begins_where_it_must() {
    let (fresh, continued) = (honest(1, false), honest(1, true));
    let lie = |w: &World| {
        let mut other = w.clone();
        other.previous[BEFORE] += Fr::one();
        schedule(&other)
    };
    assert_eq!(lie(&fresh), schedule(&fresh), "what no previous aggregate says");
    assert_eq!(lie(&continued), hash(Fr::from(EARLIER + 1), &[[RATE, RATE + 1]]));
    assert_ne!(schedule_start(2), schedule_start(0), "a chain with rates is none without");
    assert_ne!(schedule_start(2), schedule_start(1));
}

#[test]
fn no_other_hash_fits() {
    let w = honest(2, false);
    let start = schedule_start(2);
    let b = constrained(&w);
    let mut honest = b.instance();
    let rates = [[RATE, RATE + 1], [RATE + 2, RATE + 3]];
    let without = [2, 0].iter().fold(schedule_start(0), |h, s| schedule_next(h, 3, *s, &[]));
    assert_eq!(honest[SCHEDULE], hash(start, &rates));
    let left_out = schedule_next(schedule_next(start, 3, 2, &[Fr::from(RATE)]), 3, 0, &rates[1].map(Fr::from));
    let constant = hash(schedule_start(0), &rates);
    for (what, claimed) in [
        ("two windows' rates swapped", hash(start, &[rates[1], rates[0]])),
        ("two steps' rates swapped", hash(start, &[[RATE + 1, RATE], rates[1]])),
        ("a rate left out", left_out),
        ("no rates", without),
        ("begun as a chain without rates", constant),
        ("begun with another number", hash(Fr::zero(), &rates)),
        ("a place that does not count", hash(start, &[rates[0], rates[1], rates[0]])),
        ("one window of two", hash(start, &rates[..1])),
    ] {
        assert_ne!(claimed, honest[SCHEDULE], "{what}");
    }
    // What fits is one hash: of these any will do.
    honest[SCHEDULE] = hash(start, &[rates[1], rates[0]]);
    assert!(!satisfied(b, &honest), "accepted: two windows' rates swapped");
}

/// What stands between the first public inputs and the epoch and is no rate is 0: one statement has one instance.
#[test]
fn nothing_stands_between_the_rates() {
    let apart = Layouts { rates: vec![HEAD + 1, HEAD + 3], ..layouts() };
    let w = of_layouts(apart, 2, true);
    assert!(run(&w).0, "rates in other places");
    for place in [HEAD, HEAD + 2] {
        refused("a number where no rate is", &w, |w| w.windows[1].0[place] = Fr::one());
    }
}

#[test]
fn what_cannot_be_aggregated_is_refused() {
    let mut local = common::spec_with_rates();
    local.layers[0].bias = false;
    let lora = local.lora.as_mut().expect("adapters");
    (lora.local, lora.base_bits) = (true, 0);
    let genesis = pot_sgd::spec::SgdSpec { kind: Kind::Genesis, ..common::spec_with_rates() };
    let listed = pot_sgd::spec::SgdSpec { rates_per_step: true, ..common::spec() };
    for spec in [local, genesis, listed] {
        assert_eq!(Layouts::new(&spec, Form::default()).expect_err("refused").code, "AGGREGATE_UNSUPPORTED");
    }
}
