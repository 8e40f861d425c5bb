//! The development SRS. **Insecure**: its tau is public, so anyone can forge proofs under it.

use super::lagrange::{Adder, BATCH};
use super::{assemble, invalid, MAX_K};
use crate::engine::Srs;
use crate::error::PotError;
use ff::{BatchInvert, Field, FromUniformBytes, PrimeField};
use halo2_axiom::arithmetic::parallelize;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G2Affine, G1};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::group::Curve;
use sha2::{Digest, Sha512};

const LABEL: &[u8] = b"proof-of-training INSECURE development reference string, tau is public";

fn tau() -> Fr {
    let hash: [u8; 64] = Sha512::digest(LABEL).into();
    Fr::from_uniform_bytes(&hash)
}

/// tau in G2, by which the SRS is recognised.
pub fn tau_g2() -> G2Affine {
    (G2Affine::generator() * tau()).to_affine()
}

/// Multiples of the generator by a table of its 8-bit windows.
struct FixedBase(Vec<G1Affine>);

impl FixedBase {
    const WINDOWS: usize = 32;

    fn new() -> Self {
        let mut points = Vec::with_capacity(Self::WINDOWS * 255);
        let mut base = G1::generator();
        for _ in 0..Self::WINDOWS {
            let mut p = base;
            for _ in 0..255 {
                points.push(p);
                p += base;
            }
            base = p;
        }
        let mut table = vec![G1Affine::identity(); points.len()];
        G1::batch_normalize(&points, &mut table);
        Self(table)
    }
    /// The multiples in lockstep on affine points, so that each window's additions share an inversion.
    fn all(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let mut out = vec![G1Affine::identity(); scalars.len()];
        parallelize(&mut out, |out, start| {
            let mut adder = Adder::default();
            let scalars = &scalars[start..start + out.len()];
            for (sums, scalars) in out.chunks_mut(BATCH).zip(scalars.chunks(BATCH)) {
                let digits: Vec<_> = scalars.iter().map(Fr::to_repr).collect();
                for window in 0..Self::WINDOWS {
                    let addend = |bytes: &[u8]| match bytes[window] {
                        0 => G1Affine::identity(),
                        b => self.0[window * 255 + usize::from(b) - 1],
                    };
                    adder.add(sums, digits.iter().map(|d| addend(d.as_ref())).enumerate());
                }
            }
        });
        out
    }
}

/// The insecure string of 2^k points, the same on every machine. Errors: `SRS_INVALID` (k out of 1..=22).
pub fn development(k: u32) -> Result<Srs, PotError> {
    if !(1..=MAX_K).contains(&k) {
        return Err(invalid(format!("k = {k}: supported are 1 to {MAX_K}")));
    }
    let (n, tau, base) = (1usize << k, tau(), FixedBase::new());
    let mut powers = vec![Fr::ONE; n];
    (1..n).for_each(|i| powers[i] = powers[i - 1] * tau);
    // L_i(tau) = (tau^n - 1) / n * w^i / (tau - w^i)
    let mut root = Fr::ROOT_OF_UNITY;
    (k..Fr::S).for_each(|_| root = root.square());
    let mut roots = vec![Fr::ONE; n];
    (1..n).for_each(|i| roots[i] = roots[i - 1] * root);
    let mut lagrange: Vec<Fr> = roots.iter().map(|w| tau - w).collect();
    lagrange.iter_mut().batch_invert();
    let factor = (powers[n - 1] * tau - Fr::ONE) * Fr::from(n as u64).invert().expect("n is not zero");
    lagrange.iter_mut().zip(&roots).for_each(|(l, w)| *l *= factor * w);
    Ok(assemble(k, base.all(&powers), Some(base.all(&lagrange)), tau_g2()))
}
