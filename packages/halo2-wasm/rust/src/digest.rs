//! Digest of a group of columns: Poseidon over the layout's numbers and the commitments' coordinates.

use crate::error::PotError;
use crate::poseidon::hash_chain;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_axiom::halo2curves::group::{prime::PrimeCurveAffine, GroupEncoding};
use halo2_axiom::halo2curves::CurveAffine;

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

/// A coordinate as (low 128 bits, high 126 bits): it may be larger than the scalar field's modulus.
fn split(v: Fq) -> [Fr; 2] {
    let repr = v.to_repr();
    let bytes: &[u8] = repr.as_ref();
    let half = |b: &[u8]| Fr::from_u128(u128::from_le_bytes(b.try_into().expect("16 bytes")));
    [half(&bytes[..16]), half(&bytes[16..])]
}

/// `hash_chain(domain, layout ++ [x low, x high, y low, y high] of each point)`; `points` compressed, in column order.
///
/// The chain absorbs its length, and `layout` is of a length that the domain and its own numbers fix.
/// Errors: `POINT_INVALID`.
pub fn column_group(domain: u64, layout: &[u64], points: &[u8]) -> Result<Fr, PotError> {
    let mut inputs: Vec<Fr> = layout.iter().map(|v| Fr::from(*v)).collect();
    for p in parse_points(points)? {
        let c = p.coordinates().expect("checked not to be the identity");
        inputs.extend([*c.x(), *c.y()].into_iter().flat_map(split));
    }
    Ok(hash_chain(domain, &inputs))
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
    fn is_the_chain_over_split_coordinates() {
        // The generator is (1, 2).
        let want = hash_chain(9, &[7, 8, 1, 0, 2, 0].map(Fr::from));
        assert_eq!(column_group(9, &[7, 8], &compressed(1)).expect("a point"), want);
    }

    #[test]
    fn split_parts_recompose() {
        let [low, high] = split(-Fq::from(5));
        let two128 = ff::Field::pow_vartime(&Fq::from(2), [128]);
        let lift = |v: Fr| Fq::from_repr(<[u8; 32]>::try_from(v.to_repr().as_ref()).expect("32")).expect("small");
        assert_eq!(lift(low) + lift(high) * two128, -Fq::from(5));
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
        // x = 4: 67 is not a square in the field.
        let off: Vec<u8> = (4u8..40)
            .map(|x| {
                let mut v = vec![0u8; 32];
                v[0] = x;
                v
            })
            .filter(|v| parse_points(v).is_err())
            .flatten()
            .collect();
        assert!(off.len() >= 32 && code(&off[..32]) == "POINT_INVALID");
        // The identity's flag on a point that is not the identity.
        let mut flagged = compressed(2);
        flagged[31] |= 0x80;
        assert_eq!(code(&flagged), "POINT_INVALID");
    }
}
