//! patches/halo2curves-axiom-02: multi-scalar multiplication against the definition and against the stock method.

use ff::Field;
use halo2curves_axiom::bn256::{Fr, G1Affine, G1};
use halo2curves_axiom::group::{prime::PrimeCurveAffine, Curve, Group};
use halo2curves_axiom::msm::{msm_best, msm_parallel};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn expect(coeffs: &[Fr], bases: &[G1Affine]) {
    let naive = coeffs.iter().zip(bases).map(|(c, b)| b * c).sum::<G1>();
    assert_eq!(msm_best(coeffs, bases), naive);
}

fn points(n: usize, rng: &mut ChaCha8Rng) -> Vec<G1Affine> {
    (0..n).map(|_| G1::random(&mut *rng).to_affine()).collect()
}

#[test]
fn every_size_and_length_of_scalars() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for n in [0, 1, 2, 3, 7, 31, 32, 33, 100, 400] {
        let bases = points(n, &mut rng);
        for bits in [1, 2, 5, 12, 36, 63, 64] {
            let coeffs: Vec<Fr> = (0..n).map(|_| Fr::from(rng.next_u64() >> (64 - bits))).collect();
            expect(&coeffs, &bases);
            let blinded: Vec<Fr> = coeffs.iter().enumerate().map(|(i, c)| if i % 50 == 3 { Fr::random(&mut rng) } else { *c }).collect();
            expect(&blinded, &bases);
        }
        let full: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
        expect(&full, &bases);
        expect(&vec![-Fr::ONE; n], &bases);
        expect(&vec![Fr::ZERO; n], &bases);
    }
}

#[test]
fn equal_opposite_and_identity_points() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let p = points(1, &mut rng)[0];
    for n in [2, 3, 40, 300] {
        for k in [Fr::ONE, Fr::from(77), -Fr::ONE, Fr::random(&mut rng)] {
            let mut bases = vec![p; n];
            expect(&vec![k; n], &bases);
            bases.iter_mut().skip(1).step_by(2).for_each(|b| *b = -p);
            expect(&vec![k; n], &bases);
            bases.iter_mut().step_by(3).for_each(|b| *b = G1Affine::identity());
            expect(&vec![k; n], &bases);
        }
    }
}

#[test]
fn agrees_with_the_stock_method_on_thousands_of_points() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let bases = points(5000, &mut rng);
    let full: Vec<Fr> = bases.iter().map(|_| Fr::random(&mut rng)).collect();
    assert_eq!(msm_best(&full, &bases), msm_parallel(&full, &bases));
    let small: Vec<Fr> = bases.iter().map(|_| Fr::from(rng.next_u64() >> 50)).collect();
    assert_eq!(msm_best(&small, &bases), msm_parallel(&small, &bases));
}
