//! Powers of tau in 32 bytes each: the form in which a ceremony's string travels with this library.

use super::check::check;
use super::{assemble_powers, invalid, MAX_K};
use crate::engine::Srs;
use crate::error::PotError;
use halo2_axiom::arithmetic::parallelize;
use halo2_axiom::halo2curves::bn256::{Fq, G1Affine, G2Affine, G2};
use halo2_axiom::halo2curves::group::cofactor::CofactorGroup;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::group::GroupEncoding;
use halo2_axiom::halo2curves::CurveAffine;

const G1_COMPRESSED: usize = 32;
const G2_COMPRESSED: usize = 64;

fn generator() -> <G1Affine as GroupEncoding>::Repr {
    G1Affine::generator().to_bytes()
}

/// Whether it begins as compressed powers do, and has their length.
pub fn is(bytes: &[u8]) -> bool {
    bytes.len() % G1_COMPRESSED == 0 && bytes.len() >= 2 * G1_COMPRESSED + G2_COMPRESSED && bytes.starts_with(generator().as_ref())
}

/// Whether all coordinates are smaller than the modulus: halo2curves's reader of G2 panics where one is not. Bit 254 of
/// the last is the parity of y; bit 255, for the identity, is not used.
fn is_canonical(point: &[u8]) -> bool {
    let mut plain = point.to_vec();
    plain.last_mut().into_iter().for_each(|b| *b &= 0xbf);
    plain.chunks(32).all(|c| bool::from(Fq::from_bytes(c.try_into().expect("32 bytes")).is_some()))
}

/// The first 2^k of compressed powers, checked: 32 bytes for each `[tau^i]_1` (x little-endian, the parity of y in bit 254), then
/// 64 for `[tau]_2` in the same way. Without a Lagrange basis: [`super::cut`] gives one.
///
/// Errors: `SRS_INVALID` (also powers < 2^k), `SRS_SECRET_KNOWN`.
pub fn from_compressed(bytes: &[u8], k: u32) -> Result<Srs, PotError> {
    if !(1..=MAX_K).contains(&k) {
        return Err(invalid(format!("k = {k}: supported are 1 to {MAX_K}")));
    }
    if !is(bytes) {
        return Err(invalid("compressed powers: they begin with the generator, 32 bytes a power, and end with 64 for [tau]_2".into()));
    }
    let (powers, tail) = bytes.split_at(bytes.len() - G2_COMPRESSED);
    let (n, have) = (1usize << k, powers.len() / G1_COMPRESSED);
    if have < n {
        return Err(invalid(format!("compressed powers: there are {have}, 2^{k} are wanted")));
    }
    let mut g: Vec<Option<G1Affine>> = vec![None; n];
    parallelize(&mut g, |points, start| {
        for (i, point) in points.iter_mut().enumerate() {
            let (mut repr, power) = (generator(), &powers[(start + i) * G1_COMPRESSED..][..G1_COMPRESSED]);
            repr.as_mut().copy_from_slice(power);
            *point = is_canonical(power).then(|| Option::from(G1Affine::from_bytes(&repr))).flatten();
        }
    });
    let off = || invalid("compressed powers: a point is not on its curve, or not in the group".into());
    let g = g.into_iter().collect::<Option<Vec<_>>>().ok_or_else(off)?;
    let mut repr = G2Affine::generator().to_bytes();
    repr.as_mut().copy_from_slice(tail);
    let tau_h: Option<G2Affine> = is_canonical(tail).then(|| Option::from(G2Affine::from_bytes(&repr))).flatten();
    let tau_h = tau_h.filter(|p| bool::from(p.is_on_curve()) && bool::from(G2::from(*p).is_torsion_free())).ok_or_else(off)?;
    if bool::from(tau_h.is_identity()) {
        return Err(invalid("compressed powers: [tau]_2 is the identity".into()));
    }
    let srs = assemble_powers(k, g, tau_h);
    check(&srs)?;
    Ok(srs)
}
