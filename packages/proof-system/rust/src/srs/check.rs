//! Whether a reference string is what it claims to be: powers of one tau, and their Lagrange basis.

use super::{has_basis, invalid, known};
use crate::engine::Srs;
use crate::error::PotError;
use ff::PrimeField;
use halo2_axiom::arithmetic::best_multiexp;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2_axiom::halo2curves::group::Curve;
use halo2_axiom::halo2curves::pairing::Engine;
use halo2_axiom::poly::commitment::{Blind, Params, ParamsProver};
use halo2_axiom::poly::EvaluationDomain;
use rand_core::{OsRng, RngCore};

/// 128 random bits: enough for a random linear combination, and half the work of a full-size scalar.
fn short() -> Fr {
    Fr::from_u128(u128::from(OsRng.next_u64()) << 64 | u128::from(OsRng.next_u64()))
}

/// Whether `g_(i+1) = tau g_i` for all i, by `e(sum r_i g_(i+1), H) = e(sum r_i g_i, tau H)` with random 128-bit `r_i`:
/// points that are not consecutive powers pass with probability at most 2^-128.
pub fn powers(g: &[G1Affine], tau_h: &G2Affine) -> Result<(), PotError> {
    let last = g.len() - 1;
    let r: Vec<Fr> = (0..last).map(|_| short()).collect();
    let low = best_multiexp(&r, &g[..last]).to_affine();
    let high = best_multiexp(&r, &g[1..]).to_affine();
    if Bn256::pairing(&high, &G2Affine::generator()) != Bn256::pairing(&low, tau_h) {
        return Err(invalid("the points are not consecutive powers of one tau".into()));
    }
    Ok(())
}

/// Everything that a verifier relies on: the powers, and that commitments to the same random polynomial in both bases
/// agree, where there is a Lagrange basis: a foreign one would give keys of another circuit. And that nobody knows tau by looking:
/// see `known`; the development SRS alone passes. Errors: `SRS_INVALID`, `SRS_SECRET_KNOWN`.
pub fn check(srs: &Srs) -> Result<(), PotError> {
    known::refuse(&srs.get_g()[1], &srs.s_g2())?;
    powers(srs.get_g(), &srs.s_g2())?;
    if !has_basis(srs) {
        return Ok(());
    }
    let domain = EvaluationDomain::<Fr>::new(2, srs.k());
    let values = domain.lagrange_from_vec((0..srs.n()).map(|_| short()).collect());
    let by_values = srs.commit_lagrange(&values, Blind::default());
    let by_coefficients = srs.commit(&domain.lagrange_to_coeff(values), Blind::default());
    if by_values != by_coefficients {
        return Err(invalid("the Lagrange basis is not that of the powers".into()));
    }
    Ok(())
}
