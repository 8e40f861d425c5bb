//! Assigned points: strict forms.

use super::{Ecc, Point};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_base::gates::GateInstructions;
use halo2_base::Context;
use halo2_ecc::fields::FieldChip;

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
