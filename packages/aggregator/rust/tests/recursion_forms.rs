//! Windows that differ in their rate, or in the commitments to their shard and base: what each of them has is in the schedule's hash,
//! in order, and nothing else is; what the statement names in its place is carried on.

use crate::common;
use crate::recursion_rules::{constrained, digest, of_layouts, point, refused, run, satisfied, World, BASE, DATA, ETA, FIRST, IN, RUN};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_aggregator::form::Form;
use pot_aggregator::layouts::{Layouts, HEAD};
use pot_aggregator::recursion::state::{schedule_after, schedule_start};
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::{BASE_DOMAIN, DATA_DOMAIN, WEIGHTS_DOMAIN};

const RATES: Form = Form { rates: true, renewed: false };
const RENEWED: Form = Form { rates: false, renewed: true };
const BOTH: Form = Form { rates: true, renewed: true };
/// Of a test's public inputs, the state begins behind the own key; in the previous aggregate's behind eight halves more.
const STATE: usize = 1;
const BEFORE: usize = 9;
// Places in a state.
const S_ETA: usize = 1;
const S_ROOT: usize = 6;
const S_SCHEDULE: usize = 7;
const S_BASE: usize = 8;
const S_DEPTH: usize = 9;
/// What a previous aggregate's schedule is.
const EARLIER: u64 = 12;
/// Shards of a test's windows, and their epoch.
const SHARDS: [u64; 3] = [2, 0, 3];
const EPOCH: u64 = 3;

fn layouts(spec: &SgdSpec, form: Form) -> Layouts {
    Layouts::new(spec, form).expect("supported")
}

fn honest(spec: &SgdSpec, form: Form, active: usize, previous: bool) -> World {
    of_layouts(layouts(spec, form), active, previous)
}

fn schedule(w: &World) -> Fr {
    constrained(w).instance()[STATE + S_SCHEDULE]
}

/// What window `n` puts in, read from its public inputs.
fn put_in(w: &World, n: usize) -> Vec<Fr> {
    let l = &w.layouts;
    let at = |place: usize| w.windows[n].0[place - HEAD + l.epoch()];
    let mut own = vec![Fr::from(EPOCH)];
    match l.form.renewed {
        true => own.extend([at(DATA)].into_iter().chain((!l.base.is_empty()).then(|| at(BASE)))),
        false => own.push(Fr::from(SHARDS[n])),
    }
    own.extend(l.form.rates.then(|| w.windows[n].0[ETA]));
    own.extend(l.rates.iter().map(|place| w.windows[n].0[*place]));
    own
}

fn chain(start: Fr, windows: &[Vec<Fr>]) -> Fr {
    windows.iter().fold(start, |h, own| schedule_after(h, own))
}

#[test]
fn what_windows_have_is_in_the_chain_in_order() {
    for (spec, rates, form, active, previous) in [
        (common::spec(), 0, RATES, 3, false),
        (common::spec(), 0, RENEWED, 2, true),
        (common::spec_with_base(), 0, RENEWED, 1, false),
        (common::spec_with_rates(), 2, BOTH, 2, true),
    ] {
        let w = honest(&spec, form, active, previous);
        let (holds, public) = run(&w);
        assert!(holds, "{active} windows, previous: {previous}, {form:?}");
        let start = if previous { Fr::from(EARLIER) } else { schedule_start(rates, form) };
        let own: Vec<_> = (0..active).map(|n| put_in(&w, n)).collect();
        assert_eq!(public[STATE + S_SCHEDULE], chain(start, &own), "{form:?}");
        assert_eq!(public[STATE + S_ETA], Fr::from(37), "the run's own rate");
    }
}

#[test]
fn chains_of_other_forms_are_other_chains() {
    let forms = [Form::default(), RATES, RENEWED, BOTH];
    let starts: Vec<Fr> = forms.iter().flat_map(|form| [0, 1, 2].map(|rates| schedule_start(rates, *form))).collect();
    for (i, start) in starts.iter().enumerate() {
        assert!(!starts[..i].contains(start), "two forms or numbers of rates begin the same");
    }
}

#[test]
fn a_windows_rate_moves_the_hash_and_no_other_hash_fits() {
    let w = honest(&common::spec(), RATES, 2, false);
    let was = schedule(&w);
    for (n, counts) in [(0, true), (1, true), (2, false)] {
        let mut other = w.clone();
        other.windows[n].0[ETA] += Fr::one();
        let (holds, public) = run(&other);
        assert!(holds, "no rule of the circuit knows the right one: who verifies does");
        assert_eq!(public[STATE + S_SCHEDULE] != was, counts, "the rate of window {n} of two that count");
    }
    let start = schedule_start(0, RATES);
    let own = [put_in(&w, 0), put_in(&w, 1)];
    let at = |n: usize, eta: Fr| vec![Fr::from(EPOCH), Fr::from(SHARDS[n]), eta];
    let (a, b) = (own[0][2], own[1][2]);
    let without = |n: usize| own[n][..2].to_vec();
    assert_eq!(was, chain(start, &own));
    for (what, claimed) in [
        ("rates swapped", chain(start, &[at(0, b), at(1, a)])),
        ("the first rate for both", chain(start, &[at(0, a), at(1, a)])),
        ("the run's rate for both", chain(start, &[at(0, Fr::from(37)), at(1, Fr::from(37))])),
        ("the first rate left out", chain(start, &[without(0), own[1].clone()])),
        ("the second rate left out", chain(start, &[own[0].clone(), without(1)])),
        ("no rates", chain(start, &[without(0), without(1)])),
        ("no rates, as of a run with one", chain(schedule_start(0, Form::default()), &[without(0), without(1)])),
        ("begun as a run with one rate", chain(schedule_start(0, Form::default()), &own)),
        ("begun as a chain of steps' own rates", chain(schedule_start(1, Form::default()), &own)),
        ("one window of two", chain(start, &own[..1])),
        ("a place that does not count", chain(start, &[own[0].clone(), own[1].clone(), own[0].clone()])),
    ] {
        assert_ne!(claimed, was, "{what}");
        let b = constrained(&w);
        let mut public = b.instance();
        public[STATE + S_SCHEDULE] = claimed;
        // One of them tells for all: what fits is one hash.
        assert!(what != "rates swapped" || !satisfied(b, &public), "accepted: {what}");
    }
}

/// What no window is compared with is the same all along the chain, and in the statement.
#[test]
fn what_the_run_names_is_carried_on() {
    let spec = common::spec_with_base();
    let (fresh, continued) = (honest(&spec, BOTH, 1, false), honest(&spec, BOTH, 1, true));
    let was = constrained(&fresh).instance();
    let (mut other, mut said) = (fresh.clone(), fresh.clone());
    for place in [S_ETA, S_ROOT, S_BASE, S_DEPTH] {
        let name = |w: &mut World| match place {
            S_ETA => w.input.eta += Fr::one(),
            S_ROOT => w.input.dataset_root += Fr::one(),
            S_BASE => w.input.base += Fr::one(),
            _ => w.input.depth += 1,
        };
        refused("another than the previous aggregate's", &continued, name);
        name(&mut other);
        said.previous[BEFORE + place] += Fr::one();
    }
    let (holds, public) = run(&other);
    assert!(holds, "without a previous aggregate it is the prover's word");
    for (place, (now, was)) in public.iter().zip(&was).enumerate() {
        let named = [S_ETA, S_ROOT, S_BASE, S_DEPTH].contains(&place.wrapping_sub(STATE));
        assert_eq!(*now, if named { *was + Fr::one() } else { *was }, "what the statement has in place {place}");
    }
    assert_eq!(run(&said), (true, was), "no previous aggregate, no word of it");
}

#[test]
fn all_other_rules_hold_in_every_form() {
    let one = Fr::one();
    let w = honest(&common::spec(), BOTH, 2, true);
    refused("a gap in the steps", &w, |w| w.windows[1].0[FIRST] += one);
    refused("two runs", &w, |w| w.windows[1].0[RUN] += one);
    refused("other weights, with their digest", &w, |w| {
        let columns = w.layouts.weight_columns;
        w.windows[1].1[0] = point(9999);
        w.windows[1].0[IN] = digest(WEIGHTS_DOMAIN, &w.layouts.weights, &w.windows[1].1[..columns]);
    });
    refused("a digest that is not that of the shard's points", &w, |w| w.windows[1].0[DATA] += one);
    refused("another run than the previous aggregate's", &w, |w| w.previous[BEFORE] += one);
    refused("other weights than the previous aggregate's", &w, |w| w.previous[BEFORE + 5] += one);
    // Where rates alone differ, shards and base are under the rules of all runs; and the other way round.
    let rates = honest(&common::spec_with_base(), RATES, 2, false);
    refused("a shard at another place", &rates, |w| w.choices.sides[0][0] = Fr::one());
    refused("another base in the second window, with its digest", &rates, other_base);
    refused("two rates", &honest(&common::spec(), RENEWED, 2, false), |w| w.windows[1].0[ETA] += Fr::one());
    let w = honest(&common::spec(), RENEWED, 2, false);
    assert_eq!(run(&w).1[STATE + S_BASE], Fr::zero(), "no base, none in the statement");
    refused("the digest of a base where there is none", &honest(&common::spec(), RENEWED, 1, true), |w| w.previous[BEFORE + S_BASE] = Fr::one());
}

/// Another base in the second window, with its digest.
fn other_base(w: &mut World) {
    let first = 2 * w.layouts.weight_columns;
    let end = first + w.layouts.base_columns;
    w.windows[1].1[first] = point(1);
    w.windows[1].0[BASE] = digest(BASE_DOMAIN, &w.layouts.base, &w.windows[1].1[first..end]);
}

/// Other commitments to a shard or a base are taken with their digest, and the hash has it.
#[test]
fn renewed_digests_move_the_hash() {
    let w = honest(&common::spec_with_base(), RENEWED, 2, false);
    let was = schedule(&w);
    let mut other = w.clone();
    other_base(&mut other);
    assert_eq!(schedule(&other), chain(schedule_start(0, RENEWED), &[put_in(&w, 0), put_in(&other, 1)]));
    assert_ne!(schedule(&other), was);
    let mut shard = w.clone();
    let first = 2 * w.layouts.weight_columns + w.layouts.base_columns;
    shard.windows[1].1[first] = point(2);
    shard.windows[1].0[DATA] = digest(DATA_DOMAIN, &w.layouts.data, &shard.windows[1].1[first..]);
    other_base(&mut shard);
    assert!(run(&shard).0, "other commitments to both");
    assert_eq!(schedule(&shard), chain(schedule_start(0, RENEWED), &[put_in(&w, 0), put_in(&shard, 1)]));
    // A renewed digest cannot stand in the base's place, nor the base's in the shard's.
    let [epoch, data, base] = put_in(&w, 1)[..] else { panic!("three numbers") };
    assert_ne!(chain(schedule_start(0, RENEWED), &[put_in(&w, 0), vec![epoch, base, data]]), was);
    assert_ne!(chain(schedule_start(0, RENEWED), &[put_in(&w, 0), vec![epoch, data]]), was);
}
