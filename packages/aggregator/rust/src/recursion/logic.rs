//! Conditions on cells.

use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell};

/// A witness that is 0 or 1: other values are refused.
pub fn flag(b: &mut Builder, value: Fr) -> Cell {
    let cell = b.witness(value);
    b.assert_bit(cell);
    cell
}

/// `x = y` where `flag` is 1; nothing where it is 0.
pub fn assert_equal_if(b: &mut Builder, flag: Cell, x: Cell, y: Cell) {
    let difference = b.sub(x, y);
    let product = b.mul(flag, difference);
    b.assert_constant(product, Fr::zero());
}

/// `x = 0` where `flag` is 0.
pub fn assert_zero_unless(b: &mut Builder, flag: Cell, x: Cell) {
    let product = b.mul(flag, x);
    b.assert_equal(product, x);
}

/// `flag ? x : y`.
pub fn select(b: &mut Builder, flag: Cell, x: Cell, y: Cell) -> Cell {
    b.select(flag, x, y)
}
