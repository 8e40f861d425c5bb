//! What a crate computes of given polynomials: the transforms, and what the prover builds of them.

use super::halo2::arithmetic::{eval_polynomial, kate_division};
use super::halo2::halo2curves::bn256::Fr;
use super::halo2::poly::{EvaluationDomain, Rotation};
use super::multiexp::products;
use super::witness::random_scalar;
use crate::compare::{Multiexp, Number, ROTATIONS};
use crate::spec::Rng;
use ff::PrimeField;
use rand_core::SeedableRng;

/// Domains are extended for gates of degree 2 to 8.
const SMALLEST_DEGREE: u32 = 2;
const DEGREES: u64 = 7;

/// Everything that is compared of a domain of 2^k rows, in a fixed order.
pub fn numbers(k: u32, seed: u64, multiexp: Multiexp) -> Vec<Number> {
    let mut rng = Rng::seed_from_u64(seed);
    let domain = EvaluationDomain::<Fr>::new(SMALLEST_DEGREE + (seed % DEGREES) as u32, k);
    let length = 1usize << k;
    let values: Vec<Fr> = (0..length).map(|_| random_scalar(&mut rng)).collect();
    let coefficients = domain.lagrange_to_coeff(domain.lagrange_from_vec(values));
    let point = random_scalar(&mut rng);
    let extended = domain.coeff_to_extended(&coefficients);

    let mut numbers = vec![
        number("coefficients", &coefficients),
        number("evaluation at a point", &[eval_polynomial(&coefficients, point)]),
        number("quotient by X minus a point", &kate_division(&coefficients[..], point)),
        number("values on the extended domain", &extended),
    ];
    numbers.push(number("coefficients from the extended domain", &domain.extended_to_coeff(extended)));
    for rotation in ROTATIONS {
        let rotated = domain.rotate_omega(point, Rotation(rotation));
        numbers.push(number(&format!("point rotated by {rotation}"), &[rotated]));
    }
    numbers.extend(products(&mut rng, length, multiexp));
    numbers
}

fn number(name: &str, scalars: &[Fr]) -> Number {
    let bytes = scalars.iter().flat_map(|scalar| scalar.to_repr().as_ref().to_vec()).collect();
    Number { name: name.to_string(), bytes }
}
