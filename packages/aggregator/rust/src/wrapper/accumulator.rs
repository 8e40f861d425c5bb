//! Two forms of a point in public inputs: halves of 128 bits (an inner circuit's) and limbs of 88 bits (the wrapper's).

use crate::stock::{Cell, Point, BITS};
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_axiom::halo2curves::ff::PrimeField;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::CurveAffine;
use halo2_base::gates::{GateInstructions, RangeChip, RangeInstructions};
use halo2_base::utils::{biguint_to_fe, fe_to_biguint};
use halo2_base::{Context, QuantumCell::Constant};
use num_bigint::BigUint;
use pot_proof_system::error::PotError;

/// Public inputs that hold one point: x low, x high, y low, y high.
pub const POINT_HALVES: usize = 4;
/// Public inputs that hold an accumulator: lhs, then rhs.
pub const HALVES: usize = 2 * POINT_HALVES;
const HALF_BITS: usize = 128;
/// Bits of the second limb in the low half, and in the high one.
const LOW: usize = HALF_BITS - BITS;
const HIGH: usize = BITS - LOW;

/// The public inputs of `point`, which must not be the identity.
pub fn halves(point: &G1Affine) -> [Fr; POINT_HALVES] {
    let mut out = [Fr::zero(); POINT_HALVES];
    for (i, c) in [point.x, point.y].iter().enumerate() {
        let value = BigUint::from_bytes_le(c.to_repr().as_ref());
        out[2 * i] = biguint_to_fe(&(&value & ((BigUint::from(1u32) << HALF_BITS) - 1u32)));
        out[2 * i + 1] = biguint_to_fe(&(value >> HALF_BITS));
    }
    out
}

/// Reads a point. Errors: `WRAPPER_ACCUMULATOR` (halves or coordinates out of range, no point of the curve, the identity).
pub fn point(halves: &[Fr]) -> Result<G1Affine, PotError> {
    let bad = || PotError::new("WRAPPER_ACCUMULATOR", "the inner accumulator is not two points of the curve in canonical halves".into());
    if halves.len() != POINT_HALVES {
        return Err(bad());
    }
    let coordinate = |pair: &[Fr]| {
        let parts: Vec<BigUint> = pair.iter().map(fe_to_biguint).collect();
        let bytes = ((&parts[1] << HALF_BITS) + &parts[0]).to_bytes_le();
        let mut repr = [0; 32];
        let canonical = parts.iter().all(|p| p.bits() <= HALF_BITS as u64) && bytes.len() <= 32;
        canonical.then(|| repr[..bytes.len()].copy_from_slice(&bytes)).and_then(|()| Option::<Fq>::from(Fq::from_repr(repr)))
    };
    let (x, y) = coordinate(&halves[..2]).zip(coordinate(&halves[2..])).ok_or_else(bad)?;
    // halo2curves takes (0, 0) for the identity.
    Option::<G1Affine>::from(G1Affine::from_xy(x, y)).filter(|p| !bool::from(p.is_identity())).ok_or_else(bad)
}

/// The halves of a strict point as cells: one value each, as its limbs are below their bounds and its coordinates canonical.
pub fn assigned_halves(ctx: &mut Context<Fr>, range: &RangeChip<Fr>, point: &Point) -> [Cell; POINT_HALVES] {
    let gate = range.gate();
    let power = |bits: usize| Constant(gate.pow_of_two()[bits]);
    let mut halves = vec![];
    for coordinate in [point.x(), point.y()] {
        let [l0, l1, l2] = coordinate.limbs().try_into().expect("three limbs");
        let value = fe_to_biguint(l1.value());
        let low = ctx.load_witness(biguint_to_fe(&(&value & ((BigUint::from(1u32) << LOW) - 1u32))));
        let high = ctx.load_witness(biguint_to_fe(&(value >> LOW)));
        range.range_check(ctx, low, LOW);
        range.range_check(ctx, high, HIGH);
        let limb = gate.mul_add(ctx, high, power(LOW), low);
        ctx.constrain_equal(&limb, &l1);
        halves.push(gate.mul_add(ctx, low, power(BITS), l0));
        halves.push(gate.mul_add(ctx, l2, power(HIGH), high));
    }
    halves.try_into().expect("two coordinates")
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_axiom::halo2curves::bn256::G1;
    use halo2_axiom::halo2curves::group::Curve;

    #[test]
    fn halves_are_read_back_and_nothing_else_is() {
        let p = (G1::generator() * Fr::from(12345)).to_affine();
        let h = halves(&p);
        assert_eq!(point(&h).expect("a point"), p);
        let code = |h: &[Fr]| point(h).expect_err("refused").code;
        assert_eq!(code(&h[..3]), "WRAPPER_ACCUMULATOR");
        assert_eq!(code(&[Fr::zero(); 4]), "WRAPPER_ACCUMULATOR");
        for i in 0..4 {
            let mut other = h;
            other[i] += Fr::one();
            assert_eq!(code(&other), "WRAPPER_ACCUMULATOR");
        }
        // The same value in halves out of range.
        let two128 = Fr::from_u128(1 << 127).double();
        assert_eq!(code(&[h[0] + two128, h[1] - Fr::one(), h[2], h[3]]), "WRAPPER_ACCUMULATOR");
    }
}
