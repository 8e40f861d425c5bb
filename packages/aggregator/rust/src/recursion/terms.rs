//! Points whose multiplications are put off: what is left to check of all proofs is one sum.
//!
//! What is left to check of a proof is linear in its points, so the packing's powers go into the scalars: every fixed point
//! is multiplied once for all windows, and no result is multiplied again.

use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::{Builder, Cell, Point};

/// A point, or the terms of a sum that is still to compute.
#[derive(Clone, Debug)]
pub enum Deferred {
    Point(Box<Point>),
    /// A point that the circuit fixes.
    Constant(G1Affine),
    Sum(Terms),
}

/// `sum scalar * variable + sum scalar * fixed`; no scalar stands for 1.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub variable: Vec<(Option<Cell>, Point)>,
    pub fixed: Vec<(Option<Cell>, G1Affine)>,
}

impl Deferred {
    /// The point that a transcript read.
    pub fn point(&self) -> &Point {
        match self {
            Self::Point(p) => p,
            _ => panic!("not a point of a proof"),
        }
    }

    pub fn terms(&self) -> Terms {
        match self {
            Self::Point(p) => Terms { variable: vec![(None, (**p).clone())], fixed: vec![] },
            Self::Constant(p) => Terms { variable: vec![], fixed: vec![(None, *p)] },
            Self::Sum(t) => t.clone(),
        }
    }
}

fn times(b: &mut Builder, scalar: Option<Cell>, factor: Cell) -> Option<Cell> {
    Some(scalar.map_or(factor, |s| b.mul(s, factor)))
}

impl Terms {
    pub fn add(&mut self, other: Terms) {
        self.variable.extend(other.variable);
        self.fixed.extend(other.fixed);
    }

    /// Every term multiplied by `factor`.
    pub fn scaled(self, b: &mut Builder, factor: Cell) -> Terms {
        Terms {
            variable: self.variable.into_iter().map(|(s, p)| (times(b, s, factor), p)).collect(),
            fixed: self.fixed.into_iter().map(|(s, p)| (times(b, s, factor), p)).collect(),
        }
    }
}

/// Scalars of one point, to be added; `None` stands for 1.
struct Collected<P> {
    point: P,
    scalars: Vec<Option<Cell>>,
}

fn collect<P>(terms: Vec<(Option<Cell>, P)>, same: impl Fn(&P, &P) -> bool) -> Vec<Collected<P>> {
    let mut out: Vec<Collected<P>> = vec![];
    for (scalar, point) in terms {
        match out.iter_mut().find(|c| same(&c.point, &point)) {
            Some(c) => c.scalars.push(scalar),
            None => out.push(Collected { point, scalars: vec![scalar] }),
        }
    }
    out
}

fn total(b: &mut Builder, scalars: &[Option<Cell>]) -> Cell {
    let ones = scalars.iter().filter(|s| s.is_none()).count();
    let terms: Vec<(Fr, Cell)> = scalars.iter().flatten().map(|s| (Fr::one(), *s)).collect();
    match (&terms[..], ones) {
        ([(_, only)], 0) => *only,
        ([], n) => b.constant(Fr::from(n as u64)),
        (terms, n) => b.linear(terms, Fr::from(n as u64)),
    }
}

/// The sum, one term a point.
pub fn evaluate(b: &mut Builder, terms: Terms) -> Point {
    let variable = collect(terms.variable, Point::same_cells);
    let fixed = collect(terms.fixed.into_iter().filter(|(_, p)| *p != G1Affine::default()).collect(), |a, b| a == b);
    let mut list: Vec<(Cell, Point)> = vec![];
    for c in variable {
        list.push((total(b, &c.scalars), c.point));
    }
    for c in fixed {
        let scalar = total(b, &c.scalars);
        list.push((scalar, b.constant_point(c.point)));
    }
    b.msm(&list)
}
