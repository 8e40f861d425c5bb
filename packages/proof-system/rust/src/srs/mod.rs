//! The structured reference string: powers of a secret tau in G1, in monomial and Lagrange basis, and tau in G2.

mod arkworks;
mod check;
mod compressed;
mod development;
mod known;
mod lagrange;
mod ptau;

pub use check::check;
pub use compressed::from_compressed;
pub use development::development;
pub use lagrange::lagrange;
pub use ptau::from_ptau;

use crate::engine::Srs;
use crate::error::PotError;
use halo2_axiom::halo2curves::bn256::{G1Affine, G2Affine, G2};
use halo2_axiom::halo2curves::group::cofactor::CofactorGroup;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::halo2curves::CurveAffine;
use halo2_axiom::poly::commitment::{Params, ParamsProver};
use halo2_axiom::SerdeFormat;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Largest supported string: 2^22 points, for the on-chain wrapper. Windows need far fewer.
pub const MAX_K: u32 = 22;
pub(crate) const G1_BYTES: usize = 64;
pub(crate) const G2_BYTES: usize = 128;

/// What an SRS is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    pub k: u32,
    /// SHA-256 of `G, tau G, H, tau H`: the same for every cut of one ceremony's string.
    pub hash: String,
    /// Whether this is the public, insecure development SRS. Decided by comparison, never by a flag.
    pub development: bool,
}

fn invalid(m: String) -> PotError {
    PotError::new("SRS_INVALID", m)
}

/// Assembles an SRS; `None` computes the Lagrange basis.
pub(crate) fn assemble(k: u32, g: Vec<G1Affine>, basis: Option<Vec<G1Affine>>, s_g2: G2Affine) -> Srs {
    let basis = basis.unwrap_or_else(|| lagrange(&g));
    Srs::new(1).from_parts(k, g, Some(basis), G2Affine::generator(), s_g2)
}

/// Assembles an SRS of powers alone: verifies and derives keys, and commits slowly.
fn assemble_powers(k: u32, g: Vec<G1Affine>, s_g2: G2Affine) -> Srs {
    assemble(k, g, Some(vec![]), s_g2)
}

/// Whether an SRS has its Lagrange basis, which proving takes.
pub fn has_basis(srs: &Srs) -> bool {
    !srs.get_lagrange().is_empty()
}

/// `k` as 4 bytes, then points as 64-byte (G1) and 128-byte (G2) raw coordinates: halo2's `RawBytes`, or the same without the
/// Lagrange basis.
pub fn to_bytes(srs: &Srs) -> Vec<u8> {
    let mut out = vec![];
    srs.write_custom(&mut out, SerdeFormat::RawBytes).expect("writing to memory does not fail");
    out
}

/// Reads an SRS, with or without a Lagrange basis: every point canonical and on its curve.
/// Errors: `SRS_INVALID`; `SRS_SECRET_KNOWN` (see [`check`]).
///
/// That the points are powers of one tau is checked on import (`from_ptau`) and by [`inspect`], which a verifier calls.
pub fn from_bytes(bytes: &[u8]) -> Result<Srs, PotError> {
    let k = bytes.get(..4).map(|b| u32::from_le_bytes(b.try_into().expect("4 bytes"))).filter(|k| (1..=MAX_K).contains(k));
    let Some(k) = k else { return Err(invalid("not a reference string".into())) };
    let size = |points: usize| 4 + points * G1_BYTES + 2 * G2_BYTES;
    let (alone, full) = (size(1 << k), size(2 << k));
    if bytes.len() != full && bytes.len() != alone {
        return Err(invalid(format!(
            "a reference string of 2^{k} points has {full} bytes, or {alone} without its Lagrange basis, this one {}",
            bytes.len()
        )));
    }
    // halo2's own reader does not check that points lie on their curves.
    let off = || invalid("a point of the reference string is not on its curve".into());
    let g1 = |b: &[u8]| G1Affine::from_raw_bytes(b).filter(|p| p.is_on_curve().into()).ok_or_else(off);
    let g2 = |b: &[u8]| G2Affine::from_raw_bytes(b).filter(|p| p.is_on_curve().into()).ok_or_else(off);
    let (points, tail) = bytes[4..].split_at(bytes.len() - 4 - 2 * G2_BYTES);
    let mut g: Vec<G1Affine> = points.chunks(G1_BYTES).map(g1).collect::<Result<_, _>>()?;
    let basis = g.split_off(1 << k);
    let (h, tau_h) = (g2(&tail[..G2_BYTES])?, g2(&tail[G2_BYTES..])?);
    let outside = bool::from(tau_h.is_identity()) || !bool::from(G2::from(tau_h).is_torsion_free());
    if g[0] != G1Affine::generator() || h != G2Affine::generator() || outside {
        return Err(invalid("the reference string does not start at the groups' generators".into()));
    }
    known::refuse(&g[1], &tau_h)?;
    Ok(assemble(k, g, Some(basis), tau_h))
}

fn enough(srs: &Srs, k: u32) -> Result<(), PotError> {
    if k > srs.k() {
        return Err(PotError::new("SRS_TOO_SMALL", format!("2^{k} points are needed, the reference string has 2^{}", srs.k())));
    }
    Ok(())
}

/// The SRS of the first 2^k powers with its Lagrange basis, which is computed where the SRS has none of this size
/// (`lagrange`; quicker for the development SRS). Errors: `SRS_TOO_SMALL`.
pub fn cut(srs: &Srs, k: u32) -> Result<Srs, PotError> {
    enough(srs, k)?;
    if k == srs.k() && has_basis(srs) {
        return Ok(srs.clone());
    }
    if srs.s_g2() == development::tau_g2() {
        return development(k);
    }
    Ok(assemble(k, srs.get_g()[..1 << k].to_vec(), None, srs.s_g2()))
}

/// The first 2^k powers without a Lagrange basis: all that verification takes, in no time. Errors: `SRS_TOO_SMALL`.
pub fn powers_alone(srs: &Srs, k: u32) -> Result<Srs, PotError> {
    enough(srs, k)?;
    Ok(assemble_powers(k, srs.get_g()[..1 << k].to_vec(), srs.s_g2()))
}

/// Imports the first 2^k powers of a file, checked; what it is its content says: a `.ptau` file ([`from_ptau`]), arkworks's KZG10
/// parameters (`arkworks`), or compressed powers ([`from_compressed`]).
pub fn import(bytes: &[u8], k: u32) -> Result<Srs, PotError> {
    if bytes.starts_with(b"ptau") {
        return from_ptau(bytes, k);
    }
    if arkworks::is(bytes) {
        return arkworks::from_arkworks(bytes, k);
    }
    if compressed::is(bytes) {
        return from_compressed(bytes, k);
    }
    Err(invalid("not a powers-of-tau file: neither .ptau, nor arkworks's KZG10 parameters, nor compressed powers".into()))
}

/// Describes an SRS.
pub fn info(srs: &Srs) -> Info {
    let mut h = Sha256::new();
    h.update(b"proof-of-training/srs/v1");
    for p in &srs.get_g()[..2] {
        h.update(p.to_raw_bytes());
    }
    for p in [srs.g2(), srs.s_g2()] {
        h.update(p.to_raw_bytes());
    }
    Info { k: srs.k(), hash: hex::encode(h.finalize()), development: srs.s_g2() == development::tau_g2() }
}

/// Reads, checks ([`check`]) and describes an SRS. The hash alone names the ceremony; with the check it names
/// every point. Errors: `SRS_INVALID`.
pub fn inspect(bytes: &[u8]) -> Result<Info, PotError> {
    let srs = from_bytes(bytes)?;
    check(&srs)?;
    Ok(info(&srs))
}

#[cfg(test)]
mod tests;
