//! The rules between windows as constraints: honest chains satisfy them, and each rule broken alone does not.

mod common;

use halo2_axiom::dev::MockProver;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::group::GroupEncoding;
use halo2_base::gates::circuit::builder::BaseCircuitBuilder;
use halo2_base::utils::{fe_to_biguint, modulus};
use halo2_base::Context;
use halo2_ecc::bn254::FpChip;
use halo2_ecc::ecc::{BaseFieldEccChip, EcPoint};
use pot_aggregator::points::check_strict;
use pot_aggregator::rules::{chain, Layouts, Window};
use pot_aggregator::statement::AggregatePublic;
use pot_aggregator::window::WindowProof;
use pot_aggregator::{BITS, LIMBS};
use pot_halo2::digest::parse_points;
use pot_sgd::spec::SgdSpec;
use pot_sgd::statement::weights_digest;

const K: usize = 17;
// Public inputs of a window, by place.
const ETA: usize = 0;
const RUN: usize = 1;
const FIRST: usize = 2;
const STEPS: usize = 3;
const EPOCH: usize = 4;
const IN: usize = 5;
const OUT: usize = 6;
const DATA: usize = 7;

/// What the rules see of a window.
#[derive(Clone)]
struct Seen {
    instance: Vec<Fr>,
    points: Vec<G1Affine>,
}

fn satisfied(builder: BaseCircuitBuilder<Fr>, instance: Vec<Fr>) -> bool {
    let mock = MockProver::run(K as u32, &builder, vec![instance]).expect("a circuit");
    // halo2's reporter may panic over a constraint that failed.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mock.verify().is_ok())).unwrap_or(false)
}

fn build(f: impl FnOnce(&mut Context<Fr>, &BaseFieldEccChip<'_, G1Affine>) -> Vec<pot_aggregator::Cell>) -> (bool, Vec<Fr>) {
    let mut builder = BaseCircuitBuilder::new(false).use_k(K).use_lookup_bits(K - 1).use_instance_columns(1);
    let range = builder.range_chip();
    let fp = FpChip::<Fr>::new(&range, BITS, LIMBS);
    let ecc = BaseFieldEccChip::<G1Affine>::new(&fp);
    let public = f(builder.main(0), &ecc);
    let instance: Vec<Fr> = public.iter().map(|c| *c.value()).collect();
    builder.assigned_instances = vec![public];
    builder.calculate_params(Some(20));
    (satisfied(builder, instance.clone()), instance)
}

/// Whether the rules hold, and the public inputs that they leave.
fn rules(spec: &SgdSpec, windows: &[Seen]) -> (bool, Vec<Fr>) {
    let layouts = Layouts::new(spec).expect("plain SGD");
    build(|ctx, ecc| {
        let assigned: Vec<Window> = windows
            .iter()
            .map(|w| {
                let instance = ctx.assign_witnesses(w.instance.iter().copied());
                let points: Vec<_> = w.points.iter().map(|p| ecc.assign_point::<G1Affine>(ctx, *p)).collect();
                points.iter().for_each(|p| check_strict(ctx, ecc, p));
                Window::new(&layouts, &instance, &points)
            })
            .collect();
        chain(ctx, ecc.field_chip().range, &layouts, &assigned).cells().to_vec()
    })
}

fn chain_of(n: usize) -> (SgdSpec, Vec<WindowProof>, Vec<Seen>) {
    let spec = common::spec();
    let srs = pot_halo2::srs::development(spec.shape.expect("planned").k).expect("a string");
    let mut prover = common::prover(&srs);
    let windows = common::windows(&mut prover, &spec, n);
    let points = Layouts::new(&spec).expect("plain SGD").points();
    let seen = windows
        .iter()
        .map(|w| Seen { instance: w.public.instance(&spec).expect("public"), points: parse_points(&w.proof[..32 * points]).expect("points") })
        .collect();
    (spec, windows, seen)
}

fn digest(spec: &SgdSpec, point: &G1Affine) -> Fr {
    weights_digest(spec, point.to_bytes().as_ref()).expect("a point")
}

#[test]
fn honest_chains_leave_the_statement() {
    for n in [1, 2, 3] {
        let (spec, windows, seen) = chain_of(n);
        let (ok, public) = rules(&spec, &seen);
        assert!(ok, "{n} windows");
        assert_eq!(public, AggregatePublic::of(&spec, &windows).expect("a chain").instance(&spec, n).expect("a statement"));
    }
}

#[test]
fn each_rule_broken_alone_fails() {
    let (spec, _, seen) = chain_of(2);
    assert_eq!(spec.shape.expect("planned").weight_columns, 1, "one point is a digest's");
    let fails = |what: &str, change: &dyn Fn(&mut Vec<Seen>)| {
        let mut windows = seen.clone();
        change(&mut windows);
        assert!(!rules(&spec, &windows).0, "{what}");
    };
    let one = Fr::one();
    fails("a gap in the steps", &|w| w[1].instance[FIRST] += one);
    fails("the same step twice", &|w| w[1].instance[FIRST] = w[0].instance[FIRST]);
    fails("windows swapped", &|w| w.swap(0, 1));
    fails("a window twice", &|w| w[1] = w[0].clone());
    fails("two runs", &|w| w[1].instance[RUN] += one);
    fails("two rates", &|w| w[1].instance[ETA] += one);
    fails("another number of steps", &|w| w.iter_mut().for_each(|w| w.instance[STEPS] += one));
    fails("first digest not the points'", &|w| w[0].instance[IN] += one);
    fails("last digest not the points'", &|w| w[1].instance[OUT] += one);
    fails("a digest between, claimed by both, not the points'", &|w| {
        w[0].instance[OUT] += one;
        w[1].instance[IN] += one;
    });
    fails("digests that differ between", &|w| w[1].instance[IN] += one);
    fails("data digest not the points'", &|w| w[1].instance[DATA] += one);
    // The mirrored point: the same x.
    fails("other points with their own digest", &|w| {
        w[0].points[1] = -w[0].points[1];
        w[0].instance[OUT] = digest(&spec, &w[0].points[1]);
    });
    fails("other points, and their digest claimed by both", &|w| {
        w[0].points[1] = -w[0].points[1];
        let d = digest(&spec, &w[0].points[1]);
        w[0].instance[OUT] = d;
        w[1].instance[IN] = d;
    });
    fails("other points under the old digest", &|w| {
        w[0].points[1] = -w[0].points[1];
        w[1].points[0] = -w[1].points[0];
    });
    fails("the identity as a commitment", &|w| w[1].points[2] = G1Affine::identity());
}

#[test]
fn epochs_and_data_are_in_the_list() {
    let (spec, _, seen) = chain_of(2);
    let (_, public) = rules(&spec, &seen);
    let mut other = seen.clone();
    other[1].instance[EPOCH] += Fr::one();
    let (ok, changed) = rules(&spec, &other);
    assert!(ok, "an epoch is only absorbed");
    assert_eq!(public[..6], changed[..6]);
    assert_ne!(public[6], changed[6]);
}

#[test]
fn the_identity_and_coordinates_beyond_the_modulus_fail() {
    let loaded = |p: G1Affine| {
        build(|ctx, ecc| {
            let p = ecc.assign_point::<G1Affine>(ctx, p);
            check_strict(ctx, ecc, &p);
            vec![]
        })
        .0
    };
    assert!(loaded(G1Affine::generator()));
    assert!(!loaded(G1Affine::identity()));
    let point = (0..64u64).map(|i| G1Affine::from(G1Affine::generator() * Fr::from(i + 1)));
    // x + q must have 254 bits.
    let small = point.into_iter().find(|p| fe_to_biguint(&p.x).bits() <= 251).expect("a small x");
    let strict = |add: bool| {
        build(|ctx, ecc| {
            let fp = ecc.field_chip();
            let q = modulus::<Fq>();
            let x = fp.load_constant_uint(ctx, fe_to_biguint(&small.x) + if add { q } else { Default::default() });
            let y = fp.load_constant_uint(ctx, fe_to_biguint(&small.y));
            check_strict(ctx, ecc, &EcPoint::new(x, y));
            vec![]
        })
        .0
    };
    assert!(strict(false));
    assert!(!strict(true));
}
