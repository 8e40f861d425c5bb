//! Import of a powers-of-tau file (snarkjs's `.ptau`), checked.
//!
//! Sections used: 1 (header: field size and modulus, power), 2 (tau^i G) and 3 (tau^i H). Coordinates are in Montgomery
//! form, little-endian, as halo2curves keeps them in memory.

use super::check::powers;
use super::{assemble, invalid, G1_BYTES, G2_BYTES, MAX_K};
use crate::engine::Srs;
use crate::error::PotError;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fq, G1Affine, G2Affine, G2};
use halo2_axiom::halo2curves::group::cofactor::CofactorGroup;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::halo2curves::CurveAffine;

/// Bounds-checked reading.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], PotError> {
        if n > self.0.len() {
            return Err(invalid(".ptau: the file is truncated".into()));
        }
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        Ok(head)
    }
    fn u32(&mut self) -> Result<u32, PotError> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("4 bytes")))
    }
    fn u64(&mut self) -> Result<u64, PotError> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("8 bytes")))
    }
}

/// The first section of each of the types 1, 2, 3.
fn sections(bytes: &[u8]) -> Result<[&[u8]; 3], PotError> {
    let mut r = Reader(bytes);
    if r.take(4)? != b"ptau" || r.u32()? != 1 {
        return Err(invalid("not a .ptau file of version 1".into()));
    }
    let count = r.u32()?;
    if count > 64 {
        return Err(invalid(format!(".ptau: {count} sections")));
    }
    let mut found = [None; 3];
    for _ in 0..count {
        let (kind, size) = (r.u32()?, r.u64()?);
        let body = r.take(usize::try_from(size).map_err(|_| invalid(".ptau: a section is too large".into()))?)?;
        if let Some(slot) = found.get_mut((kind as usize).wrapping_sub(1)) {
            if slot.replace(body).is_some() {
                return Err(invalid(format!(".ptau: section {kind} appears twice")));
            }
        }
    }
    let [Some(a), Some(b), Some(c)] = found else { return Err(invalid(".ptau: a section is missing".into())) };
    Ok([a, b, c])
}

/// The header's power. Errors: another curve's file.
fn power(header: &[u8]) -> Result<u32, PotError> {
    let mut r = Reader(header);
    let size = r.u32()? as usize;
    // p - 1 in little-endian form, plus one: the modulus is odd.
    let mut modulus = (-Fq::ONE).to_repr().as_ref().to_vec();
    modulus[0] += 1;
    if size != 32 || r.take(32)? != modulus {
        return Err(invalid(".ptau: not a file for BN254 (bn128)".into()));
    }
    r.u32()
}

/// Imports the first 2^k powers.
///
/// Checks: every point on its curve, in the group and not the identity; generators; consecutive powers (`check::powers`).
/// The Lagrange basis is computed, not read. Errors: `SRS_INVALID`.
/// Whether the ceremony was honest is not visible here: run `snarkjs powersoftau verify` too.
pub fn from_ptau(bytes: &[u8], k: u32) -> Result<Srs, PotError> {
    if !(1..=MAX_K).contains(&k) {
        return Err(invalid(format!("k = {k}: supported are 1 to {MAX_K}")));
    }
    let [header, g1, g2] = sections(bytes)?;
    let power = power(header)?;
    if k > power {
        return Err(invalid(format!(".ptau: the file holds 2^{power} powers, 2^{k} are wanted")));
    }
    let n = 1usize << k;
    let (g1, g2) = (Reader(g1).take(n * G1_BYTES)?, Reader(g2).take(2 * G2_BYTES)?);
    let bad_point = || invalid(".ptau: a point is not on its curve".into());
    let g: Vec<G1Affine> = g1
        .chunks(G1_BYTES)
        .map(|b| G1Affine::from_raw_bytes(b).filter(|p| p.is_on_curve().into()).ok_or_else(bad_point))
        .collect::<Result<_, _>>()?;
    let h: Vec<G2Affine> = g2
        .chunks(G2_BYTES)
        .map(|b| G2Affine::from_raw_bytes(b).filter(|p| p.is_on_curve().into()).ok_or_else(bad_point))
        .collect::<Result<_, _>>()?;
    if g[0] != G1Affine::generator() || h[0] != G2Affine::generator() {
        return Err(invalid(".ptau: the powers do not start at the generators".into()));
    }
    if g.iter().any(|p| p.is_identity().into()) || bool::from(h[1].is_identity()) || !bool::from(G2::from(h[1]).is_torsion_free()) {
        return Err(invalid(".ptau: a power is the identity or outside the group".into()));
    }
    powers(&g, &h[1])?;
    Ok(assemble(k, g, None, h[1]))
}
