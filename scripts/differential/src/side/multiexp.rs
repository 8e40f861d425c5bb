//! Multi-scalar multiplications with points and scalars that fast algorithms treat apart.

use super::halo2::arithmetic::best_multiexp;
use super::halo2::halo2curves::bn256::{Fr, G1Affine, G1};
use super::halo2::halo2curves::group::{Curve, Group, GroupEncoding};
use super::witness::random_scalar;
use crate::compare::{Multiexp, Number};
use crate::spec::Rng;
use rand_core::RngCore;

/// Of every so many points, one is the identity, one the generator and one its negative.
const POINT_PERIOD: usize = 11;
const IDENTITY_AT: usize = 3;
const GENERATOR_AT: usize = 5;
const NEGATIVE_AT: usize = 7;

const SHORT_BITS: u32 = 36;
const NEGATIVE_BITS: u32 = 24;
const SAME_SCALAR: u64 = 5;

const SCALARS: [&str; 5] = ["random scalars", "short scalars", "short negative scalars and zeros", "one small scalar", "random scalars and -1"];

/// One product for each kind of scalars, over the same points.
pub fn products(rng: &mut Rng, length: usize, multiexp: Multiexp) -> Vec<Number> {
    let points = points(rng, length);
    let of_kind = |kind: usize| {
        let scalars: Vec<Fr> = (0..length).map(|index| scalar(rng, kind, index)).collect();
        let product = match multiexp {
            Multiexp::Naive => naive(&scalars, &points),
            Multiexp::Library => best_multiexp(&scalars, &points),
        };
        let bytes = product.to_affine().to_bytes().as_ref().to_vec();
        Number { name: format!("multi-scalar multiplication by {}", SCALARS[kind]), bytes }
    };
    (0..SCALARS.len()).map(of_kind).collect()
}

fn naive(scalars: &[Fr], points: &[G1Affine]) -> G1 {
    scalars.iter().zip(points).fold(G1::identity(), |sum, (scalar, point)| sum + *point * *scalar)
}

fn points(rng: &mut Rng, length: usize) -> Vec<G1Affine> {
    let generator = G1::generator();
    let mut point = generator * random_scalar(rng);
    let step = generator * random_scalar(rng);
    let mut next = |index: usize| {
        point += step;
        match index % POINT_PERIOD {
            IDENTITY_AT => G1Affine::default(),
            GENERATOR_AT => generator.to_affine(),
            NEGATIVE_AT => (-generator).to_affine(),
            _ => point.to_affine(),
        }
    };
    (0..length).map(&mut next).collect()
}

/// The scalar at an index, of one of the kinds that [`SCALARS`] names.
fn scalar(rng: &mut Rng, kind: usize, index: usize) -> Fr {
    match kind {
        0 => random_scalar(rng),
        1 => Fr::from(rng.next_u64() >> (u64::BITS - SHORT_BITS)),
        2 if index % 3 == 0 => Fr::zero(),
        2 => -Fr::from(rng.next_u64() >> (u64::BITS - NEGATIVE_BITS)),
        3 => Fr::from(SAME_SCALAR),
        _ if index % 2 == 0 => -Fr::one(),
        _ => random_scalar(rng),
    }
}
