//! Digest of a group of columns: Poseidon over the layout's numbers and the compressed commitments.

use crate::error::PotError;
use crate::poseidon::hash_chain;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_axiom::halo2curves::group::{prime::PrimeCurveAffine, GroupEncoding};

/// Bytes of a compressed commitment, as halo2 writes it: x little-endian, the sign of y in bit 6 of the last byte,
/// the identity in bit 7.
pub const POINT_BYTES: usize = 32;

/// Reads concatenated compressed points. Errors: `POINT_INVALID` (length, no point of the curve, not canonical, identity).
pub fn parse_points(bytes: &[u8]) -> Result<Vec<G1Affine>, PotError> {
    let bad = |m: String| PotError::new("POINT_INVALID", m);
    let chunks = bytes.chunks_exact(POINT_BYTES);
    if !chunks.remainder().is_empty() {
        return Err(bad(format!("{} bytes of commitments are not a multiple of {POINT_BYTES}", bytes.len())));
    }
    chunks
        .enumerate()
        .map(|(i, chunk)| {
            let mut repr = <G1Affine as GroupEncoding>::Repr::default();
            repr.as_mut().copy_from_slice(chunk);
            let point: Option<G1Affine> = G1Affine::from_bytes(&repr).into();
            let point = point.ok_or_else(|| bad(format!("commitment {i} is not a point of the curve")))?;
            // One point, one encoding: otherwise two proofs with the same digest could differ in bytes.
            if bool::from(point.is_identity()) || point.to_bytes().as_ref() != chunk {
                return Err(bad(format!("commitment {i} is the identity or not in its canonical form")));
            }
            Ok(point)
        })
        .collect()
}

/// Bytes of a field element that may hold anything.
pub const ELEMENT_BYTES: usize = 31;

fn element(bytes: &[u8]) -> Fr {
    let mut repr = [0; 32];
    repr[..bytes.len()].copy_from_slice(bytes);
    Fr::from_repr(repr).expect("at most 31 bytes are below the modulus")
}

/// One encoding a point: x below the base field's modulus, and not the identity. Whether there is such a point is for
/// whoever reads it. Errors: `POINT_INVALID`.
fn check_encoding(points: &[u8]) -> Result<(), PotError> {
    let bad = |m: String| PotError::new("POINT_INVALID", m);
    if points.len() % POINT_BYTES != 0 {
        return Err(bad(format!("{} bytes of commitments are not a multiple of {POINT_BYTES}", points.len())));
    }
    for (i, chunk) in points.chunks_exact(POINT_BYTES).enumerate() {
        let mut x: [u8; POINT_BYTES] = chunk.try_into().expect("32 bytes");
        x[31] &= 0x3f;
        if chunk[31] >> 7 != 0 || bool::from(Fq::from_repr(x).is_none()) {
            return Err(bad(format!("commitment {i} is the identity or not in its canonical form")));
        }
    }
    Ok(())
}

/// `hash_chain(domain, layout ++ points)`: three 64-bit numbers of the layout an element, the low 31 bytes of each
/// compressed point an element, then the points' last bytes, 31 an element. All little-endian.
///
/// The chain absorbs its length. `layout` must be of a length that the domain and its own first numbers fix: padding of its
/// last element with zeros is then no other layout.
/// Errors: `POINT_INVALID`.
pub fn column_group(domain: u64, layout: &[u64], points: &[u8]) -> Result<Fr, PotError> {
    check_encoding(points)?;
    let last: Vec<u8> = points.chunks_exact(POINT_BYTES).map(|p| p[POINT_BYTES - 1]).collect();
    let elements = points.chunks_exact(POINT_BYTES).map(|p| &p[..ELEMENT_BYTES]).chain(last.chunks(ELEMENT_BYTES)).map(element);
    Ok(hash_chain(domain, &layout_elements(layout).into_iter().chain(elements).collect::<Vec<_>>()))
}

/// The elements that the layout's numbers make: constants of a circuit that computes [`column_group`].
pub fn layout_elements(layout: &[u64]) -> Vec<Fr> {
    let numbers: Vec<u8> = layout.iter().flat_map(|v| v.to_le_bytes()).collect();
    numbers.chunks(24).map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_axiom::halo2curves::bn256::G1;
    use halo2_axiom::halo2curves::group::Curve;

    fn compressed(k: u64) -> Vec<u8> {
        (G1::generator() * Fr::from(k)).to_affine().to_bytes().as_ref().to_vec()
    }

    #[test]
    fn is_the_chain_over_numbers_points_and_last_bytes() {
        // The generator is (1, 2), and y is even; -1 is (1, -2), whose sign is bit 6.
        let minus = (-G1::generator()).to_affine().to_bytes().as_ref().to_vec();
        let points = [compressed(1), minus].concat();
        let packed = Fr::from_u128(7 + (8 << 64)) + Fr::from(9) * Fr::from_u128(1 << 127).double();
        let want = hash_chain(5, &[packed, Fr::from(10), Fr::from(1), Fr::from(1), Fr::from(0x40 << 8)]);
        assert_eq!(column_group(5, &[7, 8, 9, 10], &points).expect("points"), want);
    }

    #[test]
    fn depends_on_domain_layout_order_and_every_point() {
        let (a, b) = (compressed(3), compressed(4));
        let ab = [a.clone(), b.clone()].concat();
        let base = column_group(1, &[5], &ab).expect("points");
        assert_ne!(column_group(2, &[5], &ab).expect("points"), base);
        assert_ne!(column_group(1, &[6], &ab).expect("points"), base);
        assert_ne!(column_group(1, &[5], &[b, a.clone()].concat()).expect("points"), base);
        assert_ne!(column_group(1, &[5], &a).expect("points"), base);
    }

    #[test]
    fn refuses_what_is_no_commitment() {
        let code = |bytes: &[u8]| column_group(1, &[], bytes).expect_err("refused").code;
        let mut identity = [0u8; 32];
        identity[31] = 0x80;
        assert_eq!(code(&identity), "POINT_INVALID");
        assert_eq!(code(&[0xff; 32]), "POINT_INVALID");
        assert_eq!(code(&compressed(1)[..31]), "POINT_INVALID");
        // The identity's flag on a point that is not the identity.
        let mut flagged = compressed(2);
        flagged[31] |= 0x80;
        assert_eq!(code(&flagged), "POINT_INVALID");
        // x + q, where that has no more than 254 bits.
        let small = (1..99).map(compressed).find(|p| p[31] & 0x3f < 0x0f).expect("a small x");
        let modulus = (-Fq::one()).to_repr();
        let mut carry = 1u16;
        let mut other = small.clone();
        for (o, m) in other.iter_mut().zip(modulus.as_ref()) {
            carry += u16::from(*o) + u16::from(*m);
            *o = carry as u8;
            carry >>= 8;
        }
        assert_eq!(code(&other), "POINT_INVALID");
        assert_eq!(parse_points(&other).expect_err("refused").code, "POINT_INVALID");
    }

    #[test]
    fn parsing_refuses_what_is_not_on_the_curve() {
        let lonely: Vec<[u8; 32]> = (4u8..40)
            .map(|x| {
                let mut v = [0u8; 32];
                v[0] = x;
                v
            })
            .filter(|v| parse_points(v).is_err())
            .collect();
        assert!(!lonely.is_empty());
        assert!(lonely.iter().all(|v| parse_points(v).expect_err("refused").code == "POINT_INVALID"));
    }
}
