//! Every gadget against native arithmetic, under the mock prover.

mod common;

use common::{accept, point};
use ff::{Field, PrimeField};
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine, G1};
use halo2_axiom::plonk::ConstraintSystem;
use pot_chip::{Builder, Cell, ChipConfig, Packing, Point};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

fn number(seed: u64) -> Fr {
    Fr::from(seed + 3).pow_vartime([1000 + seed])
}

/// An integer of 16 bytes at most.
fn int(bytes: &[u8]) -> Fr {
    bytes.iter().rev().fold(Fr::ZERO, |acc, b| acc * Fr::from(256) + Fr::from(u64::from(*b)))
}

fn residue(v: &Fq) -> Fr {
    int(v.to_repr().as_ref())
}

/// What a failure of the mock prover says.
#[test]
fn every_constraint_of_a_gate_with_several_has_a_name() {
    for factor in [1, 3, 7] {
        let mut cs = ConstraintSystem::default();
        ChipConfig::packed(&mut cs, Packing { factor });
        let many = cs.gates().iter().filter(|gate| gate.polynomials().len() > 1);
        for gate in many {
            let nameless = (0..gate.polynomials().len()).filter(|i| gate.constraint_name(*i).is_empty());
            assert_eq!(nameless.count(), 0, "{}", gate.name());
        }
        assert!(cs.gates().len() > 10);
    }
}

#[test]
fn native_arithmetic() {
    let mut b = Builder::default();
    let [x, y, z] = [1, 2, 3].map(|i| b.witness(number(i)));
    let equal = |b: &mut Builder, cell: Cell, want: Fr| {
        assert_eq!(cell.value, want);
        b.assert_constant(cell, want);
    };
    let c = b.mul_add(x, y, z);
    equal(&mut b, c, z.value + x.value * y.value);
    let chained = b.mul_add(c, c, c);
    equal(&mut b, chained, c.value + c.value.square());
    let c = b.add(x, y);
    equal(&mut b, c, x.value + y.value);
    let c = b.sub(x, y);
    equal(&mut b, c, x.value - y.value);
    let c = b.mul(x, y);
    equal(&mut b, c, x.value * y.value);
    let c = b.neg(x);
    equal(&mut b, c, -x.value);
    let c = b.linear(&[(Fr::ONE, x), (Fr::from(5), y), (-Fr::ONE, z)], Fr::from(9));
    equal(&mut b, c, x.value + Fr::from(5) * y.value - z.value + Fr::from(9));
    let c = b.linear(&[(Fr::ONE, x)], Fr::ZERO);
    equal(&mut b, c, x.value);
    let c = b.linear(&[], Fr::from(4));
    equal(&mut b, c, Fr::from(4));
    let c = b.sum_products(&[(Fr::ONE, x, y), (Fr::from(7), y, z)], Fr::from(2));
    equal(&mut b, c, x.value * y.value + Fr::from(7) * y.value * z.value + Fr::from(2));
    let c = b.invert(x);
    equal(&mut b, c, x.value.invert().unwrap());
    let zero = b.sub(x, x);
    for (cell, want) in [(zero, Fr::ONE), (x, Fr::ZERO)] {
        let c = b.is_zero(cell);
        equal(&mut b, c, want);
    }
    for bit in [Fr::ZERO, Fr::ONE] {
        let cell = b.witness(bit);
        b.assert_bit(cell);
        let c = b.select(cell, x, y);
        equal(&mut b, c, if bit == Fr::ONE { x.value } else { y.value });
    }
    assert_eq!(b.constant(Fr::from(4)).value, Fr::from(4));
    b.expose(&[x, y]);
    accept(b);
}

#[test]
fn ranges_and_bits() {
    let mut b = Builder::default();
    for bits in [1, 5, 16, 17, 34, 50, 51, 52, 64, 102, 128, 200, 249, 250] {
        let most = b.witness(Fr::from(2).pow_vartime([bits as u64]) - Fr::ONE);
        let none = b.witness(Fr::ZERO);
        b.range(most, bits);
        b.range(none, bits);
    }
    for n in [1, 7, 64, 250] {
        let value = Fr::from(2).pow_vartime([n as u64]) - Fr::from(1 + u64::from(n > 1));
        let a = b.witness(value);
        let cells = b.bits(a, n);
        let sum = cells.iter().rev().fold(Fr::ZERO, |acc, c| acc.double() + c.value);
        assert_eq!((cells.len(), sum), (n, value));
    }
    accept(b);
}

#[test]
fn what_cannot_be_proven_is_refused() {
    let code = |f: &dyn Fn(&mut Builder)| {
        let mut b = Builder::default();
        f(&mut b);
        b.refusal().map(|e| e.code)
    };
    let cell = |b: &mut Builder, v: u64| b.witness(Fr::from(v));
    assert_eq!(code(&|b| _ = b.witness(Fr::ONE)), None);
    for bits in [8, 51, 60] {
        assert_eq!(
            code(&|b| {
                let a = cell(b, 1 << bits);
                b.range(a, bits)
            }),
            Some("CHIP_RANGE")
        );
    }
    assert_eq!(
        code(&|b| {
            let a = cell(b, 16);
            b.bits(a, 4);
        }),
        Some("CHIP_RANGE")
    );
    assert_eq!(
        code(&|b| {
            let a = cell(b, 0);
            b.invert(a);
        }),
        Some("CHIP_ZERO")
    );
    assert_eq!(
        code(&|b| {
            let a = cell(b, 2);
            b.assert_bit(a);
        }),
        Some("CHIP_RANGE")
    );
    assert_eq!(
        code(&|b| {
            let a = cell(b, 2);
            b.assert_constant(a, Fr::ONE);
        }),
        Some("CHIP_UNEQUAL")
    );
    assert_eq!(
        code(&|b| {
            b.point(G1Affine::default());
        }),
        Some("CHIP_POINT")
    );
    assert_eq!(
        code(&|b| {
            b.constant_point(G1Affine { x: Fq::ONE, y: Fq::ONE });
        }),
        Some("CHIP_POINT")
    );
    assert_eq!(
        code(&|b| {
            let (k, p) = (cell(b, 0), b.point(point(2)));
            b.msm(&[(k, p)]);
        }),
        Some("CHIP_IDENTITY")
    );
}

#[test]
fn hashes_are_the_library_s() {
    let mut b = Builder::default();
    let zero = b.constant(Fr::ZERO);
    let (x, y) = (b.witness(number(1)), b.witness(number(2)));
    let mut state = b.permute([zero, x, y]);
    assert_eq!(state[0].value, pot_proof_system::poseidon::hash2(x.value, y.value));
    for i in 0..5 {
        let want = pot_proof_system::poseidon::hash2(state[i % 3].value, state[(i + 1) % 3].value);
        state = b.permute([zero, state[i % 3], state[(i + 1) % 3]]);
        b.assert_constant(state[0], want);
    }
    b.expose(&state);
    accept(b);
}

fn sum(b: &mut Builder, scalars: &[Fr], points: &[Point]) -> Point {
    let terms: Vec<_> = scalars.iter().zip(points).map(|(k, p)| (b.witness(*k), p.clone())).collect();
    let out = b.msm(&terms);
    let want: G1 = scalars.iter().zip(points).map(|(k, p)| p.value * *k).sum();
    assert_eq!(out.value, want.to_affine());
    out
}

#[test]
fn points_and_sums() {
    let mut b = Builder::default();
    // Free, fixed, equal and opposite points; scalars 0, 1, -1, even ones, large ones.
    let mut points: Vec<Point> =
        (1..6).map(|i| b.point(point(number(i).to_repr().as_ref()[..8].iter().fold(0, |a, v| a << 8 | u64::from(*v))))).collect();
    points.push(b.constant_point(point(1)));
    points.push(b.constant_point(point(77)));
    points.push(points[0].clone());
    let again = b.point(points[1].value);
    b.assert_same(&again, &points[1]);
    points.push(again);
    points.push(b.point(-points[2].value));
    let scalars = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2), number(9), -Fr::from(2), number(4), number(10), Fr::ONE, -Fr::ONE];
    let first = sum(&mut b, &scalars, &points);
    // A second sum of points of the first, its result among them: tables are shared.
    let second = sum(&mut b, &[Fr::from(3), number(5), -Fr::ONE], &[first.clone(), points[4].clone(), points[5].clone()]);
    // One term alone, and a sum of the same point's multiples.
    let third = sum(&mut b, &[Fr::ONE], &points[6..7]);
    b.assert_same(&third, &points[6]);
    let fourth = sum(&mut b, &[Fr::from(5), -Fr::from(4)], &[second.clone(), second.clone()]);
    b.assert_same(&fourth, &second);
    for p in [&first, &second, &points[0], &points[5]] {
        assert_eq!((p.x.value, p.y.value), (residue(&p.value.x), residue(&p.value.y)));
        let (low, high, odd) = b.compressed(p);
        let (x, y) = (p.value.x.to_repr(), p.value.y.to_repr());
        assert_eq!(low.value, int(&x.as_ref()[..31]));
        assert_eq!(high.value, Fr::from(u64::from(x.as_ref()[31])));
        assert_eq!(odd.value, Fr::from(u64::from(y.as_ref()[0] & 1)));
        let halves = b.halves(p);
        let want = [&x, &y].map(|v| [int(&v.as_ref()[..16]), int(&v.as_ref()[16..])]);
        assert_eq!(halves.map(|c| c.value), [want[0][0], want[0][1], want[1][0], want[1][1]]);
        let same = b.point_of_halves(halves, p.value);
        b.assert_same(&same, p);
        b.expose(&[low, high, odd]);
    }
    accept(b);
}

/// Sums of one to three terms, against the library: free, fixed, equal and opposite points, the same one twice; scalars 0, 1, -1, 2, random ones.
#[test]
#[ignore = "minutes: a thousand sums in fifty circuits of 2^17 rows"]
fn random_sums_by_the_thousand() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut checked = 0;
    while checked < 1000 {
        let mut b = Builder::default();
        let mut random = || (G1Affine::generator() * Fr::random(&mut rng)).to_affine();
        let mut points: Vec<Point> = (0..3).map(|_| b.point(random())).collect();
        points.push(b.constant_point(random()));
        for same in [points[0].value, -points[1].value, -points[3].value] {
            points.push(b.point(same));
        }
        for _ in 0..19 {
            let terms = 1 + rng.next_u32() as usize % 3;
            let chosen: Vec<Point> = (0..terms).map(|_| points[rng.next_u32() as usize % points.len()].clone()).collect();
            let small = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2)];
            let mut scalar = || small.get(rng.next_u32() as usize % 8).copied().unwrap_or_else(|| Fr::random(&mut rng));
            let scalars: Vec<Fr> = (0..terms).map(|_| scalar()).collect();
            let value: G1 = scalars.iter().zip(&chosen).map(|(k, p)| p.value * *k).sum();
            // The builder refuses the identity as a result.
            if !bool::from(group::Group::is_identity(&value)) {
                sum(&mut b, &scalars, &chosen);
                checked += 1;
            }
        }
        accept(b);
    }
}
