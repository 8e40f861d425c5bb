//! Values at a point, from what accumulators end with: in the column once each.

use super::equations::{Equations, Source};
use super::program::Scalar;
use crate::claims::{after_point, matrix, Atom, Evaluation, Point, Term};
use crate::gadgets::algebra::{power_of_two, signed};
use crate::layout::weight_point;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

impl Equations<'_> {
    /// A committed value.
    pub(super) fn evaluation(&mut self, e: Evaluation) -> Result<Scalar, PotError> {
        if let Some(s) = self.known.get(&e) {
            return Ok(*s);
        }
        let s = match self.layout.matrix(e.value) {
            Some(_) => {
                let tensor = &self.graph.tensors()[e.value];
                let point = weight_point(tensor, &e);
                match self.before.iter().find(|(w, _)| *w == e.value && point == after_point(tensor)) {
                    Some((_, before)) => *before,
                    None => self.weights(e.value, point),
                }
            }
            None => self.of_rows(e)?,
        };
        self.known.insert(e, s);
        Ok(s)
    }

    /// A trained tensor after some of the steps.
    pub(super) fn moved(&mut self, e: Evaluation) -> Result<Scalar, PotError> {
        if let Some(s) = self.known.get(&e) {
            return Ok(*s);
        }
        let s = self.sum(&self.claims.moved[&e])?;
        self.known.insert(e, s);
        Ok(s)
    }

    pub(super) fn weights(&mut self, value: usize, wanted: [Point; 2]) -> Scalar {
        let layout = self.layout;
        let (group, m) = layout.matrix(value).expect("a tensor of weights");
        let class = &layout.weights[group].classes[m.class];
        let (i, point) = class.iter().enumerate().find(|(_, p)| layout.weights[group].points[**p] == wanted).expect("laid out for it");
        self.export(Source::Weights(group, *point), m.run.end(), i)
    }

    fn of_rows(&mut self, e: Evaluation) -> Result<Scalar, PotError> {
        let rows = self.stored(e);
        // At 1 the powers are no cells.
        let stored = match e.rows {
            Point::One => self.program.total(&rows)?,
            point => self.program.at(self.point(point), &rows)?,
        };
        let Some(offset) = self.offset(e)? else { return Ok(stored) };
        let times = match e.rows {
            Point::One => self.program.constant(Fr::from(rows.len() as u64))?,
            point => self.program.geometric(self.point(point), rows.len())?,
        };
        self.program.mul_add(stored, offset, times)
    }

    /// Each row of data or of a unit's output, its last axis at the point, as it is stored.
    fn stored(&mut self, e: Evaluation) -> Vec<Scalar> {
        let layout = self.layout;
        if let Some(rows) = self.exported(e.value, e.last) {
            return rows;
        }
        let rows = layout.data_rows(e.value).expect("data, where it is neither weights nor a unit's");
        let i = layout.data_points.iter().position(|p| *p == e.last).expect("laid out for it");
        rows.runs.iter().map(|r| self.export(Source::Data(i), r.end(), i)).collect()
    }

    /// What each stored row has to get added: data are stored with an offset.
    fn offset(&mut self, e: Evaluation) -> Result<Option<Scalar>, PotError> {
        let Some(t) = self.graph.tensors().get(e.value).filter(|t| t.offset != 0) else { return Ok(None) };
        if let Some(known) = self.offsets.get(&(e.value, e.last)) {
            return Ok(Some(*known));
        }
        let (_, width) = matrix(self.graph.facts(e.value));
        let less = self.program.constant(signed(-i128::from(t.offset)))?;
        let ones = self.program.geometric(self.point(e.last), width)?;
        let offset = self.program.mul(ones, less)?;
        self.offsets.insert((e.value, e.last), offset);
        Ok(Some(offset))
    }

    /// `sum_i a_i b_i` over the rows of two values.
    pub(super) fn product_of_rows(&mut self, sides: &[Vec<Term>; 2]) -> Result<Scalar, PotError> {
        let zero = self.program.constant(Fr::zero())?;
        for (alone, other) in [(1, 0), (0, 1)] {
            let [Term { atom: Atom::Committed(e), coefficient: 1, shift: 0, .. }] = sides[alone][..] else { continue };
            let Some(offset) = self.offset(e)? else { continue };
            // Over what is stored, and the offset times the sum of the other side's rows.
            let (stored, rows) = (self.stored(e), self.each_row(&sides[other])?);
            let sum = stored.into_iter().zip(&rows).try_fold(zero, |sum, (a, b)| self.program.mul_add(sum, a, *b))?;
            let summed: Vec<Term> = sides[other].iter().map(|t| Term { atom: Atom::Committed(over_rows(t)), ..t.clone() }).collect();
            let others = self.sum(&summed)?;
            return self.program.mul_add(sum, others, offset);
        }
        let [left, right] = [self.each_row(&sides[0])?, self.each_row(&sides[1])?];
        left.into_iter().zip(right).try_fold(zero, |sum, (a, b)| self.program.mul_add(sum, a, b))
    }

    /// A sum of committed values, row by row.
    fn each_row(&mut self, terms: &[Term]) -> Result<Vec<Scalar>, PotError> {
        let mut sums: Option<Vec<Scalar>> = None;
        for t in terms {
            let e = each(t);
            let (mut rows, one) = (self.stored(e), self.program.constant(Fr::one())?);
            if let Some(offset) = self.offset(e)? {
                rows = rows.into_iter().map(|r| self.program.mul_add(r, offset, one)).collect::<Result<_, _>>()?;
            }
            let factor = signed(t.coefficient.into()) * power_of_two(t.shift);
            sums = Some(match sums {
                None if factor == Fr::one() => rows,
                sums => {
                    let factor = self.program.constant(factor)?;
                    let zero = self.program.constant(Fr::zero())?;
                    let before = sums.unwrap_or_else(|| vec![zero; rows.len()]);
                    before.into_iter().zip(rows).map(|(sum, r)| self.program.mul_add(sum, r, factor)).collect::<Result<_, _>>()?
                }
            });
        }
        Ok(sums.expect("a form has an input"))
    }
}

fn each(t: &Term) -> Evaluation {
    let Atom::Committed(e) = t.atom else { unreachable!("rows of products are refused") };
    e
}

fn over_rows(t: &Term) -> Evaluation {
    Evaluation { rows: Point::One, ..each(t) }
}
