//! Random expressions over the columns that a gate may read.

use super::{below, one_of, Rng};
use rand_core::RngCore;

/// Constants in sums are below this one, where they are not any 64-bit number.
const SMALL_CONSTANT: usize = 5;
/// A linear expression has one to so many terms after its first.
const MORE_TERMS: usize = 5;

/// A column at a rotation.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    pub column: usize,
    pub rotation: i32,
}

#[derive(Clone, Debug)]
pub enum Expression {
    Constant(u64),
    Fixed(Query),
    Advice(Query),
    Instance(Query),
    Challenge(usize),
    Negated(Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    Product(Box<Expression>, Box<Expression>),
    Scaled(Box<Expression>, u64),
}

impl Expression {
    fn plus(self, other: Self) -> Self {
        Self::Sum(Box::new(self), Box::new(other))
    }

    fn times(self, other: Self) -> Self {
        Self::Product(Box::new(self), Box::new(other))
    }

    fn negated(self) -> Self {
        Self::Negated(Box::new(self))
    }
}

/// What a gate's expression may read: columns and challenges that are known in its phase.
pub(super) struct Readable {
    pub columns: Vec<usize>,
    /// Those of the columns that may be read at other rows than the gate's.
    pub rotated: Vec<usize>,
    pub challenges: Vec<usize>,
    pub fixed_columns: usize,
    pub instance_columns: usize,
}

impl Readable {
    /// Columns times scalars, summed, and at times multiplied as a whole (Horner's rule): what the patched prover
    /// combines as values before it transforms them.
    pub fn linear(&self, rng: &mut Rng) -> Expression {
        let mut sum = if below(rng, 2) == 0 { self.scalar(rng) } else { self.cell(rng) };
        for _ in 0..1 + below(rng, MORE_TERMS) {
            sum = sum.plus(self.term(rng));
            if below(rng, 4) == 0 {
                sum = sum.times(self.scalar(rng));
            }
        }
        sum
    }

    /// Any expression of at most this degree in the columns.
    pub fn polynomial(&self, rng: &mut Rng, degree: usize) -> Expression {
        match below(rng, 9) {
            0 => Expression::Fixed(near(rng, self.fixed_columns)),
            1 if self.instance_columns > 0 => Expression::Instance(near(rng, self.instance_columns)),
            2 if !self.rotated.is_empty() => {
                let column = one_of(rng, &self.rotated);
                Expression::Advice(Query { column, rotation: rotation(rng, 3) })
            }
            3 | 4 if degree > 1 => {
                let left = 1 + below(rng, degree - 1);
                let factor = self.polynomial(rng, left);
                factor.times(self.polynomial(rng, degree - left))
            }
            5 => self.polynomial(rng, degree).negated(),
            6 => {
                let first = self.polynomial(rng, degree);
                first.plus(self.linear(rng))
            }
            _ => self.linear(rng),
        }
    }

    fn cell(&self, rng: &mut Rng) -> Expression {
        Expression::Advice(Query { column: one_of(rng, &self.columns), rotation: 0 })
    }

    fn term(&self, rng: &mut Rng) -> Expression {
        let cell = self.cell(rng);
        match below(rng, 5) {
            0 => cell,
            1 => cell.times(self.scalar(rng)),
            2 => self.scalar(rng).times(cell),
            3 => cell.negated(),
            _ => Expression::Scaled(Box::new(cell), rng.next_u64()),
        }
    }

    /// A constant, a challenge, or a challenge's square plus a constant.
    fn scalar(&self, rng: &mut Rng) -> Expression {
        match below(rng, 4) {
            0 => Expression::Constant(rng.next_u64()),
            1 | 2 if !self.challenges.is_empty() => Expression::Challenge(one_of(rng, &self.challenges)),
            _ => {
                let constant = Expression::Constant(below(rng, SMALL_CONSTANT) as u64);
                if self.challenges.is_empty() {
                    return constant;
                }
                let challenge = Expression::Challenge(one_of(rng, &self.challenges));
                challenge.clone().times(challenge).plus(constant)
            }
        }
    }
}

/// One of so many columns, in this row or next to it.
fn near(rng: &mut Rng, columns: usize) -> Query {
    let column = below(rng, columns);
    Query { column, rotation: rotation(rng, 1) }
}

/// From `-reach` to `reach`.
pub(super) fn rotation(rng: &mut Rng, reach: i32) -> i32 {
    below(rng, 2 * reach as usize + 1) as i32 - reach
}
