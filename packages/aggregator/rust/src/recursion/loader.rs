//! snark-verifier's view of the wide chip: its verification logic stays its own.

use super::terms::{Deferred, Terms};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::ff::Field;
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use pot_chip::{Builder, Cell};
use snark_verifier::loader::halo2::{EccInstructions, Halo2Loader, IntegerInstructions};
use std::ops::Deref;
use std::rc::Rc;

/// Native arithmetic.
#[derive(Clone, Debug)]
pub struct Scalars;

/// Points, whose sums are put off.
#[derive(Clone, Debug)]
pub struct WideChip(Scalars);

/// snark-verifier's loader on the wide chip.
pub type Loader = Rc<Halo2Loader<G1Affine, WideChip>>;
pub type LoadedScalar = snark_verifier::loader::halo2::Scalar<G1Affine, WideChip>;
pub type LoadedPoint = snark_verifier::loader::halo2::EcPoint<G1Affine, WideChip>;

/// A loader that records into `builder`.
pub fn loader(builder: Builder) -> Loader {
    Halo2Loader::new(WideChip(Scalars), builder)
}

impl IntegerInstructions<Fr> for Scalars {
    type Context = Builder;
    type AssignedCell = Cell;
    type AssignedInteger = Cell;

    fn assign_integer(&self, b: &mut Builder, v: Fr) -> Cell {
        b.witness(v)
    }

    fn assign_constant(&self, b: &mut Builder, v: Fr) -> Cell {
        b.constant(v)
    }

    fn sum_with_coeff_and_const(&self, b: &mut Builder, values: &[(Fr, impl Deref<Target = Cell>)], constant: Fr) -> Cell {
        let terms: Vec<(Fr, Cell)> = values.iter().map(|(c, v)| (*c, **v)).collect();
        b.linear(&terms, constant)
    }

    fn sum_products_with_coeff_and_const(
        &self,
        b: &mut Builder,
        values: &[(Fr, impl Deref<Target = Cell>, impl Deref<Target = Cell>)],
        constant: Fr,
    ) -> Cell {
        let terms: Vec<(Fr, Cell, Cell)> = values.iter().map(|(c, x, y)| (*c, **x, **y)).collect();
        b.sum_products(&terms, constant)
    }

    fn sub(&self, b: &mut Builder, x: &Cell, y: &Cell) -> Cell {
        b.sub(*x, *y)
    }

    fn neg(&self, b: &mut Builder, x: &Cell) -> Cell {
        b.neg(*x)
    }

    fn invert(&self, b: &mut Builder, x: &Cell) -> Cell {
        b.invert(*x)
    }

    fn assert_equal(&self, b: &mut Builder, x: &Cell, y: &Cell) {
        b.assert_equal(*x, *y);
    }

    /// The exponent's bits from above: square, and multiply where the bit is set.
    fn pow_var(&self, b: &mut Builder, base: &Cell, exponent: &Cell, max_bits: usize) -> Cell {
        let bits = b.bits(*exponent, max_bits);
        let one = b.constant(Fr::ONE);
        bits.into_iter().rev().fold(one, |acc, bit| {
            let square = b.mul(acc, acc);
            let times = b.mul(square, *base);
            b.select(bit, times, square)
        })
    }
}

impl EccInstructions<G1Affine> for WideChip {
    type Context = Builder;
    type ScalarChip = Scalars;
    type AssignedCell = Cell;
    type AssignedScalar = Cell;
    type AssignedEcPoint = Deferred;

    fn scalar_chip(&self) -> &Scalars {
        &self.0
    }

    fn assign_constant(&self, _: &mut Builder, point: G1Affine) -> Deferred {
        Deferred::Constant(point)
    }

    fn assign_point(&self, b: &mut Builder, point: G1Affine) -> Deferred {
        Deferred::Point(Box::new(b.point(point)))
    }

    fn sum_with_const(&self, _: &mut Builder, values: &[impl Deref<Target = Deferred>], constant: G1Affine) -> Deferred {
        let mut sum = Terms::default();
        if !bool::from(constant.is_identity()) {
            sum.fixed.push((None, constant));
        }
        values.iter().for_each(|v| sum.add(v.terms()));
        Deferred::Sum(sum)
    }

    fn fixed_base_msm(&mut self, _: &mut Builder, pairs: &[(impl Deref<Target = Cell>, G1Affine)]) -> Deferred {
        Deferred::Sum(Terms { fixed: pairs.iter().map(|(s, p)| (Some(**s), *p)).collect(), ..Default::default() })
    }

    fn variable_base_msm(&mut self, b: &mut Builder, pairs: &[(impl Deref<Target = Cell>, impl Deref<Target = Deferred>)]) -> Deferred {
        let mut sum = Terms::default();
        for (scalar, point) in pairs {
            sum.add(point.terms().scaled(b, **scalar));
        }
        Deferred::Sum(sum)
    }

    fn assert_equal(&self, b: &mut Builder, x: &Deferred, y: &Deferred) {
        b.assert_same(x.point(), y.point());
    }
}
