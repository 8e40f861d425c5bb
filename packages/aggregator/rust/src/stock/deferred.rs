//! The stock curve chip with its multi-scalar multiplications put off, so that one of them serves all windows.
//!
//! snark-verifier computes one sum a window, then accumulates the results, which multiplies each of them once more. What is left
//! to check of a proof is linear in the proof's points, so the packing's powers can go into the scalars instead: fixed points
//! (the window circuit's key, the same for all windows) are then multiplied once, whatever the number of windows, and
//! no result is multiplied again.

use super::{Cell, Ecc, Point};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_base::gates::flex_gate::threads::SinglePhaseCoreManager;
use halo2_base::gates::{GateChip, GateInstructions, RangeInstructions};
use halo2_ecc::fields::FieldChip;
use snark_verifier::loader::halo2::EccInstructions;
use snark_verifier::system::halo2::transcript::halo2::NativeEncoding;
use std::ops::Deref;

/// Bits of a scalar.
const SCALAR_BITS: usize = 254;

/// A point, or the terms of a sum that is still to compute.
// Nearly all are points: a box would cost each of them an allocation.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Deferred {
    Point(Point),
    Sum(Terms),
}

/// `sum plain + sum scalar * variable + sum scalar * fixed`.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub plain: Vec<Point>,
    pub variable: Vec<(Cell, Point)>,
    pub fixed: Vec<(Cell, G1Affine)>,
}

impl Deferred {
    /// The point that a transcript read.
    pub fn point(&self) -> &Point {
        match self {
            Self::Point(p) => p,
            Self::Sum(_) => panic!("a sum is not a point of a proof"),
        }
    }

    fn terms(&self) -> Terms {
        match self {
            Self::Point(p) => Terms { plain: vec![p.clone()], ..Default::default() },
            Self::Sum(t) => t.clone(),
        }
    }
}

impl Terms {
    fn add(&mut self, other: Terms) {
        self.plain.extend(other.plain);
        self.variable.extend(other.variable);
        self.fixed.extend(other.fixed);
    }
}

/// The chip that snark-verifier's loader sees.
#[derive(Clone, Debug)]
pub struct DeferringChip<'a>(pub Ecc<'a>);

impl EccInstructions<G1Affine> for DeferringChip<'_> {
    type Context = SinglePhaseCoreManager<Fr>;
    type ScalarChip = GateChip<Fr>;
    type AssignedCell = Cell;
    type AssignedScalar = Cell;
    type AssignedEcPoint = Deferred;

    fn scalar_chip(&self) -> &GateChip<Fr> {
        self.0.field_chip().range().gate()
    }

    fn assign_constant(&self, ctx: &mut Self::Context, point: G1Affine) -> Deferred {
        Deferred::Point(self.0.assign_constant_point(ctx.main(), point))
    }

    fn assign_point(&self, ctx: &mut Self::Context, point: G1Affine) -> Deferred {
        Deferred::Point(self.0.assign_point(ctx.main(), point))
    }

    fn sum_with_const(&self, ctx: &mut Self::Context, values: &[impl Deref<Target = Deferred>], constant: G1Affine) -> Deferred {
        let mut sum = Terms::default();
        if !bool::from(constant.is_identity()) {
            sum.plain.push(self.0.assign_constant_point(ctx.main(), constant));
        }
        values.iter().for_each(|v| sum.add(v.terms()));
        Deferred::Sum(sum)
    }

    fn fixed_base_msm(&mut self, _: &mut Self::Context, pairs: &[(impl Deref<Target = Cell>, G1Affine)]) -> Deferred {
        Deferred::Sum(Terms { fixed: pairs.iter().map(|(s, p)| (**s, *p)).collect(), ..Default::default() })
    }

    fn variable_base_msm(&mut self, _: &mut Self::Context, pairs: &[(impl Deref<Target = Cell>, impl Deref<Target = Deferred>)]) -> Deferred {
        Deferred::Sum(Terms { variable: pairs.iter().map(|(s, p)| (**s, p.point().clone())).collect(), ..Default::default() })
    }

    fn assert_equal(&self, ctx: &mut Self::Context, a: &Deferred, b: &Deferred) {
        self.0.assert_equal(ctx.main(), a.point().clone(), b.point().clone());
    }
}

impl NativeEncoding<G1Affine> for DeferringChip<'_> {
    fn encode(&self, _: &mut Self::Context, point: &Deferred) -> Result<Vec<Cell>, snark_verifier::Error> {
        let p = point.point();
        Ok(vec![*p.x().native(), *p.y().native()])
    }
}

/// `sum r^i sums[i]`, computed at last.
pub fn combine(pool: &mut SinglePhaseCoreManager<Fr>, ecc: &Ecc<'_>, r: Cell, sums: &[Deferred]) -> Point {
    let gate = ecc.field_chip().gate();
    let mut all = Terms::default();
    let mut power: Option<Cell> = None;
    for sum in sums {
        let terms = sum.terms();
        match power {
            None => all.add(terms),
            Some(power) => {
                let ctx = pool.main();
                all.variable.extend(terms.plain.into_iter().map(|p| (power, p)));
                all.variable.extend(terms.variable.into_iter().map(|(s, p)| (gate.mul(ctx, s, power), p)));
                all.fixed.extend(terms.fixed.into_iter().map(|(s, p)| (gate.mul(ctx, s, power), p)));
            }
        }
        power = Some(match power {
            None => r,
            Some(p) => gate.mul(pool.main(), p, r),
        });
    }
    // One term a fixed point. The stock chip's own sum of fixed points costs half as much again as one of variable points:
    // it has no doublings to save here, as the variable points need them anyway.
    let mut fixed: Vec<(G1Affine, Vec<Cell>)> = vec![];
    for (scalar, point) in all.fixed {
        match fixed.iter_mut().find(|(p, _)| *p == point) {
            Some((_, scalars)) => scalars.push(scalar),
            None if bool::from(point.is_identity()) => {}
            None => fixed.push((point, vec![scalar])),
        }
    }
    let ctx = pool.main();
    all.variable.extend(fixed.into_iter().map(|(p, s)| (gate.sum(ctx, s), ecc.assign_constant_point(ctx, p))));
    let mut points = all.plain;
    if !all.variable.is_empty() {
        let (scalars, bases): (Vec<_>, Vec<_>) = all.variable.into_iter().map(|(s, p)| (vec![s], p)).unzip();
        points.push(ecc.variable_base_msm::<G1Affine>(pool, &bases, scalars, SCALAR_BITS));
    }
    if points.len() == 1 {
        return points.remove(0);
    }
    ecc.sum::<G1Affine>(pool.main(), points)
}
