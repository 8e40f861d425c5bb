//! Assigned points: strict forms, equality, and the digest of a group of columns.

use crate::poseidon::hash_chain;
use crate::{Cell, Ecc, Point, BITS};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_base::gates::{GateInstructions, RangeChip, RangeInstructions};
use halo2_base::utils::{biguint_to_fe, fe_to_biguint};
use halo2_base::{Context, QuantumCell::Constant};
use halo2_ecc::fields::FieldChip;
use pot_halo2::digest::{layout_elements, ELEMENT_BYTES};

/// Bits of x in its compressed form's first 31 bytes that the third limb holds.
const LOW: usize = 8 * ELEMENT_BYTES - 2 * BITS;
/// Bits of x in the last byte.
const HIGH: usize = 6;

/// One representation a point, and not the identity: both coordinates below the modulus, y not 0.
///
/// The chip's own assignment has made sure of a point on the curve *or* (0, 0), of coordinates below 2^254. No point of the
/// curve has y = 0 (its order is odd and prime); one whose y is the scalar field's modulus would be refused too.
pub fn check_strict(ctx: &mut Context<Fr>, ecc: &Ecc<'_>, point: &Point) {
    let fp = ecc.field_chip();
    fp.enforce_less_than_p(ctx, point.x().clone());
    fp.enforce_less_than_p(ctx, point.y().clone());
    let zero = fp.gate().is_zero(ctx, *point.y().native());
    fp.gate().assert_is_const(ctx, &zero, &Fr::zero());
}

/// Equal limbs. Both points are strict.
pub fn assert_same(ctx: &mut Context<Fr>, a: &[Point], b: &[Point]) {
    assert_eq!(a.len(), b.len(), "one layout");
    let limbs = |p: &Point| [p.x().limbs(), p.y().limbs()].concat();
    for (l, r) in a.iter().flat_map(limbs).zip(b.iter().flat_map(limbs)) {
        ctx.constrain_equal(&l, &r);
    }
}

/// `pot_halo2::digest::column_group` of strict points.
pub fn column_group(ctx: &mut Context<Fr>, range: &RangeChip<Fr>, domain: u64, layout: &[u64], points: &[Point]) -> Cell {
    let gate = range.gate();
    let power = |bits: usize| Constant(gate.pow_of_two()[bits]);
    let mut elements: Vec<Cell> = layout_elements(layout).into_iter().map(|v| ctx.load_constant(v)).collect();
    let mut last = vec![];
    for point in points {
        let [l0, l1, l2] = point.x().limbs().try_into().expect("three limbs");
        let value = fe_to_biguint(l2.value());
        let low = ctx.load_witness(biguint_to_fe(&(&value & ((num(1) << LOW) - 1u32))));
        let high = ctx.load_witness(biguint_to_fe(&(value >> LOW)));
        range.range_check(ctx, low, LOW);
        range.range_check(ctx, high, HIGH);
        let limb = gate.mul_add(ctx, high, power(LOW), low);
        ctx.constrain_equal(&limb, &l2);
        elements.push(gate.inner_product(ctx, [l0, l1, low], [Constant(Fr::one()), power(BITS), power(2 * BITS)]));
        // y's sign in halo2's compressed form is its lowest bit.
        let sign = range.get_last_bit(ctx, point.y().limbs()[0], BITS);
        last.push(gate.mul_add(ctx, sign, power(HIGH), high));
    }
    for bytes in last.chunks(ELEMENT_BYTES) {
        let weights: Vec<_> = (0..bytes.len()).map(|i| power(8 * i)).collect();
        elements.push(gate.inner_product(ctx, bytes.iter().copied(), weights));
    }
    hash_chain(ctx, gate, domain, &elements)
}

fn num(v: u32) -> num_bigint::BigUint {
    v.into()
}
