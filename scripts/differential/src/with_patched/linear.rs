//! What the patched crate does with columns that gates read in linear combinations alone.

use super::halo2::arithmetic::eval_polynomial;
use super::halo2::halo2curves::bn256::Fr;
use super::halo2::poly::EvaluationDomain;
use super::side::{random_scalar, Side};
use crate::spec::Rng;
use rand_core::SeedableRng;

/// The domain's extension is for gates of this degree.
const DEGREE: u32 = 3;

impl Side {
    /// How many columns the key eliminates, and the linear forms that it reads in their place. Comparisons in which
    /// there are none say nothing of them.
    pub fn linear_counts(&self) -> (usize, usize) {
        self.key.linear_counts()
    }
}

/// Whether a polynomial's value outside the domain, from its values inside, is the one that its coefficients give.
pub fn barycentric_agrees(k: u32) -> bool {
    let mut rng = Rng::seed_from_u64(k.into());
    let domain = EvaluationDomain::<Fr>::new(DEGREE, k);
    let values: Vec<Fr> = (0..1usize << k).map(|_| random_scalar(&mut rng)).collect();
    let point = random_scalar(&mut rng);
    let basis = domain.lagrange_evaluations(point);
    let sum = values.iter().zip(&basis).fold(Fr::zero(), |sum, (value, base)| sum + value * base);
    let coefficients = domain.lagrange_to_coeff(domain.lagrange_from_vec(values));
    sum == eval_polynomial(&coefficients, point)
}
