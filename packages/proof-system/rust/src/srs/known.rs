//! Strings whose secret everyone knows.

use super::development;
use crate::error::PotError;
use ff::Field;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G2Affine, G1};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::group::{Curve, Group};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::HashSet;

/// Secrets of at most this size, of either sign, are found: 2^8 small steps, 2^8 large ones.
const SMALL_STEPS: u64 = 1 << 8;
const LARGEST: u64 = 1 << 16;

fn affine(points: &[G1]) -> Vec<G1Affine> {
    let mut out = vec![G1Affine::identity(); points.len()];
    G1::batch_normalize(points, &mut out);
    out
}

/// Whether `point = s G` with `|s| <= 2^16`: points of opposite sign share their x, and the identity's is 0, which no point has.
fn is_small(point: &G1Affine) -> bool {
    let g = G1::generator();
    let steps = |from: G1, by: G1, n: u64| std::iter::successors(Some(from), move |p| Some(p + by)).take(n as usize + 1).collect::<Vec<_>>();
    let near: HashSet<[u8; 32]> = affine(&steps(G1::identity(), g, SMALL_STEPS / 2)).iter().map(|p| p.x.to_bytes()).collect();
    let large = g * Fr::from(SMALL_STEPS);
    let far = affine(&steps(point - g * Fr::from(LARGEST), large, 2 * LARGEST / SMALL_STEPS));
    far.iter().any(|p| near.contains(&p.x.to_bytes()))
}

/// Secrets that programs make "randomly" from a seed that is always the same: halo2-base and snark-verifier draw their test
/// strings from ChaCha20 with a seed of zeros.
fn is_seeded(point: &G1Affine) -> bool {
    (G1::generator() * Fr::random(ChaCha20Rng::from_seed([0; 32]))).to_affine() == *point
}

/// Refuses an SRS by its second power `tau G`: for tau = 0, tau = 1 (a file that nobody contributed to) and every other whole
/// number up to 2^16 of either sign, and for tau of a well-known seed. The development SRS itself passes, and is reported
/// as such. Errors: `SRS_SECRET_KNOWN`.
pub fn refuse(tau_g: &G1Affine, tau_h: &G2Affine) -> Result<(), PotError> {
    if *tau_h == development::tau_g2() {
        return Ok(());
    }
    if !is_small(tau_g) && !is_seeded(tau_g) {
        return Ok(());
    }
    let message = "everyone knows this reference string's secret (a file that nobody contributed to has tau = 1): anyone could forge proofs";
    Err(PotError::new("SRS_SECRET_KNOWN", message.into()))
}
