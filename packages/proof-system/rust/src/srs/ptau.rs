//! Import of a powers-of-tau file (snarkjs's `.ptau`), checked.
//!
//! Sections used: 1 (header: field size and modulus, power), 2 (tau^i G), 3 (tau^i H) and, where `snarkjs powersoftau
//! prepare phase2` has made it, 12 (Lagrange bases of every size, one after the other). Coordinates are in Montgomery
//! form, little-endian, as halo2curves keeps them in memory.

use super::check::check;
use super::{assemble, assemble_powers, cut, invalid, G1_BYTES, G2_BYTES, MAX_K};
use crate::engine::Srs;
use crate::error::PotError;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine, G2Affine, G2};
use halo2_axiom::halo2curves::group::cofactor::CofactorGroup;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::halo2curves::CurveAffine;
use halo2_axiom::poly::commitment::ParamsProver;

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

/// The sections used.
struct Sections<'a> {
    header: &'a [u8],
    g1: &'a [u8],
    g2: &'a [u8],
    lagrange: Option<&'a [u8]>,
}

fn sections(bytes: &[u8]) -> Result<Sections<'_>, PotError> {
    let mut r = Reader(bytes);
    if r.take(4)? != b"ptau" || r.u32()? != 1 {
        return Err(invalid("not a .ptau file of version 1".into()));
    }
    let count = r.u32()?;
    if count > 64 {
        return Err(invalid(format!(".ptau: {count} sections")));
    }
    let mut found = [None; 16];
    for _ in 0..count {
        let (kind, size) = (r.u32()?, r.u64()?);
        let body = r.take(usize::try_from(size).map_err(|_| invalid(".ptau: a section is too large".into()))?)?;
        if let Some(slot) = found.get_mut(kind as usize) {
            if slot.replace(body).is_some() {
                return Err(invalid(format!(".ptau: section {kind} appears twice")));
            }
        }
    }
    if !r.0.is_empty() {
        return Err(invalid(format!(".ptau: {} bytes behind the last section", r.0.len())));
    }
    let [_, Some(header), Some(g1), Some(g2), ..] = found else { return Err(invalid(".ptau: a section is missing".into())) };
    Ok(Sections { header, g1, g2, lagrange: found[12] })
}

/// Consecutive G1 points, on the curve and not the identity.
fn g1_points(bytes: &[u8]) -> Result<Vec<G1Affine>, PotError> {
    let point = |b: &[u8]| G1Affine::from_raw_bytes(b).filter(|p| bool::from(p.is_on_curve()) && !bool::from(p.is_identity()));
    let bad = || invalid(".ptau: a point of G1 is not on the curve, or the identity".into());
    bytes.chunks(G1_BYTES).map(|b| point(b).ok_or_else(bad)).collect()
}

/// The primitive 2^k-th root of unity that `base^((r-1)/2^k)` is.
fn root(base: Fr, k: u32) -> Fr {
    let odd = base.pow_vartime(T);
    (k..Fr::S).fold(odd, |w, _| w.square())
}

/// (r - 1) / 2^28, the odd part of the multiplicative group's order, in 64-bit words.
const T: [u64; 4] = [0x9b97_0914_3e1f_593f, 0x1815_85d2_833e_8487, 0x131a_029b_8504_5b68, 0x3_0644_e72e];

/// The Lagrange basis of 2^k points from section 12, in halo2's order: snarkjs numbers the roots of unity by powers of
/// 5^((r-1)/2^k), the first non-residue, halo2 by powers of another primitive root.
fn prepared(section: &[u8], k: u32) -> Result<Vec<G1Affine>, PotError> {
    let n = 1usize << k;
    let mut r = Reader(section);
    r.take((n - 1) * G1_BYTES)?;
    let points = g1_points(r.take(n * G1_BYTES)?)?;
    let (theirs, ours) = (root(Fr::from(5), k), (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |w, _| w.square()));
    let powers = std::iter::successors(Some(Fr::ONE), |w| Some(*w * ours));
    let e = powers.take(n).position(|w| w == theirs).ok_or_else(|| invalid(".ptau: no such root of unity".into()))?;
    let mut out = points.clone();
    (0..n).for_each(|j| out[e * j % n] = points[j]);
    Ok(out)
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
/// Checks: every point on its curve, in the group and not the identity; generators; consecutive powers; and a Lagrange
/// basis that the file brings (`check`). A file without one takes longer: it is computed here. A file that nobody contributed to
/// is refused, and one with bytes behind its end.
/// Errors: `SRS_INVALID`, `SRS_SECRET_KNOWN`. Whether the ceremony was honest is not visible here: run `snarkjs powersoftau verify` too.
pub fn from_ptau(bytes: &[u8], k: u32) -> Result<Srs, PotError> {
    if !(1..=MAX_K).contains(&k) {
        return Err(invalid(format!("k = {k}: supported are 1 to {MAX_K}")));
    }
    let file = sections(bytes)?;
    let power = power(file.header)?;
    if k > power {
        return Err(invalid(format!(".ptau: the file holds 2^{power} powers, 2^{k} are wanted")));
    }
    let g = g1_points(Reader(file.g1).take(G1_BYTES << k)?)?;
    let off = || invalid(".ptau: a point of G2 is not on its curve".into());
    let point = |b: &[u8]| G2Affine::from_raw_bytes(b).filter(|p| p.is_on_curve().into()).ok_or_else(off);
    let h = Reader(file.g2).take(2 * G2_BYTES)?.chunks(G2_BYTES).map(point).collect::<Result<Vec<_>, _>>()?;
    if g[0] != G1Affine::generator() || h[0] != G2Affine::generator() {
        return Err(invalid(".ptau: the powers do not start at the generators".into()));
    }
    if bool::from(h[1].is_identity()) || !bool::from(G2::from(h[1]).is_torsion_free()) {
        return Err(invalid(".ptau: tau H is the identity or outside the group".into()));
    }
    // The powers first: a basis made of others would be a waste.
    let alone = assemble_powers(k, g, h[1]);
    check(&alone)?;
    let Some(section) = file.lagrange else { return cut(&alone, k) };
    let srs = assemble(k, alone.get_g().to_vec(), Some(prepared(section, k)?), h[1]);
    check(&srs)?;
    Ok(srs)
}
