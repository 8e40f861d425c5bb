//! Import of arkworks's KZG10 parameters (`ark_poly_commit::kzg10::UniversalParams`, uncompressed), in which Aztec's Ignition powers
//! are published (alxiong/ark-srs).
//!
//! All numbers little-endian: the number of powers (8 bytes), the powers (x, y; 32 bytes each), a map of hiding powers (its length,
//! then a key of 8 bytes and a point each), `[1]_2` and `[tau]_2` (x.c0, x.c1, y.c0, y.c1), a map of negative powers in G2. Coordinates
//! are plain, not in Montgomery form; the two highest bits of y's last byte are flags: 128 for the larger y, 64 for the identity.

use super::check::check;
use super::{assemble_powers, invalid, G1_BYTES, G2_BYTES, MAX_K};
use crate::engine::Srs;
use crate::error::PotError;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::{Fq, Fq2, G1Affine, G2Affine, G2};
use halo2_axiom::halo2curves::group::cofactor::CofactorGroup;
use halo2_axiom::halo2curves::CurveAffine;

const LENGTH: usize = 8;

fn length(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(bytes.get(..LENGTH)?.try_into().expect("8 bytes"))).ok()
}

/// The parts that are used: powers, and the two points of G2. None where the lengths do not fit each other to the last byte.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let table = |at: usize, entry: usize| length(bytes.get(at..)?)?.checked_mul(entry)?.checked_add(at + LENGTH).filter(|end| *end <= bytes.len());
    let powers = table(0, G1_BYTES)?;
    let hiding = table(powers, LENGTH + G1_BYTES)?;
    let points = hiding.checked_add(2 * G2_BYTES)?;
    let end = table(points, LENGTH + G2_BYTES)?;
    (end == bytes.len() && powers >= LENGTH + 2 * G1_BYTES).then(|| (&bytes[LENGTH..powers], &bytes[hiding..points]))
}

/// Whether the file has this form, by its lengths.
pub fn is(bytes: &[u8]) -> bool {
    parts(bytes).is_some()
}

fn field(bytes: &[u8]) -> Option<Fq> {
    Fq::from_repr_vartime(bytes.try_into().expect("32 bytes"))
}

/// The coordinates of a point whose last byte holds flags.
fn coordinates(bytes: &[u8]) -> Option<Vec<Fq>> {
    let mut plain = bytes.to_vec();
    let last = plain.last_mut()?;
    if *last & 0x40 != 0 {
        return None;
    }
    *last &= 0x7f;
    plain.chunks(32).map(field).collect()
}

fn g1(bytes: &[u8]) -> Option<G1Affine> {
    let c = coordinates(bytes)?;
    Option::from(G1Affine::from_xy(c[0], c[1]))
}

fn g2(bytes: &[u8]) -> Option<G2Affine> {
    let c = coordinates(bytes)?;
    let point: G2Affine = Option::from(G2Affine::from_xy(Fq2::new(c[0], c[1]), Fq2::new(c[2], c[3])))?;
    bool::from(G2::from(point).is_torsion_free()).then_some(point)
}

/// The first 2^k powers, checked, without a Lagrange basis. Errors: `SRS_INVALID` (also powers < 2^k), `SRS_SECRET_KNOWN`.
pub fn from_arkworks(bytes: &[u8], k: u32) -> Result<Srs, PotError> {
    if !(1..=MAX_K).contains(&k) {
        return Err(invalid(format!("k = {k}: supported are 1 to {MAX_K}")));
    }
    let (powers, tail) = parts(bytes).ok_or_else(|| invalid("arkworks: the parts' lengths are not those of KZG10 parameters".into()))?;
    let (n, have) = (1usize << k, powers.len() / G1_BYTES);
    if have < n {
        return Err(invalid(format!("arkworks: the file holds {have} powers, 2^{k} are wanted")));
    }
    let off = || invalid("arkworks: a point is not on its curve, or not in the group".into());
    let g = powers.chunks(G1_BYTES).take(n).map(|b| g1(b).ok_or_else(off)).collect::<Result<Vec<_>, _>>()?;
    let (h, tau_h) = (g2(&tail[..G2_BYTES]).ok_or_else(off)?, g2(&tail[G2_BYTES..]).ok_or_else(off)?);
    if g[0] != G1Affine::generator() || h != G2Affine::generator() {
        return Err(invalid("arkworks: the powers do not start at the generators".into()));
    }
    let srs = assemble_powers(k, g, tau_h);
    check(&srs)?;
    Ok(srs)
}
