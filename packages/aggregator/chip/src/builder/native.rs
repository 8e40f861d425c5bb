//! Arithmetic of the scalar field: `f0 + f1 f2 = f3` over four cells of column F.

use super::Builder;
use crate::cell::{Cell, Place};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

impl Builder {
    /// A constant: one cell for each distinct value.
    pub fn constant(&mut self, v: Fr) -> Cell {
        let constants = &mut self.constants;
        let at = *self.constant_at.entry(v).or_insert_with(|| {
            constants.push(v);
            constants.len() as u32 - 1
        });
        Cell { value: v, place: Place::Constant(at) }
    }

    /// A free cell.
    pub fn witness(&mut self, v: Fr) -> Cell {
        self.native.push(v);
        Cell { value: v, place: Place::Native(self.native.len() as u32 - 1) }
    }

    /// A new cell of F with a cell's value.
    pub(crate) fn copied(&mut self, a: Cell) -> Cell {
        let cell = self.witness(a.value);
        self.copies.push((cell.place, a.place));
        cell
    }

    /// The first cell of a gate: the last cell of F where it is `a`, else a copy.
    pub(crate) fn head(&mut self, a: Cell) {
        let last = Place::Native((self.native.len() as u32).wrapping_sub(1));
        if a.place != last {
            self.copied(a);
        }
        self.flex.push(self.native.len() as u32 - 1);
    }

    /// `a + b c`.
    pub fn mul_add(&mut self, b: Cell, c: Cell, a: Cell) -> Cell {
        self.head(a);
        self.copied(b);
        self.copied(c);
        self.witness(a.value + b.value * c.value)
    }

    /// Requires `a + b c = d`.
    pub(crate) fn assert_mul_add(&mut self, b: Cell, c: Cell, a: Cell, d: Cell) {
        self.head(a);
        self.copied(b);
        self.copied(c);
        self.copied(d);
    }

    /// `a + b`.
    pub fn add(&mut self, a: Cell, b: Cell) -> Cell {
        let one = self.constant(Fr::ONE);
        self.mul_add(one, b, a)
    }

    /// `a - b`.
    pub fn sub(&mut self, a: Cell, b: Cell) -> Cell {
        let minus = self.constant(-Fr::ONE);
        self.mul_add(minus, b, a)
    }

    /// `a b`.
    pub fn mul(&mut self, a: Cell, b: Cell) -> Cell {
        let zero = self.constant(Fr::ZERO);
        self.mul_add(a, b, zero)
    }

    /// `-a`.
    pub fn neg(&mut self, a: Cell) -> Cell {
        let zero = self.constant(Fr::ZERO);
        self.sub(zero, a)
    }

    /// `constant + sum_i k_i x_i`: three cells a term.
    pub fn linear(&mut self, terms: &[(Fr, Cell)], constant: Fr) -> Cell {
        let mut acc = self.constant(constant);
        for (k, x) in terms {
            if *k == Fr::ONE && acc.value == Fr::ZERO && matches!(acc.place, Place::Constant(_)) {
                acc = *x;
                continue;
            }
            let k = self.constant(*k);
            acc = self.mul_add(k, *x, acc);
        }
        acc
    }

    /// `constant + sum_i k_i a_i b_i`: three cells a term with k = 1, seven with another.
    pub fn sum_products(&mut self, terms: &[(Fr, Cell, Cell)], constant: Fr) -> Cell {
        // Scaled factors first, so that the sum's gates overlap.
        let scaled: Vec<Cell> = terms
            .iter()
            .map(|(k, a, _)| match *k == Fr::ONE {
                true => *a,
                false => {
                    let k = self.constant(*k);
                    self.mul(k, *a)
                }
            })
            .collect();
        let start = self.constant(constant);
        terms.iter().zip(scaled).fold(start, |acc, ((_, _, b), a)| self.mul_add(a, *b, acc))
    }

    /// `1 / a`, which requires that a is not 0.
    pub fn invert(&mut self, a: Cell) -> Cell {
        let inverse = Option::from(a.value.invert()).unwrap_or_else(|| {
            self.refuse("CHIP_ZERO", "the inverse of 0 is asked for".into());
            Fr::ZERO
        });
        let (zero, one) = (self.constant(Fr::ZERO), self.constant(Fr::ONE));
        self.head(zero);
        self.copied(a);
        let out = self.witness(inverse);
        self.copied(one);
        out
    }

    /// 1 where a is 0, else 0.
    pub fn is_zero(&mut self, a: Cell) -> Cell {
        let (zero, one) = (self.constant(Fr::ZERO), self.constant(Fr::ONE));
        // bit + a w = 1 and a bit = 0: a = 0 leaves bit = 1, any other a leaves bit = 0.
        let bit = self.witness(if a.value.is_zero_vartime() { Fr::ONE } else { Fr::ZERO });
        self.head(bit);
        self.copied(a);
        self.witness(a.value.invert().unwrap_or(Fr::ZERO));
        self.copied(one);
        self.assert_mul_add(a, bit, zero, zero);
        bit
    }

    /// `bit ? a : b`, for a bit known to be 0 or 1.
    pub fn select(&mut self, bit: Cell, a: Cell, b: Cell) -> Cell {
        let difference = self.sub(a, b);
        self.mul_add(bit, difference, b)
    }

    /// Requires 0 or 1.
    pub fn assert_bit(&mut self, a: Cell) {
        if a.value != Fr::ZERO && a.value != Fr::ONE {
            self.refuse("CHIP_RANGE", "a bit is neither 0 nor 1".into());
        }
        let zero = self.constant(Fr::ZERO);
        self.assert_mul_add(a, a, zero, a);
    }

    /// Requires equal values.
    pub fn assert_equal(&mut self, a: Cell, b: Cell) {
        if a.value != b.value {
            self.refuse("CHIP_UNEQUAL", "two cells that must be equal are not".into());
        }
        self.copies.push((a.place, b.place));
    }

    /// Requires the value v.
    pub fn assert_constant(&mut self, a: Cell, v: Fr) {
        let v = self.constant(v);
        self.assert_equal(a, v);
    }
}
